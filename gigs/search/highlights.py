"""Say why a gig was found: its texts in parts, those that were looked for marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gigs.search.matching import Term
from gigs.search.words import found_as, pieces
from jsontext import JsonObject

# So much of a description is shown around the first word that was found in it.
BEFORE, AFTER = 60, 140

Span = tuple[int, int]


def highlights(terms: Sequence[Term], texts: dict[str, str], skills: Iterable[str], description: str) -> JsonObject:
    """Return those of a gig's texts in which something was found, in parts.

    The description only where the others do not have all the words, and of it an excerpt.
    """
    marked: JsonObject = {}
    seen: set[str] = set()
    for name, text in texts.items():
        if spans := _found_in(text, terms, seen):
            marked[name] = [*_parts(text, spans)]
    if with_words := [skill for skill in skills if _found_in(skill, terms, seen)]:
        marked["skills"] = with_words
    missing = [term for term in terms if term.typed not in seen]
    if missing and (spans := _found_in(description, missing, seen)):
        marked["excerpt"] = _excerpt(description, _found_in(description, terms, seen), around=spans[0])
    return marked


def _found_in(text: str, terms: Sequence[Term], seen: set[str]) -> list[Span]:
    """Return where words stand that are looked for, and add to `seen` which ones."""
    spans = []
    for begin, end in pieces(text):
        words = found_as(text[begin:end])
        if here := [term.typed for term in terms if term.finds(words)]:
            seen.update(here)
            spans.append((begin, end))
    return spans


def _parts(text: str, spans: Iterable[Span]) -> Iterator[JsonObject]:
    place = 0
    for begin, end in spans:
        if place < begin:
            yield {"text": text[place:begin], "marked": False}
        yield {"text": text[begin:end], "marked": True}
        place = end
    if place < len(text):
        yield {"text": text[place:], "marked": False}


def _excerpt(text: str, spans: Sequence[Span], *, around: Span) -> list[JsonObject]:
    """Cut a stretch out of a text, at blanks where there are any."""
    first, last = max(around[0] - BEFORE, 0), min(around[1] + AFTER, len(text))
    if first:
        first = max(text.find(" ", first, around[0]) + 1, first)
    if last < len(text):
        blank = text.rfind(" ", around[1], last)
        last = blank if blank > 0 else last
    inside = [(begin - first, end - first) for begin, end in spans if first <= begin and end <= last]
    parts = [*_parts(text[first:last], inside)]
    parts = [{"text": "… ", "marked": False}, *parts] if first else parts
    return [*parts, {"text": " …", "marked": False}] if last < len(text) else parts

"""Find the gigs that have the words of a search, and say how well they fit.

Which gigs have them, the index of each database says. How well they fit is the same sum on both: for each word the most
important place in which it stands. A whole number, which depends on nothing but the gig and the question, so that a
cursor can hold it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, case, cast, column, func, literal, or_, select, table
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import InstrumentedAttribute

from gigs.search.models import GigDocument

# What a word counts that stands in a place as a whole, and as the beginning of another one.
PLACES = ((GigDocument.title, 100, 80), (GigDocument.named, 60, 45), (GigDocument.summary, 30, 20))
# What it counts in the description.
ELSEWHERE = 10
# What a title counts more in which all words follow each other as they were typed.
TOGETHER = 40
# And one that consists of nothing else.
NOTHING_ELSE = 30

_WORDS = table("gig_words", column("rowid"), column("gig_words"))
_PLACE_OF = {"sqlite": func.instr, "postgresql": func.strpos}


@dataclass(frozen=True, slots=True)
class Term:
    """A typed word, and what is looked for: any of the `whole` words, or a beginning."""

    typed: str
    whole: tuple[str, ...]
    beginning: str | None

    def finds(self, words: Iterable[str]) -> bool:
        """Tell whether one of these words is looked for."""
        return any(word in self.whole or (self.beginning and word.startswith(self.beginning)) for word in words)


def matches(terms: Sequence[Term], dialect: str) -> ColumnElement[bool]:
    """Return the condition that a document has all these terms."""
    if dialect == "postgresql":
        asked = " & ".join(_any_of(term, "'{}'", "'{}':*", " | ") for term in terms)
        return GigDocument.words.op("@@")(cast(literal(asked), TSQUERY))
    asked = " AND ".join(_any_of(term, '"{}"', '"{}"*', " OR ") for term in terms)
    found = select(_WORDS.c.rowid).where(_WORDS.c.gig_words.op("MATCH")(asked))
    return GigDocument.gig_id.in_(found)


def has_word(word: ColumnElement[str] | InstrumentedAttribute[str], dialect: str) -> ColumnElement[bool]:
    """Return the condition that a document has a word, which another table names."""
    # Words have letters, digits, + and # alone, so that none of them can end its quotation.
    if dialect == "postgresql":
        return GigDocument.words.op("@@")(cast(literal("'").concat(word).concat("'"), TSQUERY))
    asked = literal('"').concat(word).concat('"')
    found = select(_WORDS.c.rowid).where(_WORDS.c.gig_words.op("MATCH")(asked))
    return GigDocument.gig_id.in_(found.correlate_except(_WORDS))


def score(required: Sequence[Term], wished: Sequence[Term], in_order: str, dialect: str) -> ColumnElement[Any]:
    """Return how well a document fits that has all required terms."""
    place_of = _PLACE_OF[dialect]

    def has(place: Any, text: str) -> ColumnElement[bool]:
        return place_of(place, text) > 0

    def counts(term: Term, share: int, elsewhere: int) -> ColumnElement[Any]:
        ways = []
        for place, whole, beginning in PLACES:
            ways.append((or_(*(has(place, f" {word} ") for word in term.whole)), whole // share))
            if term.beginning:
                ways.append((has(place, f" {term.beginning}"), beginning // share))
        return case(*ways, else_=elsewhere)

    points = [counts(term, 1, ELSEWHERE) for term in required] + [counts(term, 4, 0) for term in wished]
    points.append(case((has(GigDocument.title, f" {in_order}"), TOGETHER), else_=0))
    points.append(case((place_of(GigDocument.title, f" {in_order} |") == 1, NOTHING_ELSE), else_=0))
    return cast(sum(points[1:], points[0]), BigInteger)


def _any_of(term: Term, whole: str, beginning: str, joiner: str) -> str:
    # Words have letters, digits, + and # alone, so that none of them can end its quotation.
    ways = [whole.format(word) for word in term.whole]
    if term.beginning:
        ways.append(beginning.format(term.beginning))
    return f"({joiner.join(ways)})"

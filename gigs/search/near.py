"""Say what would be found instead where a search finds nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, literal, or_, select, union_all

import tags
from caching import cache
from gigs.search.filters import GigsQuery, asked_with
from gigs.search.matching import Term, has_word, matches
from gigs.search.models import SearchWord
from gigs.search.queries import number_of_gigs
from gigs.search.terms import END, is_listed
from gigs.search.words import forms_of
from jsontext import JsonObject

# So many words are shown for each one that no gig has.
MOST_SHOWN = 3
# So many resembling ones are looked up among the gigs, of so many with the same beginning or end.
MOST_ALIKE, MOST_READ = 8, 2_000
# Of a word and another one so much is the same at least: "xylofon" and "xylophone" have 0.75.
SIMILARITY = 0.7
# Letters at the beginning or at the end that have to be the same.
SAME = 2


# Invalidated by: a published gig's changes, publishing, pausing, archiving; its teacher's name, role, leaving.
@cache.stamped("gigs", ttl=300, tag=tags.public_gigs)
def words_alike(connection: Connection, words: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the words that no gig of the public list has, each with the likeliest that one has."""
    dialect = connection.dialect.name
    unknown = _unknown(connection, words)
    if not unknown:
        return {}
    looks = [_resembling(word) for word in unknown]
    read = defaultdict(list)
    for typed, word in connection.execute(union_all(*looks)):
        read[typed].append(word)
    alike = {word: get_close_matches(word, read[word], n=MOST_ALIKE, cutoff=SIMILARITY) for word in unknown}
    candidates = SearchWord.word.in_(sorted({word for words in alike.values() for word in words}))
    # A word of drafts alone is named to no one.
    listed = is_listed(has_word(SearchWord.word, dialect))
    named = set(connection.scalars(select(SearchWord.word).where(candidates, listed)))
    return {word: [near for near in alike[word] if near in named][:MOST_SHOWN] for word in unknown}


def what_else(query: GigsQuery | None, page: JsonObject) -> JsonObject:
    """Say what would be found instead, where a search finds nothing."""
    # An empty page that is not the first one, or that leads on, says nothing about the search.
    if query is None or query.after or page["data"] or page["next_cursor"]:
        return {"ways_out": {}, "words": []}
    return {"ways_out": _ways_out(query), "words": _word_by_word(query)}


def _word_by_word(query: GigsQuery) -> list[JsonObject]:
    """Count what each word of a search would find by itself, beside the same filters.

    A word that no gig has at all comes with those that are `near` it, others have None there.
    """
    words = query.asked.words if query.asked else ()
    reads = [number_of_gigs.at(_with(query, word)) for word in words]
    looked_up = cache.look_up(words_alike.at(words), *reads) if words else []
    answers = [each.answer().json() for each in looked_up]
    alike = answers[0] if answers else {}
    return [
        {"word": word, "count": answer["count"], "near": None if answer["count"] else alike.get(word)}
        for word, answer in zip(words, answers[1:], strict=True)
    ]


def _ways_out(query: GigsQuery) -> dict[str, int]:
    """Count what would be found without each of the filters that are given, where that is anything."""
    single = ("category", "skill", "min_rating", "teacher_id", "hours")
    without: dict[str, dict[str, Any]] = {name: {name: None} for name in single if getattr(query, name) is not None}
    if query.min_hourly is not None or query.max_hourly is not None:
        without["min_hourly"] = dict.fromkeys(("currency", "min_hourly", "max_hourly"))
    if query.asked:
        without["q"] = {"asked": None}
    if query.free_at:
        # Every other way might lead to gigs that are not free then.
        without = {"free_at": {}}
    query = replace(query, after=None, sort="newest", free_at=None)
    reads = [number_of_gigs.at(replace(query, **changes)) for changes in without.values()]
    counts = [read.answer().json()["count"] for read in cache.look_up(*reads)]
    return {name: count for name, count in zip(without, counts, strict=True) if count}


def _with(query: GigsQuery, word: str) -> GigsQuery:
    return replace(query, asked=asked_with(word), after=None, sort="newest", free_at=None)


def _unknown(connection: Connection, words: Collection[str]) -> list[str]:
    """Return the words under which no gig of the public list is found, as they are."""
    dialect = connection.dialect.name
    terms = [Term(word, (word, *forms_of(word)), None) for word in words]
    looks = [select(literal(term.typed)).where(~is_listed(matches([term], dialect))) for term in terms]
    return [*connection.scalars(union_all(*looks))]


def _resembling(word: str) -> Select[Any]:
    near = select(SearchWord.word).where(_begins_or_ends_as(word)).limit(MOST_READ).subquery()
    return select(literal(word), near.c.word)


def _begins_or_ends_as(word: str) -> ColumnElement[bool]:
    halves = ((SearchWord.word, word[:SAME]), (SearchWord.backwards, word[: -SAME - 1 : -1]))
    return or_(*(and_(column >= half, column < half + END) for column, half in halves))

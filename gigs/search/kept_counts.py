"""Read counts that are kept (`counts.py`) instead of counting gigs.

They are there for the whole list and for one chosen filter. A search with words, hours or a teacher, and what is left
beside two filters have to be counted. Of prices that are no whole bands, the whole ones within are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, cast, func, select

from gigs.search.bands import divided, whole
from gigs.search.counting import Sums, row
from gigs.search.counts import TOTAL
from gigs.search.filters import FACETS, GigsQuery, narrowing
from gigs.search.models import FacetCount
from jsontext import JsonObject

# What is counted, by which of its rows: those beside one chosen value, or all.
Kept = dict[str, ColumnElement[bool]]

_number = cast(func.coalesce(func.sum(FacetCount.number), 0), BigInteger)
_there = func.sum(FacetCount.number) > 0


def kept_for(query: GigsQuery) -> Kept:
    """Name what of a search's counts is kept, and where it stands.

    For some, `beside_prices` says, only that of whole bands is.
    """
    if query.asked is not None or query.teacher_id is not None or query.hours is not None:
        return {}
    given = set(narrowing(query))
    found = {counted: _beside(query, given - {counted}) for counted in (TOTAL, *FACETS)}
    return {counted: where for counted, where in found.items() if where is not None}


def beside_prices(query: GigsQuery, kept: Kept) -> list[str]:
    """Name those kept counts that lack the gigs in bands which a filter divides."""
    if not divided(query.min_hourly, query.max_hourly):
        return []
    return [counted for counted in kept if counted != "price"]


def count_of(kept: ColumnElement[bool]) -> Select[Any]:
    """Select how many gigs there are."""
    return select(_number).where(kept, FacetCount.facet == TOTAL)


def most_of(connection: Connection, facet: str, most: int) -> list[JsonObject]:
    """Return the values of a facet that most gigs of the whole list have, with their numbers."""
    sums = Sums()
    for _, key, label, number in connection.execute(kept_rows(facet, _WHOLE, most)):
        sums.add(facet, key, label, number)
    return [{"value": value, "count": count} for value, count in sums.most(facet)]


def kept_rows(counted: str, kept: ColumnElement[bool], most: int | None) -> Select[Any]:
    """Select one facet's values with their numbers, as `counting.py` does."""
    written = select(FacetCount.value, FacetCount.label, _number.label("number"))
    written = written.where(kept, FacetCount.facet == counted)
    each = written.group_by(FacetCount.value, FacetCount.label).having(_there).subquery()
    number = func.sum(each.c.number)
    rows = select(*row(counted, each.c.value, func.min(each.c.label), number)).group_by(each.c.value)
    if most is None:
        return rows
    largest = rows.order_by(number.desc(), each.c.value).limit(most).subquery()
    return select(largest)


_WHOLE = and_(FacetCount.chosen == "", FacetCount.chosen_value == "")


def _beside(query: GigsQuery, others: set[str]) -> ColumnElement[bool] | None:
    """Return where the counts beside these filters stand, None where they are not kept."""
    if len(others) > 1:
        return None
    chosen = next(iter(others), "")
    value = _CHOSEN[chosen](query)
    return None if value is None else and_(FacetCount.chosen == chosen, value)


def _bands(query: GigsQuery) -> ColumnElement[bool] | None:
    """Return the condition for the whole bands of the prices, None where prices of a lesson are asked for."""
    if query.min_price is not None or query.max_price is not None:
        return None
    low, end = whole(query.min_hourly, query.max_hourly)
    inside = [FacetCount.chosen_value >= f"{low:010}"]
    if end is not None:
        inside.append(FacetCount.chosen_value < f"{end:010}")
    if query.currency is not None:
        inside.append(func.substr(FacetCount.chosen_value, 12) == query.currency)
    return and_(*inside)


_CHOSEN: dict[str, Callable[[GigsQuery], ColumnElement[bool] | None]] = {
    "": lambda _: _WHOLE,
    "category": lambda query: FacetCount.chosen_value == query.category,
    "skill": lambda query: FacetCount.chosen_value == query.skill,
    "price": _bands,
    "rating": lambda query: FacetCount.chosen_value >= str(query.min_rating),
}

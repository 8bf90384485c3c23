"""Read counts that are kept (`counts.py`) instead of counting gigs.

They are there for the whole list and for one chosen filter. A search with words, hours or a teacher, prices that are no
bands, and what is left beside two filters have to be counted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, cast, func, literal, null, select

from gigs.search.bands import PRICE_EDGES
from gigs.search.counts import TOTAL
from gigs.search.filters import FACETS, GigsQuery, narrowing
from gigs.search.models import FacetCount
from jsontext import JsonObject

# What is counted, by which of its rows: those beside one chosen value, or all.
Kept = dict[str, ColumnElement[bool]]

_number = cast(func.coalesce(func.sum(FacetCount.number), 0), BigInteger)
_there = func.sum(FacetCount.number) > 0


def kept_for(query: GigsQuery) -> Kept:
    """Name what of a search's counts is kept, and where it stands."""
    if query.asked is not None or query.teacher_id is not None or query.hours is not None:
        return {}
    given = set(narrowing(query))
    found = {counted: _beside(query, given - {counted}) for counted in (TOTAL, *FACETS)}
    return {counted: where for counted, where in found.items() if where is not None}


def count_of(kept: ColumnElement[bool]) -> Select[Any]:
    """Select how many gigs there are."""
    return select(_number).where(kept, FacetCount.facet == TOTAL)


def most_of(connection: Connection, facet: str, most: int) -> list[JsonObject]:
    """Return the values of a facet that most gigs of the whole list have, with their numbers."""
    rows = connection.execute(kept_rows(facet, _WHOLE, most))
    return sorted(
        ({"value": row.label, "count": row.number} for row in rows),
        key=lambda row: (-row["count"], row["value"].casefold()),
    )


def kept_rows(counted: str, kept: ColumnElement[bool], most: int | None) -> Select[Any]:
    """Select one facet's values with their numbers, as `facets.py` selects those that it counts."""
    here = (kept, FacetCount.facet == counted)
    if counted == TOTAL:
        return _row(TOTAL, null(), literal(""), _number).where(*here)
    if counted == "rating":
        # By whole stars; who reads them adds up those with as many or more.
        stars = _row("stars", cast(FacetCount.value, BigInteger), literal(""), _number).where(*here)
        return stars.group_by(FacetCount.value)
    if counted == "price":
        low, currency = func.substr(FacetCount.value, 1, 10), func.substr(FacetCount.value, 12)
        bands = _row("price", cast(low, BigInteger), currency, _number).where(*here)
        return bands.group_by(FacetCount.value).having(_there)
    written = select(FacetCount.value, FacetCount.label, _number.label("number")).where(*here)
    each = written.group_by(FacetCount.value, FacetCount.label).having(_there).subquery()
    number = func.sum(each.c.number)
    largest = select(func.min(each.c.label).label("label"), number.label("number")).group_by(each.c.value)
    rows = largest.order_by(number.desc(), each.c.value).limit(most).subquery()
    return _row(counted, null(), rows.c.label, rows.c.number)


_WHOLE = and_(FacetCount.chosen == "", FacetCount.chosen_value == "")


def _row(kind: str, value: Any, label: Any, number: Any) -> Select[Any]:
    return select(
        literal(kind).label("kind"),
        cast(value, BigInteger).label("value"),
        label.label("label"),
        cast(number, BigInteger).label("number"),
    )


def _beside(query: GigsQuery, others: set[str]) -> ColumnElement[bool] | None:
    """Return where the counts beside these filters stand, None where they are not kept."""
    if len(others) > 1:
        return None
    chosen = next(iter(others), "")
    value = _CHOSEN[chosen](query)
    return None if value is None else and_(FacetCount.chosen == chosen, value)


def _bands(query: GigsQuery) -> ColumnElement[bool] | None:
    """Return the condition for prices from the beginning of a band to the end of one."""
    low, end = query.min_hourly or 0, None if query.max_hourly is None else query.max_hourly + 1
    if query.min_price is not None or query.max_price is not None or not {low, end or 0} <= {*PRICE_EDGES}:
        return None
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

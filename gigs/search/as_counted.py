"""What gigs are narrowed to, in the words of `counted_gigs`: subject, skill, band of prices and stars."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, true

from gigs.models import GigSkill
from gigs.search.bands import band_of
from gigs.search.filters import GigsQuery
from gigs.search.models import CountedGig


def priced_in_subject(query: GigsQuery) -> Select[int]:
    """Select the gigs of a subject in the bands of the prices that are asked for."""
    return select(CountedGig.gig_id).where(AS_COUNTED["category"](query), AS_COUNTED["price"](query))


def _skilled(query: GigsQuery) -> ColumnElement[bool]:
    return CountedGig.gig_id.in_(select(GigSkill.gig_id).where(GigSkill.skill_key == query.skill))


def in_band(low: int) -> ColumnElement[bool]:
    """Return the condition for prices in the band that begins there."""
    return and_(CountedGig.price >= f"{low:010}", CountedGig.price < f"{band_of(low)[1] + 1:010}")


def _priced(query: GigsQuery) -> ColumnElement[bool]:
    """Return the condition for the bands in which there are prices that are asked for."""
    conditions: list[Any] = [true()]
    if query.min_hourly is not None:
        conditions.append(CountedGig.price >= f"{band_of(query.min_hourly)[0]:010}")
    if query.max_hourly is not None:
        conditions.append(CountedGig.price < f"{band_of(query.max_hourly)[1] + 1:010}")
    if query.currency is not None:
        conditions.append(func.substr(CountedGig.price, 12) == query.currency)
    return and_(*conditions)


# The condition of each facet's filters; of prices only the bands.
AS_COUNTED: dict[str, Callable[[GigsQuery], ColumnElement[bool]]] = {
    "category": lambda query: CountedGig.category_key == query.category,
    "skill": _skilled,
    "price": _priced,
    "rating": lambda query: CountedGig.stars >= query.min_rating,
}

"""What gigs are narrowed to, in the words of `listed_gigs`: subject, skill, prices and stars."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, true

from gigs.models import GigSkill
from gigs.search.bands import band_of
from gigs.search.filters import GigsQuery, needs_price
from gigs.search.models import ListedGig


def priced_in_subject(query: GigsQuery) -> Select[int]:
    """Select the gigs of a subject in the bands of the prices that are asked for."""
    return select(ListedGig.gig_id).where(AS_COUNTED["category"](query), AS_COUNTED["price"](query))


def _skilled(query: GigsQuery) -> ColumnElement[bool]:
    return ListedGig.gig_id.in_(select(GigSkill.gig_id).where(GigSkill.skill_key == query.skill))


def in_band(low: int) -> ColumnElement[bool]:
    """Return the condition for prices in the band that begins there."""
    return and_(ListedGig.price >= f"{low:010}", ListedGig.price < f"{band_of(low)[1] + 1:010}")


def exactly(facet: str, query: GigsQuery) -> ColumnElement[bool]:
    """Return the condition of a facet's filters, where prices are no whole bands that of the price itself."""
    counted = AS_COUNTED[facet](query)
    if facet != "price" or not needs_price(query):
        return counted
    given = [bound(getattr(query, name)) for name, bound in _BOUNDS.items() if getattr(query, name) is not None]
    return and_(counted, *given)


def _priced(query: GigsQuery) -> ColumnElement[bool]:
    """Return the condition for the bands in which there are prices that are asked for."""
    conditions: list[Any] = [true()]
    if query.min_hourly is not None:
        conditions.append(ListedGig.price >= f"{band_of(query.min_hourly)[0]:010}")
    if query.max_hourly is not None:
        conditions.append(ListedGig.price < f"{band_of(query.max_hourly)[1] + 1:010}")
    if query.currency is not None:
        conditions.append(func.substr(ListedGig.price, 12) == query.currency)
    return and_(*conditions)


# The condition of each facet's filters; of prices only the bands.
AS_COUNTED: dict[str, Callable[[GigsQuery], ColumnElement[bool]]] = {
    "category": lambda query: ListedGig.category_key == query.category,
    "skill": _skilled,
    "price": _priced,
    "rating": lambda query: ListedGig.stars >= query.min_rating,
}
# What a price is compared with that is no band's.
_BOUNDS: dict[str, Callable[[int], ColumnElement[bool]]] = {
    "min_price": lambda cents: ListedGig.price_cents >= cents,
    "max_price": lambda cents: ListedGig.price_cents <= cents,
    "min_hourly": lambda cents: ListedGig.hourly_cents >= cents,
    "max_hourly": lambda cents: ListedGig.hourly_cents <= cents,
}

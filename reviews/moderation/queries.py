"""All reviews, for those who look after them.

They are few readers, who want to see each change at once, so nothing of it is cached.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from database import reading
from jsontext import JsonObject
from reviews.models import Review
from reviews.queries import SHOWN, narrowed_page, select_reviews
from web.pagination import Position


class Which(StrEnum):
    """Which reviews of the whole school."""

    ALL = "all"
    LOW = "low"
    HIDDEN = "hidden"


# With so many stars or fewer, a review is worth a look.
LOW = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AllReviewsQuery:
    """What the list of all reviews is narrowed to."""

    filter: Which = Which.ALL
    teacher_id: int | None = None
    limit: int
    after: Position | None = None


def all_reviews(query: AllReviewsQuery) -> JsonObject:
    """List the reviews of the school, newest first, under full names."""
    found = select_reviews()
    if query.filter is Which.HIDDEN:
        found = found.where(~SHOWN)
    if query.filter is Which.LOW:
        found = found.where(SHOWN, Review.rating <= LOW)
    if query.teacher_id:
        found = found.where(Review.teacher_id == query.teacher_id)
    with reading() as connection:
        return narrowed_page(connection, found, limit=query.limit, after=query.after, shown_name=str)

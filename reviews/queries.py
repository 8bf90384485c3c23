"""Reads of reviews.

Every cached one names its family, its life time and the tag that makes it old.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, Select, literal, select, tuple_
from sqlalchemy.orm import Session

import tags
from accounts.dependents import name_dependents
from accounts.models import Role, User
from accounts.names import short_name
from bookings.models import Booking
from caching import Tag, cache, invalidation_check
from database import Instant, alias_of, reading
from errors import NotFound
from jsontext import JsonObject
from reviews.models import Review
from web.pagination import Position, from_microseconds, microseconds, page

RECENT = timedelta(days=30)

Reviewer, Reviewed = alias_of(User), alias_of(User)

# What the public sees, and what counts.
SHOWN = Review.hidden_at.is_(None)

invalidation_check.watch(Review, {tags.teacher_reviews: ("teacher_id",), tags.student_reviews: ("student_id",)})


class Filter(StrEnum):
    """Which reviews of a teacher."""

    ALL = "all"
    RECENT = "recent"
    UNREAD = "unread"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewsQuery:
    """What a list can be narrowed to.

    `since`, `unread` and `hidden` are for lists of a teacher's reviews. A list has no hidden ones, or only those.
    """

    since: datetime | None = None
    unread: bool = False
    hidden: bool = False
    limit: int
    after: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilteredReviews:
    """Which reviews a teacher's list is asked for."""

    filter: Filter
    limit: int
    after: Position | None

    def query(self, since: datetime | None = None) -> ReviewsQuery:
        """Narrow a list to these reviews, the recent ones being those `since` then."""
        wants = {"unread": self.filter == Filter.UNREAD, "hidden": self.filter == Filter.HIDDEN}
        return ReviewsQuery(since=since, limit=self.limit, after=self.after, **wants)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachersReviews(FilteredReviews):
    """The same, and of which teacher."""

    user_id: int


def recent_since(now: datetime) -> datetime:
    """Return where the recent reviews begin."""
    # It is a whole hour, so that one answer can be used for an hour.
    return (now - RECENT).replace(minute=0, second=0, microsecond=0)


# Invalidated by: a new review, a reply, marking as read, hiding; the names of teacher and reviewers; the teacher's
# leaving or role.
@cache.stamped("reviews", ttl=1800, tag=tags.teacher_reviews, by="teacher_id", shape=2)
def reviews_of(connection: Connection, teacher_id: int, query: ReviewsQuery) -> JsonObject | None:
    """List a teacher's reviews, newest first.

    None if there is no such teacher (any more).
    """
    teacher = select(User.id).where(User.id == teacher_id, User.active, User.role == Role.TEACHER)
    if connection.execute(teacher).scalar() is None:
        return None
    hidden = Review.hidden_at.is_not(None) if query.hidden else SHOWN
    found = select_reviews().where(Review.teacher_id == teacher_id, hidden)
    if query.since:
        found = found.where(Review.created_at >= query.since)
    if query.unread:
        found = found.where(Review.read_at.is_(None))
    return narrowed_page(connection, found, limit=query.limit, after=query.after, shown_name=short_name)


# Invalidated by: a new review, a reply, hiding; the names of the student and the teachers.
@cache.stamped("reviews", ttl=1800, tag=tags.student_reviews, by="student_id", shape=2)
def reviews_by(connection: Connection, student_id: int, query: ReviewsQuery) -> JsonObject | None:
    """List a student's reviews, newest first, under their full name.

    None if there is no such person.
    """
    if connection.execute(select(User.id).where(User.id == student_id)).scalar() is None:
        return None
    found = select_reviews().where(Review.student_id == student_id)
    return narrowed_page(connection, found, limit=query.limit, after=query.after, shown_name=str)


def review_of_booking(booking_id: int) -> JsonObject | None:
    """Show the review of a lesson to its student, None if there is none.

    Not cached.
    """
    return _one(Review.booking_id == booking_id, str)


def review_of_lessons(lesson: JsonObject) -> JsonObject | None:
    """Show the review of a lesson to its people, or one of the same student's others in its gig.

    It is not cached. Of several others it is the newest.
    """
    of_gig = (
        select_reviews().join(Booking, Booking.id == Review.booking_id).where(Booking.gig_id == lesson["gig"]["id"])
    )
    of_this_one_first = ((Review.booking_id == lesson["id"]).desc(), Review.created_at.desc(), Review.id.desc())
    with reading() as connection:
        found = of_gig.where(Review.student_id == lesson["student"]["id"]).order_by(*of_this_one_first).limit(1)
        row = connection.execute(found).one_or_none()
    return _show(row, str) if row else None


def review(review_id: int) -> JsonObject:
    """Show a review to its people, under the names that are public.

    It is not cached. Raises NotFound.
    """
    found = _one(Review.id == review_id, short_name)
    if found is None:
        raise NotFound
    return found


@name_dependents.add
def _shows_person(session: Session, user_id: int) -> Iterable[Tag]:
    """Name the lists that show a person's name.

    These are their own lists, and those of the people whom they reviewed or who reviewed them.
    """
    reviewed = session.scalars(select(Review.teacher_id).where(Review.student_id == user_id).distinct())
    reviewers = session.scalars(select(Review.student_id).where(Review.teacher_id == user_id).distinct())
    return [
        *map(tags.teacher_reviews, {user_id, *reviewed}),
        *map(tags.student_reviews, {user_id, *reviewers}),
    ]


def select_reviews() -> Select[Any]:
    """Begin a query of reviews with what is shown of them."""
    columns: list[Any] = [Review.id, Review.booking_id, Review.rating, Review.comment, Review.reply, Review.created_at]
    columns += [Review.hidden_at, Review.hidden_reason]
    columns += [Review.student_id, Reviewer.name.label("student"), Review.teacher_id, Reviewed.name.label("teacher")]
    statement = select(*columns).join(Reviewer, Reviewer.id == Review.student_id)
    return statement.join(Reviewed, Reviewed.id == Review.teacher_id)


def narrowed_page(
    connection: Connection,
    found: Select[Any],
    *,
    limit: int,
    after: Position | None,
    shown_name: Callable[[str], str],
) -> JsonObject:
    """Read a page of reviews, newest first."""
    if after:
        created, review_id = after
        edge = tuple_(literal(from_microseconds(created), Instant), literal(review_id, BigInteger))
        found = found.where(tuple_(Review.created_at, Review.id) < edge)
    newest = (Review.created_at.desc(), Review.id.desc())
    return page(
        connection.execute(found.order_by(*newest).limit(limit + 1)).all(),
        limit=limit,
        order="newest",
        position=lambda row: (microseconds(row.created_at), row.id),
        show=lambda row: _show(row, shown_name),
    )


def _one(condition: ColumnElement[bool], shown_name: Callable[[str], str]) -> JsonObject | None:
    with reading() as connection:
        row = connection.execute(select_reviews().where(condition)).one_or_none()
    return _show(row, shown_name) if row else None


def _show(row: Row[Any], shown_name: Callable[[str], str]) -> JsonObject:
    return {
        "id": row.id,
        "booking_id": row.booking_id,
        "rating": row.rating,
        "comment": row.comment,
        "reply": row.reply,
        "reviewer": {"id": row.student_id, "name": shown_name(row.student)},
        "reviewed": {"id": row.teacher_id, "name": row.teacher},
        "created_at": row.created_at,
        **({"hidden": True, "hidden_reason": row.hidden_reason} if row.hidden_at else {}),
    }

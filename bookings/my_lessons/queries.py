"""A person's bookings at a glance: counts, open requests, the next lesson."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

import tags
from accounts.models import Role
from bookings.models import LONGEST_LESSON, Booking
from bookings.queries import RECORD_COLUMNS, own_side, select_bookings, show_booking
from bookings.records import BookingRecord
from bookings.rules.cancellation import about_request
from bookings.statuses import ACTIVE, BookingStatus
from caching import cache
from jsontext import JsonObject

# Whoever has more to answer sees the others once these are done.
REQUESTS_SHOWN = 20


# Invalidated by: every change of one of the person's bookings.
@cache.stamped("user-stats", ttl=900, tag=tags.user_bookings, by="user_id")
def booking_counts(connection: Connection, user_id: int, role: str) -> JsonObject:
    """Count a person's bookings by status, and those which wait for their answer."""
    groups = (Booking.status, Booking.requested_by)
    statement = select(*groups, func.count()).where(own_side(role) == user_id).group_by(*groups)
    statuses = dict.fromkeys(map(str, BookingStatus), 0)
    waiting = 0
    for status, requested_by, number in connection.execute(statement):
        statuses[status] += number
        waiting += number if status == BookingStatus.PENDING and requested_by != role else 0
    return {"statuses": statuses, "waiting": waiting}


# Invalidated by: the same as the lists.
@cache.stamped("bookings", tag=tags.user_bookings, by="user_id", shape=2)
def requests_to(connection: Connection, user_id: int, role: str) -> JsonObject:
    """List the pending bookings that wait for this person's answer, the earliest lesson first.

    `about` has all of them. Lists do not say who asked for a lesson, at which terms, or what a late move has left
    owing: `about` does, by id.
    """
    theirs = (own_side(role) == user_id, Booking.status == BookingStatus.PENDING, Booking.requested_by != role)
    statement = select_bookings(*RECORD_COLUMNS).where(*theirs).order_by(Booking.starts_at, Booking.id)
    rows = connection.execute(statement).all()
    return {
        "data": [show_booking(row) for row in rows[:REQUESTS_SHOWN]],
        "about": {str(row.id): about_request(BookingRecord.of(row)) for row in rows},
    }


# Invalidated by: the same as the lists. Lessons begin and end on whole minutes, so nothing else changes within one.
@cache.stamped("next-lesson", ttl=60, tag=tags.user_bookings, by="user_id")
def lesson_after(connection: Connection, user_id: int, role: str, minute: datetime) -> list[JsonObject]:
    """Find the first accepted lesson that is not over at this minute.

    Returns a list of one or none.
    """
    accepted = (own_side(role) == user_id, Booking.status == BookingStatus.ACCEPTED)
    # The first condition follows from the second; it bounds the range of the index.
    not_over = (Booking.starts_at > minute - LONGEST_LESSON, Booking.ends_at > minute)
    statement = select_bookings().where(*accepted, *not_over).order_by(Booking.starts_at, Booking.id).limit(1)
    return [show_booking(row) for row in connection.execute(statement)]


def open_lessons_of_teacher(teacher_id: int) -> int:
    """Return how many lessons a teacher has still to answer or to give, whatever their role is by now."""
    counts = booking_counts(teacher_id, Role.TEACHER).json()["statuses"]
    return sum(counts[status] for status in ACTIVE)

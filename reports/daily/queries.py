"""Cached reads of one day, and how they are put together."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

import tags
from bookings.models import Booking
from bookings.statuses import BookingStatus
from caching import Answer, BoundRead, cache
from jsontext import JsonObject
from reports.analytics import growth, lessons
from reports.answers import together
from reports.performance.queries import earned_of
from reports.periods import Between, Days

LIFETIME = 21_600


# Invalidated by: every change of a booking, a package or a credit note.
@cache.stamped("daily-statistics", ttl=LIFETIME, tag=tags.all_bookings, kind="entity")
def lessons_on(connection: Connection, day: Between) -> JsonObject:
    """Count the lessons of a day, the people in them, and what they have brought."""
    (states,) = lessons.states(connection, [day])
    (revenue,) = lessons.revenue(connection, [day])
    given = (Booking.starts_at >= day.start, Booking.starts_at < day.end, Booking.status == BookingStatus.COMPLETED)
    columns = {"teachers": Booking.teacher_id, "students": Booking.student_id}
    people: Any = select(*(func.count(column.distinct()).label(name) for name, column in columns.items())).where(*given)
    row = connection.execute(people).one()
    return {**states, **row._asdict(), "earned": [it for it in map(earned_of, revenue["money"]) if it["cents"]]}


# Invalidated by: registration and every change of an account.
@cache.stamped("daily-statistics", ttl=LIFETIME, tag=tags.users, kind="entity")
def users_on(connection: Connection, day: Between) -> JsonObject:
    """Count who registered on a day."""
    return growth.users(connection, [day])[0]


# Invalidated by: every change of a gig, drafts included.
@cache.stamped("daily-statistics", ttl=LIFETIME, tag=tags.all_gigs, kind="entity")
def gigs_on(connection: Connection, day: Between) -> JsonObject:
    """Count the gigs that were written on a day."""
    return growth.gigs(connection, [day])[0]


# Invalidated by: every change of an application.
@cache.stamped("daily-statistics", ttl=LIFETIME, tag=tags.all_applications, kind="entity")
def applications_on(connection: Connection, day: Between) -> JsonObject:
    """Count the applications of a day."""
    return growth.applications(connection, [day])[0]


def reads_of_day(days: Days) -> dict[str, BoundRead]:
    """Name the reads of a day of the school, so that several days can be looked up together."""
    day = days.between
    return {
        "bookings": lessons_on.at(day),
        "users": users_on.at(day),
        "gigs": gigs_on.at(day),
        "applications": applications_on.at(day),
    }


def day_of_school(days: Days) -> Answer:
    """Put together what happened on a day."""
    reads = reads_of_day(days)
    answers = [looked_up.answer() for looked_up in cache.look_up(*reads.values())]
    found = {name: answer.json() for name, answer in zip(reads, answers, strict=True)}
    return together({"date": days.first.isoformat(), "time_zone": days.zone, **found}, answers)

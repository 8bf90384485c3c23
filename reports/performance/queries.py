"""Cached reads of how a teacher's lessons went, and how they are put together."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, cast, func, select

import tags
from accounts.models import Role
from accounts.queries import profile
from bookings.models import Booking
from bookings.statuses import AGREED, BookingStatus
from caching import Answer, cache
from errors import NotFound
from jsontext import JsonObject
from payments.income.queries import PACKAGES
from reports.answers import together
from reports.performance.figures import Kind, figures_of, lessons_within
from reports.periods import Between, Days, Period
from reviews.models import Review
from reviews.queries import SHOWN

# What a status is called in reports. How many of all lessons are still open is what is left of `requested`.
STATES = {
    BookingStatus.ACCEPTED: "accepted",
    BookingStatus.REJECTED: "declined",
    BookingStatus.CANCELLED: "cancelled",
    BookingStatus.COMPLETED: "completed",
    BookingStatus.NO_SHOW: "no_show",
    BookingStatus.EXPIRED: "expired",
}
HOUR = 3600


# Invalidated by: every change of one of the teacher's bookings, their payments and packages.
@cache.stamped("performance", ttl=86_400, tag=tags.user_bookings, by="teacher_id", kind="entity")
def lessons_of(connection: Connection, teacher_id: int, when: Between) -> JsonObject:
    """Count what became of a teacher's lessons that begin in this time."""
    found = connection.execute(figures_of(connection.dialect.name, teacher_id, when)).all()
    rows = {BookingStatus(row.name): row for row in found if row.kind == Kind.LESSONS}
    answers = [(row.at - row.asked_at).total_seconds() for row in found if row.kind == Kind.ANSWER]
    earned = {row.name: row.number for row in found if row.kind == Kind.EARNED}
    return _states({status: row.number for status, row in rows.items()}, rows) | {
        "response_hours_median": _hours(answers),
        "earned": [{"currency": currency, "cents": earned[currency]} for currency in sorted(earned)],
    }


# Invalidated by: a review of the teacher, also one that is hidden or shown again.
@cache.stamped("performance", ttl=86_400, tag=tags.teacher_reviews, by="teacher_id", kind="entity")
def ratings_of(connection: Connection, teacher_id: int, when: Between) -> JsonObject:
    """Count the reviews of a teacher's lessons that begin in this time, and their mean."""
    lessons = (*lessons_within(teacher_id, when), SHOWN)
    columns: Any = (cast(func.sum(Review.rating), BigInteger).label("stars"), func.count().label("number"))
    counted = select(*columns).join(Booking, Booking.id == Review.booking_id).where(*lessons)
    row = connection.execute(counted).one()
    return {"rating": round(row.stars / row.number, 2) if row.number else None, "reviews": row.number}


def performance(teacher_id: int, period: Period, days: Days) -> Answer:
    """Put together how a teacher's lessons of a period went.

    Raises NotFound if there is no such teacher.
    """
    return performances(teacher_id, period, [days])[0]


def performances(teacher_id: int, period: Period, many: Sequence[Days]) -> list[Answer]:
    """Put together how a teacher's lessons of several periods went, looked up in one round trip.

    Raises NotFound if there is no such teacher.
    """
    reads = [profile.at(teacher_id)]
    for days in many:
        pair = (lessons_of.at(teacher_id, days.between), ratings_of.at(teacher_id, days.between))
        reads += [each.lasting(period.lifetime) for each in pair]
    looked_up, *found = cache.look_up(*reads)
    person = looked_up.answer().json()
    if person is None or person["role"] != Role.TEACHER:
        raise NotFound
    teacher = {"id": teacher_id, "name": person["name"]}
    answers = [each.answer() for each in found]
    return [
        _put_together(teacher, period, days, lessons, ratings)
        for days, lessons, ratings in zip(many, answers[::2], answers[1::2], strict=True)
    ]


def _put_together(teacher: JsonObject, period: Period, days: Days, lessons: Answer, ratings: Answer) -> Answer:
    facts = {
        "teacher": teacher,
        "period": str(period),
        "from": days.first.isoformat(),
        "to": days.end.isoformat(),
        "time_zone": days.zone,
        **lessons.json(),
        **ratings.json(),
    }
    return together(facts, (lessons, ratings))


def _states(numbers: dict[BookingStatus, int], rows: dict[BookingStatus, Row[Any]]) -> JsonObject:
    """Say how many lessons are in which state, and what share of them was agreed on, and took place."""
    completed = rows.get(BookingStatus.COMPLETED)
    called_off = rows[BookingStatus.CANCELLED].called_off if BookingStatus.CANCELLED in rows else 0
    of = {name: numbers.get(status, 0) for status, name in STATES.items()}
    agreed = sum(numbers.get(status, 0) for status in AGREED) + called_off
    over = of["completed"] + of["no_show"] + called_off
    return {
        "requested": sum(numbers.values()),
        **of,
        "acceptance_rate": share(agreed, agreed + of["declined"] + of["expired"]),
        "completion_rate": share(of["completed"], over),
        "hours_taught": round(completed.seconds / HOUR, 2) if completed else 0,
        "students": completed.students if completed else 0,
        "new_students": completed.new if completed else 0,
    }


def share(part: int, whole: int) -> float | None:
    """Return which share of a whole a part is, None of nothing."""
    return round(part / whole, 4) if whole else None


def _hours(seconds: list[float]) -> float | None:
    return round(median(seconds) / HOUR, 2) if seconds else None


def earned_of(total: JsonObject) -> JsonObject:
    """Show what one currency's lessons have brought, with what was paid for packages."""
    return {"currency": total["currency"], "cents": total["earned_cents"] + total[PACKAGES]}

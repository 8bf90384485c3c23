"""Cached reads of how a teacher's lessons went, and how they are put together."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, and_, case, cast, exists, func, select

import tags
from accounts.models import Role
from accounts.queries import profile
from bookings.history import ONCE_ACCEPTED, seconds_to_answer
from bookings.models import Booking
from bookings.statistics.queries import length_in_seconds
from bookings.statuses import AGREED, BookingStatus
from caching import Answer, cache
from database import alias_of
from errors import NotFound
from jsontext import JsonObject
from payments.income.queries import PACKAGES, Span, totals_of_teacher
from reports.answers import together
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

_Before = alias_of(Booking)
_CALLED_OFF = and_(Booking.status == BookingStatus.CANCELLED, ONCE_ACCEPTED)
_COMPLETED = Booking.status == BookingStatus.COMPLETED


# Invalidated by: every change of one of the teacher's bookings, their payments and packages.
@cache.stamped("performance", ttl=86_400, tag=tags.user_bookings, by="teacher_id", kind="entity")
def lessons_of(connection: Connection, teacher_id: int, when: Between) -> JsonObject:
    """Count what became of a teacher's lessons that begin in this time."""
    theirs = (Booking.teacher_id == teacher_id, Booking.starts_at >= when.start, Booking.starts_at < when.end)
    seconds = cast(func.sum(length_in_seconds(connection.dialect.name)), BigInteger)
    students = func.count(Booking.student_id.distinct())
    newcomers = func.count(case((and_(_COMPLETED, _is_new(when)), Booking.student_id)).distinct())
    columns: dict[str, Any] = {"number": func.count(), "seconds": seconds, "students": students, "new": newcomers}
    columns["called_off"] = func.sum(case((_CALLED_OFF, 1), else_=0))
    counted = select(Booking.status, *(column.label(name) for name, column in columns.items()))
    rows = {row.status: row for row in connection.execute(counted.where(*theirs).group_by(Booking.status))}
    found = _states({status: row.number for status, row in rows.items()}, rows)
    earned = totals_of_teacher(connection, teacher_id, Span(start=when.start, end=when.end))
    return found | {
        "response_hours_median": _hours(seconds_to_answer(connection, *theirs)),
        "earned": [it for it in map(earned_of, earned) if it["cents"]],
    }


# Invalidated by: a review of the teacher, also one that is hidden or shown again.
@cache.stamped("performance", ttl=86_400, tag=tags.teacher_reviews, by="teacher_id", kind="entity")
def ratings_of(connection: Connection, teacher_id: int, when: Between) -> JsonObject:
    """Count the reviews of a teacher's lessons that begin in this time, and their mean."""
    lessons = (Booking.starts_at >= when.start, Booking.starts_at < when.end, Booking.teacher_id == teacher_id, SHOWN)
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


def _is_new(when: Between) -> ColumnElement[bool]:
    """Match the lessons of students who had none with the same teacher before."""
    same = (_Before.student_id == Booking.student_id, _Before.teacher_id == Booking.teacher_id)
    return ~exists().where(*same, _Before.status == BookingStatus.COMPLETED, _Before.starts_at < when.start)


def _hours(seconds: list[float]) -> float | None:
    return round(median(seconds) / HOUR, 2) if seconds else None


def earned_of(total: JsonObject) -> JsonObject:
    """Show what one currency's lessons have brought, with what was paid for packages."""
    return {"currency": total["currency"], "cents": total["earned_cents"] + total[PACKAGES]}

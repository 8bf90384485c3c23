"""Add up all lessons of a person, from months that are added up wherever they are right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from bookings.models import Booking
from payments import sums
from payments.lesson_months.models import LessonMonth, StaleMonth

# Where the lessons of stale months are more, all of the person's lessons are read, as one statement does best.
MOST_LESSONS = 2_000
# What one row of both tables is about.
KEY = ("teacher_id", "student_id", "begins")
# The lessons of a stale month.
LESSONS = (
    (Booking.teacher_id == StaleMonth.teacher_id)
    & (Booking.student_id == StaleMonth.student_id)
    & (Booking.starts_at >= StaleMonth.begins)
    & (Booking.starts_at < StaleMonth.ends)
)


def by_currency(connection: Connection, side: InstrumentedAttribute[int], user_id: int) -> Sequence[sums.Balance]:
    """Add up all lessons of the person on one side of them, those of each currency by themselves.

    The connection has to read one snapshot.
    """
    stale = connection.scalars(_stale_lessons(side, user_id).limit(MOST_LESSONS + 1)).all()
    if len(stale) > MOST_LESSONS:
        return sums.by_currency(connection, side == user_id)
    counted = sums.by_currency(connection, Booking.id.in_(stale)) if stale else []
    added_up = connection.execute(_added_up(side, user_id)).all()
    return _together([*counted, *(sums.Balance(**row._mapping) for row in added_up)])


def _stale_lessons(side: InstrumentedAttribute[int], user_id: int) -> Any:
    """Select the lessons of a person's stale months."""
    lessons = select(Booking.id).select_from(StaleMonth).join(Booking, LESSONS)
    # PostgreSQL notes a month more than once.
    return lessons.where(getattr(StaleMonth, side.key) == user_id).distinct()


def _added_up(side: InstrumentedAttribute[int], user_id: int) -> Any:
    """Select the sums of a person's months that are not stale."""
    stale = exists().where(*(getattr(StaleMonth, name) == getattr(LessonMonth, name) for name in KEY))
    columns = [sums.total(getattr(LessonMonth, name)).label(name) for name in sums.TOTALS]
    found = select(LessonMonth.currency, *columns).where(getattr(LessonMonth, side.key) == user_id, ~stale)
    return found.group_by(LessonMonth.currency)


def _together(parts: Sequence[sums.Balance]) -> list[sums.Balance]:
    """Add up those of each currency."""
    found = []
    for currency in sorted({it.currency for it in parts}):
        of_it = [it for it in parts if it.currency == currency]
        cents = {name: sum(getattr(it, name) for it in of_it) for name in sums.TOTALS}
        found.append(sums.Balance(currency=currency, **cents))
    return found

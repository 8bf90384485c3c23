"""Bookings as the arithmetic of free time sees them: lessons with seats.

See `schedule/times/free_time.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, select
from sqlalchemy.orm import Session

from bookings.models import LONGEST_LESSON, Booking
from bookings.statuses import ACTIVE, COUNTED
from schedule.times.free_time import Lesson, Wanted


def wanted(gig: Any) -> Wanted:
    """Describe a lesson of this gig that is to be booked."""
    return Wanted(gig_id=gig.id, length=timedelta(minutes=gig.duration_minutes), capacity=gig.capacity)


def lessons_of(
    connection: Connection | Session,
    teacher_ids: Collection[int],
    start: datetime,
    end: datetime,
    *,
    without: int | None = None,
) -> defaultdict[int, list[Lesson]]:
    """Read, by teacher and in one statement, the lessons that lie in this time at least in part.

    `without` is the id of a booking that is about to be moved: its old place does not count.
    """
    lessons: defaultdict[int, list[Lesson]] = defaultdict(list)
    key = (Booking.teacher_id, Booking.gig_id, Booking.starts_at, Booking.ends_at)
    seats = func.sum(case((Booking.status.in_(ACTIVE), 1), else_=0)).label("seats")
    # The first condition says the same as the last, in a form that bounds the range of the index.
    within = (Booking.starts_at > start - LONGEST_LESSON, Booking.starts_at <= end, Booking.ends_at > start)
    statement = select(*key, seats, func.count().label("counted"))
    statement = statement.where(Booking.teacher_id.in_(teacher_ids), Booking.status.in_(COUNTED), *within)
    if without is not None:
        statement = statement.where(Booking.id != without)
    for row in connection.execute(statement.group_by(*key)):
        lesson = Lesson(
            gig_id=row.gig_id, starts_at=row.starts_at, ends_at=row.ends_at, seats=row.seats, counted=row.counted
        )
        lessons[row.teacher_id].append(lesson)
    return lessons

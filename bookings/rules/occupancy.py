"""Bookings as the arithmetic of free time sees them: lessons with seats.

See `schedule/times/free_time.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from bookings.models import LONGEST_LESSON, Booking, HeldTime
from bookings.statuses import ACTIVE, COUNTED
from database import reading
from schedule.times.free_time import Lesson, Wanted

# They take no time any more, and count for the limits of their day and week.
_OVER = tuple(status for status in COUNTED if status not in ACTIVE)


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

    A lesson that is to be moved is there twice, at both the times that are held for it. `without` is the id of a
    booking that is about to be moved: what it holds does not count. An empty session takes the teacher's time, too.
    """
    held = _grouped(HeldTime, func.count(), func.count(HeldTime.booking_id), teacher_ids, start, end)
    over = _grouped(Booking, literal(0), func.count(), teacher_ids, start, end).where(Booking.status.in_(_OVER))
    if without is not None:
        held = held.where(HeldTime.booking_id.is_distinct_from(without))
    lessons: defaultdict[int, list[Lesson]] = defaultdict(list)
    for teacher_id, gig_id, starts_at, ends_at, seats, counted in connection.execute(union_all(held, over)):
        lesson = Lesson(gig_id=gig_id, starts_at=starts_at, ends_at=ends_at, seats=seats, counted=counted)
        lessons[teacher_id].append(lesson)
    return lessons


def taken_times(teacher_id: int, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """List when a teacher's time is held, as far as it overlaps with this interval.

    They are in order, and a group's lesson is there once.
    """
    # The first condition says the same as the last, in a form that bounds the range of the index.
    overlap = (HeldTime.starts_at > start - LONGEST_LESSON, HeldTime.starts_at < end, HeldTime.ends_at > start)
    statement = select(HeldTime.starts_at, HeldTime.ends_at).distinct()
    statement = statement.where(HeldTime.teacher_id == teacher_id, *overlap)
    with reading() as connection:
        rows = connection.execute(statement.order_by(HeldTime.starts_at, HeldTime.ends_at)).all()
    return [(row.starts_at, row.ends_at) for row in rows]


def _grouped(
    table: type[HeldTime | Booking],
    seats: Any,
    counted: Any,
    teacher_ids: Collection[int],
    start: datetime,
    end: datetime,
) -> Select[Any]:
    """Select the lessons of a table that lie in this time, with their numbers."""
    key = (table.teacher_id, table.gig_id, table.starts_at, table.ends_at)
    # The first condition says the same as the last, in a form that bounds the range of the index.
    within = (table.starts_at > start - LONGEST_LESSON, table.starts_at <= end, table.ends_at > start)
    return select(*key, seats, counted).where(table.teacher_id.in_(teacher_ids), *within).group_by(*key)

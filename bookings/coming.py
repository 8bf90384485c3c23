"""Lessons to come, for those who ask what stands in the way of new hours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from accounts.models import User
from bookings.models import Booking
from bookings.statuses import ACTIVE
from database import reading
from gigs.models import Gig
from schedule.dependents import ComingLesson


def coming_lessons(teacher_id: int, now: datetime) -> list[ComingLesson]:
    """Return a teacher's active lessons that have not begun yet, in order of time."""
    columns: list[Any] = [Booking.id, Gig.schedule_id, Gig.title, User.name.label("student")]
    columns += [Booking.starts_at, Booking.ends_at, Booking.session_id.is_not(None).label("in_session")]
    theirs = (Booking.teacher_id == teacher_id, Booking.status.in_(ACTIVE), Booking.starts_at > now)
    statement = select(*columns).join(Gig, Gig.id == Booking.gig_id).join(User, User.id == Booking.student_id)
    with reading() as connection:
        rows = connection.execute(statement.where(*theirs).order_by(Booking.starts_at, Booking.id)).all()
    return [ComingLesson(**row._mapping) for row in rows]

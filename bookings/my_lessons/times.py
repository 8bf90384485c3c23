"""When lessons take place, without anything else of them: what start pages count.

Lists end after some rows, so that nothing can be counted by them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, union

import tags
from bookings.models import Booking
from bookings.sessions.models import GroupSession, SessionStatus
from bookings.statuses import COUNTED
from caching import cache
from jsontext import JsonObject


# Invalidated by: every change of one of the teacher's bookings or sessions.
@cache.stamped("bookings", tag=tags.user_bookings, by="teacher_id")
def times_of_teacher(connection: Connection, teacher_id: int, since: datetime, until: datetime) -> JsonObject:
    """List when lessons of a teacher begin and end that begin in this time, and have not come to nothing.

    A group is one of them, and so is a session, with students or without.
    """
    lessons = select(Booking.gig_id, Booking.starts_at, Booking.ends_at).where(
        Booking.teacher_id == teacher_id,
        Booking.status.in_(COUNTED),
        Booking.starts_at >= since,
        Booking.starts_at < until,
    )
    sessions = select(GroupSession.gig_id, GroupSession.starts_at, GroupSession.ends_at).where(
        GroupSession.teacher_id == teacher_id,
        GroupSession.status == SessionStatus.SCHEDULED,
        GroupSession.starts_at >= since,
        GroupSession.starts_at < until,
    )
    rows = connection.execute(union(lessons, sessions).order_by("starts_at", "gig_id", "ends_at"))
    found = {(row.gig_id, row.starts_at): row.ends_at for row in rows}
    return {"data": [[starts_at, ends_at] for (_, starts_at), ends_at in found.items()]}


# Invalidated by: every change of a booking.
@cache.stamped("bookings", tag=tags.all_bookings)
def times_in_school(connection: Connection, since: datetime, until: datetime) -> JsonObject:
    """List start, gig, student and teacher of all lessons of a time that have not come to nothing."""
    columns = (Booking.starts_at, Booking.gig_id, Booking.student_id, Booking.teacher_id)
    within = (Booking.starts_at >= since, Booking.starts_at < until, Booking.status.in_(COUNTED))
    rows = connection.execute(select(*columns).where(*within).order_by(Booking.starts_at, Booking.id))
    return {"data": [list(row) for row in rows]}

"""The lessons of all teachers that were booked before for days on which the school is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.orm import aliased

from accounts.models import User
from bookings.models import LONGEST_LESSON, Booking
from bookings.statuses import ACTIVE
from database import reading
from gigs.models import Gig
from jsontext import JsonObject
from schedule.times.intervals import Interval

# So many are named at once, and with them the others of their sessions. When those are cancelled or moved, the next
# ones are.
MOST_NAMED = 100
# So many ids an answer has at most.
MOST_IDS = 1000

_TEACHER = aliased(User)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """Lessons that are still to come, and sessions with all theirs.

    With `more` there are others that are not named.
    """

    lessons: list[JsonObject]
    sessions: list[JsonObject]
    more: bool

    @property
    def number(self) -> int:
        """Return how many lessons are named, those in sessions included."""
        return len(self.lessons) + sum(len(session["students"]) for session in self.sessions)


def ids_during(interval: Interval, now: datetime) -> list[int]:
    """Return the ids of the lessons to come that have an instant of an interval, in order of time."""
    with reading() as connection:
        return list(connection.scalars(_during(interval, now, Booking.id).limit(MOST_IDS)))


def booked_during(interval: Interval, now: datetime) -> Booked:
    """List the lessons to come that have an instant of an interval, in order of time."""
    columns: list[Any] = [Booking.id, Booking.status, Booking.session_id, Booking.starts_at, Booking.ends_at]
    columns += [Gig.title, User.name.label("student"), _TEACHER.name.label("teacher")]
    found = _during(interval, now, *columns).join(Gig, Gig.id == Booking.gig_id)
    found = found.join(User, User.id == Booking.student_id).join(_TEACHER, _TEACHER.id == Booking.teacher_id)
    with reading() as connection:
        rows = [*connection.execute(found.limit(MOST_NAMED + 1))]
        named, more = rows[:MOST_NAMED], len(rows) > MOST_NAMED
        if more:
            # A session is cancelled as a whole, so it is named with all its students.
            begun = {row.session_id for row in named if row.session_id}
            others = found.where(Booking.id.not_in([row.id for row in named]))
            named += connection.execute(others.where(Booking.session_id.in_(begun))).all()
            left = or_(Booking.session_id.is_(None), Booking.session_id.not_in(begun))
            more = connection.execute(others.where(left).limit(1)).first() is not None
    in_sessions = sorted((row for row in named if row.session_id), key=lambda row: (row.starts_at, row.session_id))
    return Booked(
        lessons=[dict(row._mapping) for row in named if not row.session_id],
        sessions=[_session(list(rows)) for _, rows in groupby(in_sessions, key=lambda row: row.session_id)],
        more=more,
    )


def _session(rows: list[Row[Any]]) -> JsonObject:
    first = rows[0]
    times = {"starts_at": first.starts_at, "ends_at": first.ends_at}
    students = [row.student for row in rows]
    return {"id": first.session_id, "title": first.title, "teacher": first.teacher, "students": students, **times}


def _during(interval: Interval, now: datetime, *columns: Any) -> Select[Any]:
    start, end = interval
    # The first condition follows from the others; it bounds the range of the index.
    near = (Booking.starts_at > max(start - LONGEST_LESSON, now), Booking.starts_at < end, Booking.ends_at > start)
    statement = select(*columns).where(*near, Booking.status.in_(ACTIVE))
    return statement.order_by(Booking.starts_at, Booking.id)

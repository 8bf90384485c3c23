"""Sessions in the calendar of their teacher: one event each, with the names of those who come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from bookings.sessions.models import GroupSession, SessionStatus
from bookings.sessions.places import select_with_place
from bookings.statuses import COUNTED, BookingStatus
from calendars.feed import ical

# What calendars are told of a session is what they are told of a lesson.
_AS_LESSON = {
    SessionStatus.SCHEDULED: BookingStatus.ACCEPTED,
    SessionStatus.HELD: BookingStatus.COMPLETED,
    SessionStatus.CANCELLED: BookingStatus.CANCELLED,
}


def sessions_since(connection: Connection, teacher_id: int, since: datetime, most: int) -> Sequence[Row[Any]]:
    """Read a teacher's sessions from an instant on, in order of time, cancelled ones too."""
    rows = select_with_place().where(GroupSession.teacher_id == teacher_id, GroupSession.starts_at >= since)
    return connection.execute(rows.order_by(GroupSession.starts_at, GroupSession.id).limit(most)).all()


def these_sessions(connection: Connection, session_ids: Collection[int]) -> Sequence[Row[Any]]:
    """Read these sessions, in order of time."""
    rows = select_with_place().where(GroupSession.id.in_(session_ids))
    return connection.execute(rows.order_by(GroupSession.starts_at, GroupSession.id)).all()


def events_of(sessions: Iterable[Row[Any]], lessons: Iterable[Row[Any]], page_of: str) -> list[ical.Lesson]:
    """Write sessions as events, with the people of these lessons."""
    who: defaultdict[int, list[str]] = defaultdict(list)
    for lesson in lessons:
        if lesson.status in COUNTED:
            who[lesson.session_id].append(lesson.student_name)
    return [_event(row, who[row.id], page_of) for row in sessions]


def _event(row: Row[Any], names: list[str], page_of: str) -> ical.Lesson:
    return ical.Lesson(
        id=row.id,
        kind="session",
        status=_AS_LESSON[row.status],
        title=row.title,
        people=f"{len(names)} of {row.capacity}",
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        note="\n".join(names),
        location=row.location if row.status != SessionStatus.CANCELLED else "",
        # It grows with every change of the session; who comes is no news for a calendar.
        revision=int((row.updated_at - row.created_at).total_seconds()),
        created_at=row.created_at,
        updated_at=row.updated_at,
        url=f"{page_of}/{row.id}",
    )

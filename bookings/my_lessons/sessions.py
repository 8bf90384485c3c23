"""Sessions without lessons among the rows of a teacher's lessons.

They are selected in the same statement, so that a page of both is in one order and costs what one of lessons does.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Integer,
    Row,
    Select,
    cast,
    exists,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)

from bookings.models import Booking, HeldTime
from bookings.my_lessons.lessons_query import LessonsQuery
from bookings.sessions.models import GroupSession, SessionStatus
from bookings.statuses import COUNTED
from database import Id, Instant
from gigs.models import Gig
from jsontext import JsonObject
from web.pagination import from_microseconds


def with_empty_sessions(lessons: Select[Any], teacher_id: int, query: LessonsQuery) -> CompoundSelect[Any]:
    """Add a teacher's sessions without lessons to a page of lessons, the earliest row first.

    Their ids are negative, so that no cursor takes one for a lesson.
    """
    lessons = lessons.add_columns(cast(null(), Integer).label("capacity"), cast(null(), Integer).label("taken"))
    sessions = _sessions(lessons, teacher_id, query)
    parts = [each.limit(query.limit + 1).subquery() for each in (lessons, sessions)]
    return union_all(*map(select, parts)).order_by("starts_at", "id").limit(query.limit + 1)


def show_empty_session(row: Row[Any]) -> JsonObject:
    """Describe a session without lessons, as rows of lessons are described where both are shown."""
    return {
        "id": row.id,
        "gig": {"id": row.gig_id, "title": row.title},
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "status": row.status,
        "location": row.location,
        "session": {"id": row.session_id, "capacity": row.capacity, "taken": row.taken},
    }


def _sessions(lessons: Select[Any], teacher_id: int, query: LessonsQuery) -> Select[Any]:
    """Select what these sessions have of a lesson's columns, and nothing in the others."""
    place = (GroupSession.gig_id, GroupSession.starts_at)
    taken = select(func.count(HeldTime.seat)).where(tuple_(HeldTime.gig_id, HeldTime.starts_at) == tuple_(*place))
    known: dict[str, Any] = {
        "id": -GroupSession.id,
        "session_id": GroupSession.id,
        "gig_id": GroupSession.gig_id,
        "title": Gig.title,
        "starts_at": GroupSession.starts_at,
        "ends_at": GroupSession.ends_at,
        "status": literal("accepted"),
        "location": func.coalesce(GroupSession.location, Gig.location),
        "capacity": GroupSession.capacity,
        "taken": taken.scalar_subquery(),
    }
    columns = [known.get(str(it.key), cast(null(), it.type)).label(it.key) for it in lessons.selected_columns]
    booked = exists().where(Booking.session_id == GroupSession.id, Booking.status.in_(COUNTED))
    found = select(*columns).join(Gig, Gig.id == GroupSession.gig_id).where(GroupSession.teacher_id == teacher_id)
    found = _narrowed(found.where(GroupSession.status == SessionStatus.SCHEDULED, ~booked), query)
    return found.order_by(GroupSession.starts_at, GroupSession.id.desc())


def _narrowed(found: Select[Any], query: LessonsQuery) -> Select[Any]:
    """Leave out what is not asked for, and what the pages before have shown."""
    if query.start:
        found = found.where(GroupSession.starts_at >= query.start)
    if query.end:
        found = found.where(GroupSession.starts_at < query.end)
    if query.ending_after:
        found = found.where(GroupSession.ends_at > query.ending_after)
    if query.gig_id:
        found = found.where(GroupSession.gig_id == query.gig_id)
    if query.after:
        last = literal(from_microseconds(query.after[0]), Instant), literal(query.after[1], Id)
        found = found.where(tuple_(GroupSession.starts_at, -GroupSession.id) > tuple_(*last))
    return found

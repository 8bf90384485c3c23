"""The one writer of sessions: their rows, and what becomes old with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

import events
import tags
from accounts.actors import Actor
from bookings.sessions import records
from bookings.sessions.models import GroupSession
from bookings.sessions.records import SessionRecord
from bookings.sessions.states import Transition, wrong_state
from bookings.writes import overlaps_refused
from caching import invalidate
from database import changed_rows
from events import EventType


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Who does something, when, and why: the same for a session and all its lessons."""

    by: Actor
    now: datetime
    reason: str = ""


def create(session: Session, rows: Iterable[GroupSession], deed: Deed) -> list[int]:
    """Insert sessions of one gig, and return their ids.

    Raises SlotTaken if the database refuses one of their times.
    """
    rows = list(rows)
    session.add_all(rows)
    with overlaps_refused():
        session.flush()
    _invalidate(rows[0].gig_id, rows[0].teacher_id)
    for row in rows:
        about = {"session_id": row.id, "gig_id": row.gig_id, "teacher_id": row.teacher_id}
        events.record(
            session, EventType.SESSION_SET, at=deed.now, actor_id=deed.by.id, **about, starts_at=row.starts_at
        )
    return [row.id for row in rows]


def change(session: Session, record: SessionRecord, row: Transition, deed: Deed, **columns: Any) -> SessionRecord:
    """Change a session that is still as it was read, by a `row` of the table, and return what it is then.

    Raises WrongState if another request was faster, and SlotTaken if the database refuses the new time.
    """
    same = [getattr(GroupSession, name) == getattr(record, name) for name in ("id", "status", "starts_at", "capacity")]
    values = {"status": row.target, "updated_at": deed.now, **columns}
    with overlaps_refused():
        if not changed_rows(session, update(GroupSession).where(*same).values(values)):
            raise wrong_state(records.read(session, record.id), row.act, deed.now)
    _invalidate(record.gig_id, record.teacher_id)
    changed = records.read(session, record.id)
    _record(session, record, changed, row, deed)
    return changed


def _record(session: Session, before: SessionRecord, after: SessionRecord, row: Transition, deed: Deed) -> None:
    """Say what has happened to a session, and when it begins since then."""
    if row.event is None:
        return
    about = {"session_id": after.id, "gig_id": after.gig_id, "teacher_id": after.teacher_id}
    moved = {"from_starts_at": before.starts_at} if before.starts_at != after.starts_at else {}
    facts = {"starts_at": after.starts_at, "reason": deed.reason, **moved}
    events.record(session, row.event, at=deed.now, actor_id=deed.by.id, **about, **facts)


def _invalidate(gig_id: int, teacher_id: int) -> None:
    """Invalidate the gig's sessions, the teacher's lists and free times, and the administrators' lists."""
    lists = (tags.gig_sessions(gig_id), tags.user_bookings(teacher_id), tags.all_bookings())
    invalidate(*lists, tags.teacher_slots(teacher_id))

"""Changes of sessions: setting, moving and cancelling them, and noting that they took place.

Locks are taken in the order of all bookings: the gig, the people, then the session and its lessons.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from bookings.rules import checks
from bookings.sessions import lessons, records, writes
from bookings.sessions.models import GroupSession, SessionStatus
from bookings.sessions.plan import NewSessions, in_the_way, starts_of
from bookings.sessions.records import SessionRecord
from bookings.sessions.rights import managed_gig, require_timetable
from bookings.sessions.states import Act, way
from bookings.sessions.writes import Deed
from bookings.waitlist import queue
from database import writing
from errors import SessionsTaken
from gigs.queries import gig_for_booking
from schedule.queries import rules_for


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionChange:
    """One change of a session, and why.

    `to` is the new start, number of places or location, and `no_show` the lessons of those who did not come. Those of
    them in `waived` cost nothing.
    """

    act: Act
    to: Any = None
    reason: str = ""
    no_show: tuple[int, ...] = ()
    waived: tuple[int, ...] = ()


def create(gig_id: int, wanted: NewSessions, *, actor: Actor, now: datetime) -> list[int]:
    """Set a session, or a row of them, and return their ids.

    Lessons of the gig that begin at the same time are taken in. Raises NotFound, Forbidden, WrongState if the gig has
    no timetable, Invalid, SessionsTaken if one of the times is taken; then none is set.
    """
    with writing() as session:
        gig = managed_gig(gig_for_booking(session, gig_id), actor)
        require_timetable(gig)
        # Everyone who books this teacher's time waits from here on.
        checks.active_students(session, {gig.teacher_id})
        starts = starts_of(wanted, rules_for(session, gig, now).zone, now)
        if taken := in_the_way(session, gig, timedelta(minutes=gig.duration_minutes), starts):
            raise SessionsTaken(taken)
        rows = [_new(gig, wanted, start, now) for start in starts]
        for row in rows:
            lessons.fit(session, gig.id, row.starts_at, row.capacity)
        ids = writes.create(session, rows, Deed(by=actor, now=now))
        for session_id, start in zip(ids, starts, strict=True):
            lessons.adopt(session, gig.id, start, session_id)
        return ids


def change(session_id: int, wanted: SessionChange, *, actor: Actor, now: datetime) -> None:
    """Change a session and all its lessons.

    Raises NotFound, Forbidden, Invalid, WrongState if it cannot be done (any more), SlotTaken if the new time is
    taken, or if there are not enough places for those who have one, SlotUnavailable if the school is closed then.
    """
    with writing() as session, _locked(session, session_id, wanted, actor, now) as (record, gig):
        deed = Deed(by=actor, now=now, reason=wanted.reason)
        match wanted.act:
            case Act.MOVE:
                _move(session, record, gig, wanted.to, deed)
            case Act.CANCEL:
                _cancel(session, record, deed)
            case Act.HOLD:
                held = way(record, Act.HOLD, now)
                lessons.complete(session, record, wanted.no_show, deed, waived=wanted.waived)
                writes.change(session, record, held, deed)
            case Act.RESIZE:
                row = way(record, Act.RESIZE, now)
                lessons.fit(session, record.gig_id, record.starts_at, wanted.to)
                writes.change(session, record, row, deed, capacity=wanted.to)
            case Act.RELOCATE:
                _relocate(session, record, wanted.to or None, deed)


def cancel_coming(session: Session, teacher_id: int, deed: Deed) -> None:
    """Cancel the sessions to come of a teacher, with all their lessons.

    The caller has locked everyone concerned.
    """
    coming = (GroupSession.status == SessionStatus.SCHEDULED, GroupSession.starts_at > deed.now)
    theirs = select(GroupSession.id).where(GroupSession.teacher_id == teacher_id, *coming).order_by(GroupSession.id)
    for session_id in session.scalars(theirs).all():
        record = records.read(session, session_id, locked=True)
        _cancel(session, record, deed)


@contextmanager
def _locked(
    session: Session, session_id: int, wanted: SessionChange, actor: Actor, now: datetime
) -> Iterator[tuple[SessionRecord, Row[Any]]]:
    """Lock a session with all people concerned, and offer what the block makes free to those who wait."""
    record = records.read(session, session_id)
    gig = managed_gig(gig_for_booking(session, record.gig_id), actor)
    queue.lock_all(session, record.teacher_id, lessons.people_of(session, record))
    record = records.read(session, session_id, locked=True)
    waiting = queue.waiting_near(session, record.teacher_id, set(), record.starts_at, now)
    yield record, gig
    if wanted.act in (Act.MOVE, Act.CANCEL, Act.RESIZE):
        queue.offer(session, waiting, now)


def _cancel(session: Session, record: SessionRecord, deed: Deed) -> None:
    row = way(record, Act.CANCEL, deed.now)
    # Before its places become free, so that they are offered to nobody.
    writes.change(session, record, row, deed, reason=deed.reason)
    lessons.end(session, record, deed)


def _move(session: Session, record: SessionRecord, gig: Row[Any], starts_at: datetime, deed: Deed) -> None:
    row = way(record, Act.MOVE, deed.now)
    if starts_at == record.starts_at:
        return
    checks.require_bookable_time(starts_at, deed.now)
    if in_the_way(session, gig, record.length, [starts_at], but=record.id):
        raise SessionsTaken([starts_at])
    checks.require_school_open(session, starts_at, starts_at + record.length)
    moved = writes.change(session, record, row, deed, starts_at=starts_at, ends_at=starts_at + record.length)
    lessons.move(session, record, moved, deed)


def _relocate(session: Session, record: SessionRecord, location: str | None, deed: Deed) -> None:
    row = way(record, Act.RELOCATE, deed.now)
    if location == record.location:
        return
    writes.change(session, record, row, deed, location=location)
    lessons.relocate(session, record, deed)


def _new(gig: Row[Any], wanted: NewSessions, starts_at: datetime, now: datetime) -> GroupSession:
    return GroupSession(
        gig_id=gig.id,
        teacher_id=gig.teacher_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=gig.duration_minutes),
        capacity=gig.capacity if wanted.capacity is None else wanted.capacity,
        location=wanted.location,
        created_at=now,
        updated_at=now,
    )

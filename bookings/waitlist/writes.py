"""The one writer of waitlists: entries, and the lists that a change makes old."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.orm import Session

import tags
from bookings import writes
from bookings.records import BookingRecord
from bookings.statuses import BookingStatus
from bookings.waitlist.models import OPEN, EntryStatus, WaitlistEntry
from bookings.waitlist.states import AFTER_OFFER, TRANSITIONS
from caching import invalidate


def create(session: Session, entry: WaitlistEntry) -> int:
    """Insert an entry and return its id."""
    session.add(entry)
    session.flush()
    _invalidate_lists(entry.student_id, entry.teacher_id)
    return entry.id


def change(
    session: Session, which: ColumnElement[bool], target: EntryStatus, now: datetime, **values: Any
) -> list[Row[Any]]:
    """Bring these entries into another state, as far as the table has a way there.

    Returns those that were changed.
    """
    sources = [row.source for row in TRANSITIONS if row.target == target]
    columns: list[Any] = [WaitlistEntry.id, WaitlistEntry.student_id, WaitlistEntry.teacher_id]
    # Of two who change the same entry the second one waits, and then finds it in another state.
    statement = select(*columns).where(which, WaitlistEntry.status.in_(sources)).order_by(WaitlistEntry.id)
    rows = list(session.execute(statement.with_for_update()))
    if rows:
        these = update(WaitlistEntry).where(WaitlistEntry.id.in_([row.id for row in rows]))
        session.execute(these.values(status=target, updated_at=now, **values))
    for row in rows:
        _invalidate_lists(row.student_id, row.teacher_id)
    return rows


def carry(session: Session, which: ColumnElement[bool], starts_at: datetime, now: datetime) -> None:
    """Let those who wait for a session wait for its new time.

    A student who waits for that time already does so once.
    """
    columns: list[Any] = [getattr(WaitlistEntry, name) for name in ("id", "gig_id", "student_id", "teacher_id")]
    rows = session.execute(select(*columns).where(which).order_by(WaitlistEntry.id).with_for_update()).all()
    if not rows:
        return
    there = (WaitlistEntry.gig_id == rows[0].gig_id, WaitlistEntry.starts_at == starts_at)
    already = select(WaitlistEntry.student_id).where(*there, WaitlistEntry.status.in_(OPEN))
    twice = set(session.scalars(already))
    moved = [row for row in rows if row.student_id not in twice]
    change(session, WaitlistEntry.id.in_({row.id for row in rows} - {row.id for row in moved}), EntryStatus.LAPSED, now)
    these = update(WaitlistEntry).where(WaitlistEntry.id.in_([row.id for row in moved]))
    session.execute(these.values(starts_at=starts_at, updated_at=now))
    for row in moved:
        _invalidate_lists(row.student_id, row.teacher_id)


def follow(session: Session, booking: BookingRecord, to: BookingStatus, now: datetime) -> None:
    """Close the entry for which a place was kept, when its booking changes."""
    if booking.offered_until is not None:
        change(session, WaitlistEntry.booking_id == booking.id, AFTER_OFFER[to], now)


writes.followers.append(follow)


def _invalidate_lists(student_id: int, teacher_id: int) -> None:
    invalidate(tags.user_waitlist(student_id), tags.user_waitlist(teacher_id))

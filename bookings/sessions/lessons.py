"""What an act on a session does to its lessons, all of them in one transaction.

Each goes by its row of the table and through `bookings/writes.py`, so that it has its history and is told of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from bookings import writes
from bookings.models import Booking, HeldTime
from bookings.records import COLUMNS, BookingRecord
from bookings.rules import cancellation
from bookings.sessions.records import SessionRecord
from bookings.sessions.writes import Deed
from bookings.states import Means, Verdict, asker_after, judge, way
from bookings.statuses import ACTIVE, ENDINGS, BookingStatus
from bookings.waitlist.models import EntryStatus, WaitlistEntry
from bookings.waitlist.writes import carry
from bookings.waitlist.writes import change as change_entries
from errors import Invalid, SlotTaken


def people_of(session: Session, record: SessionRecord) -> set[int]:
    """Return the students who have a place in a session, or ask to be moved there."""
    return set(session.scalars(select(Booking.student_id).where(or_(_in(record), _wish(record)))))


def active(session: Session, record: SessionRecord) -> list[BookingRecord]:
    """Read the lessons of a session that are asked for or agreed on, the first one first."""
    return _read(session, _in(record))


def move(session: Session, record: SessionRecord, moved: SessionRecord, deed: Deed) -> None:
    """Give all lessons of a session its new time.

    Places that the waitlist keeps were kept for the old one. A user who asks to be moved here asked for that time,
    too.
    """
    _refuse_wishes(session, record, deed)
    _require_free_students(session, record, moved)
    for booking in active(session, record):
        if booking.offered_until is not None:
            _end(session, booking, deed)
            continue
        row = way(booking, deed.by, deed.now, Means.MOVING)
        assert row is not None
        columns = cancellation.after_move(booking, by_student=False, now=deed.now)
        columns |= {"starts_at": moved.starts_at, "ends_at": moved.starts_at + booking.length}
        columns |= {"requested_by": asker_after(row, booking, deed.by)}
        writes.change(session, booking, row, by=deed.by, now=deed.now, reason=deed.reason, **columns)
    carry(session, _waiting_for(record), moved.starts_at, deed.now)


def end(session: Session, record: SessionRecord, deed: Deed) -> None:
    """End all lessons of a session that does not take place, at no cost for anyone."""
    change_entries(session, _waiting_for(record), EntryStatus.LAPSED, deed.now)
    _refuse_wishes(session, record, deed)
    for booking in active(session, record):
        _end(session, booking, deed)


def complete(
    session: Session, record: SessionRecord, absent: Collection[int], deed: Deed, *, waived: Collection[int] = ()
) -> None:
    """Note that a session took place, and who of its students did not come.

    Those whose lesson is `waived` owe nothing for it. Requests that were never answered expire by themselves. Raises
    Invalid if somebody is absent who had no place.
    """
    theirs = {row.id: row for row in active(session, record) if row.status == BookingStatus.ACCEPTED}
    known = session.scalars(select(Booking.id).where(Booking.session_id == record.id, _absent_already()))
    if not theirs.keys() | set(known) >= set(absent):
        raise Invalid({"no_show": ["Name lessons of this session that are agreed on."]})
    for booking in theirs.values():
        to = BookingStatus.NO_SHOW if booking.id in absent else BookingStatus.COMPLETED
        row = way(booking, deed.by, deed.now, Means.NAMING, to=to)
        assert row is not None
        owed = 0 if booking.id in waived else cancellation.no_show_fee_cents(booking)
        fee = {"cancellation_fee_cents": owed} if booking.id in absent else {}
        writes.change(session, booking, row, by=deed.by, now=deed.now, reason=deed.reason, **fee)


def fit(session: Session, gig_id: int, starts_at: datetime, capacity: int) -> None:
    """Seat everyone who has a place at this start on the first `capacity` seats.

    Raises SlotTaken if they are more.
    """
    here = (HeldTime.gig_id == gig_id, HeldTime.starts_at == starts_at, HeldTime.seat.is_not(None))
    columns: list[Any] = [HeldTime.booking_id, HeldTime.seat]
    held = session.execute(select(*columns).where(*here).order_by(HeldTime.seat)).all()
    if len(held) > capacity:
        raise SlotTaken(f"{len(held)} places of this session are taken, so it cannot have {capacity}.")
    free = sorted(set(range(1, capacity + 1)) - {row.seat for row in held})
    beyond = [row.booking_id for row in held if row.seat > capacity]
    for booking_id, seat in zip(beyond, free, strict=False):
        (booking,) = _read(session, Booking.id == booking_id)
        column = "seat" if booking.starts_at == starts_at else "move_seat"
        writes.seat(session, booking, **{column: seat})


def adopt(session: Session, gig_id: int, starts_at: datetime, session_id: int) -> None:
    """Take the lessons that begin at the same time, and were booked before there was a session, into it."""
    here = and_(Booking.gig_id == gig_id, Booking.starts_at == starts_at, Booking.status.in_(ACTIVE))
    for booking in _read(session, here):
        writes.seat(session, booking, session_id=session_id)


def relocate(session: Session, record: SessionRecord, deed: Deed) -> None:
    """Tell those who have agreed on a place in a session that it is elsewhere.

    Nobody else knows where it is.
    """
    for booking in active(session, record):
        if row := way(booking, deed.by, deed.now, Means.RELOCATING):
            writes.change(session, booking, row, by=deed.by, now=deed.now, reason=deed.reason)


def _end(session: Session, booking: BookingRecord, deed: Deed) -> None:
    to = next(status for status in ENDINGS if judge(booking, deed.by, status, deed.now) == Verdict.ALLOWED)
    row = way(booking, deed.by, deed.now, Means.NAMING, to=to)
    assert row is not None
    free = {"fee_since": None, "cancellation_fee_cents": 0}
    writes.change(session, booking, row, by=deed.by, now=deed.now, reason=deed.reason, **free)


def _refuse_wishes(session: Session, record: SessionRecord, deed: Deed) -> None:
    """Refuse those who ask to be moved into a session.

    Their lessons stay where they are.
    """
    for booking in _read(session, _wish(record)):
        row = way(booking, deed.by, deed.now, Means.REFUSING)
        assert row is not None
        writes.change(session, booking, row, by=deed.by, now=deed.now, reason=deed.reason)


def _require_free_students(session: Session, record: SessionRecord, moved: SessionRecord) -> None:
    """Raise SlotTaken if students of a session have something else at its new time."""
    students = select(Booking.student_id).where(_in(record), Booking.offered_until.is_(None))
    meanwhile = (HeldTime.starts_at < moved.ends_at, HeldTime.ends_at > moved.starts_at, HeldTime.holder != -record.id)
    busy = select(HeldTime.student_id).distinct().where(HeldTime.student_id.in_(students), *meanwhile)
    if number := len(session.scalars(busy).all()):
        who = "One of its students has" if number == 1 else f"{number} of its students have"
        raise SlotTaken(f"{who} another lesson at this time.")


def _read(session: Session, condition: ColumnElement[bool]) -> list[BookingRecord]:
    """Lock and read lessons, the first one first."""
    # What a student does to their own lesson at this moment is waited for, so that it does not fail the whole change.
    rows: Iterable[Any] = session.execute(select(*COLUMNS).where(condition).order_by(Booking.id).with_for_update())
    return [BookingRecord.of(row) for row in rows]


def _in(record: SessionRecord) -> ColumnElement[bool]:
    return and_(Booking.session_id == record.id, Booking.status.in_(ACTIVE))


def _wish(record: SessionRecord) -> ColumnElement[bool]:
    """Return the condition that a lesson of another time is asked to be moved into this session."""
    return and_(Booking.gig_id == record.gig_id, Booking.move_starts_at == record.starts_at)


def _absent_already() -> ColumnElement[bool]:
    return Booking.status == BookingStatus.NO_SHOW


def _waiting_for(record: SessionRecord) -> ColumnElement[bool]:
    this = and_(WaitlistEntry.gig_id == record.gig_id, WaitlistEntry.starts_at == record.starts_at)
    return and_(this, WaitlistEntry.status == EntryStatus.WAITING)

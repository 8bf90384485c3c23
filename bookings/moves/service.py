"""Giving a lesson another time, asking for one, and answering that.

A student of a gig that asks its teacher only asks for another time. The lesson stays agreed at its old one, at the old
terms, and the database holds both times until the answer.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from bookings import records, writes
from bookings.models import Booking
from bookings.parties import sides
from bookings.records import COLUMNS, BookingRecord, Place
from bookings.rules import cancellation, checks
from bookings.rules.agreement import MoveAnswer, NewTime
from bookings.sessions.places import session_at
from bookings.states import WAYS_TO_MOVE, Means, Transition, asker_after, way, way_to_answer, wrong_state
from bookings.statuses import BookingStatus
from bookings.waitlist.queue import freeing, lock_all
from database import in_batches, writing
from errors import NotFound
from gigs.queries import gig_for_booking

# So many wishes lapse in one transaction.
SWEEP_BATCH = 200


def move(booking_id: int, wanted: NewTime, *, actor: Actor, now: datetime) -> None:
    """Move a lesson to another time, or ask for that, as the table in `states.py` says for this user.

    The same time is no move; it takes back the user's own wish for another one. What a booking needs, a move needs,
    too, but for what the lesson holds itself, which is free for it. Raises NotFound if the booking is not visible to
    them, WrongState if it cannot be moved (any more), FeeChanged, Invalid, SlotTaken, SlotUnavailable.
    """
    with writing() as session:
        booking = records.read(session, booking_id)
        if not booking.parties(actor):
            raise NotFound
        gig = gig_for_booking(session, booking.gig_id)
        assert gig is not None
        row = way(booking, actor, now, *WAYS_TO_MOVE[checks.confirms_at_once(gig)])
        if row is None:
            raise wrong_state(booking, actor, now)
        asks = row.means == Means.ASKING
        if wanted.starts_at == booking.starts_at:
            _keep(session, booking, wanted, actor, now)
            return
        if asks and wanted.starts_at == booking.move_starts_at:
            return
        checks.require_bookable_time(wanted.starts_at, now)
        (_ask if asks else _move)(session, booking, row, gig, wanted, actor, now)


def answer(booking_id: int, given: MoveAnswer, *, actor: Actor, now: datetime) -> None:
    """Accept, decline or withdraw the wish for another time.

    Accepted, the lesson has the new time and its terms, and nothing is owed for the old one; else it stays exactly as
    it was. Raises NotFound if the booking is not visible to the user, Forbidden if the answer is not theirs to give,
    WrongState if there is no wish, or another one than they saw, SlotUnavailable if the school is closed then.
    """
    with writing() as session:
        booking = records.read(session, booking_id)
        if not booking.parties(actor):
            raise NotFound
        # In the order of all bookings. A change of a session that either time is in is over then, or waits.
        gig_for_booking(session, booking.gig_id)
        lock_all(session, booking.teacher_id, {booking.student_id})
        booking = records.read(session, booking_id)
        row = way_to_answer(booking, actor, given.by, now)
        if given.seen not in (None, booking.move_starts_at):
            raise wrong_state(booking, actor, now)
        end_wish(session, booking, row, by=actor, now=now, reason=given.reason)


def end_wish(
    session: Session, booking: BookingRecord, row: Transition, *, by: Actor | None, now: datetime, reason: str = ""
) -> None:
    """End the wish for another time by a row of the table.

    The time that it leaves is offered to those who wait for it. The caller has locked both people. Raises
    SlotUnavailable for a wish that is granted, if the school has become closed then.
    """
    assert booking.move_starts_at is not None
    columns: dict[str, Any] = {}
    left = replace(booking, starts_at=booking.move_starts_at)
    if row.means == Means.AGREEING:
        left = booking
        assert booking.move_ends_at is not None
        checks.require_school_open(session, booking.move_starts_at, booking.move_ends_at)
        place = {"starts_at": booking.move_starts_at, "ends_at": booking.move_ends_at, "seat": booking.move_seat}
        columns = place | {"fee_since": None, "session_id": _session_id(session, booking)}
    with freeing(session, left, now):
        writes.change(session, booking, row, by=by, now=now, reason=reason, **columns)


def lapse_due(now: datetime) -> int:
    """Let the wishes lapse that were not answered before one of their two times came, and return how many.

    Two sweepers at once are harmless.
    """
    return in_batches(partial(_lapse_batch, now=now), size=SWEEP_BATCH)


def _keep(session: Session, booking: BookingRecord, wanted: NewTime, actor: Actor, now: datetime) -> None:
    """Leave a lesson at its time, and take back the user's own wish for another one."""
    lock_all(session, booking.teacher_id, {booking.student_id})
    booking = records.read(session, booking.id)
    own = booking.move_asked_by is not None and booking.move_asked_by == sides(booking).get(actor.id)
    if own and (row := way(booking, actor, now, Means.WITHDRAWING)):
        end_wish(session, booking, row, by=actor, now=now, reason=wanted.reason)


def _move(
    session: Session,
    booking: BookingRecord,
    row: Transition,
    gig: Row[Any],
    wanted: NewTime,
    actor: Actor,
    now: datetime,
) -> None:
    """Give the lesson its new time.

    A fee that is due by now stays due, so a user who was told of another one does not move it.
    """
    # A teacher who asks a student for another time may ask for any: it is theirs, and the student may say no.
    asks_student = actor.id == booking.teacher_id and row.target == BookingStatus.PENDING
    by_student = actor.id == booking.student_id
    with freeing(session, booking, now):
        place = _place(session, booking, gig, wanted, actor, now, at_any_time=asks_student)
        owed = cancellation.fee_cents(booking, by_student=by_student, now=now)
        cancellation.require_told(wanted.fee_cents, owed)
        columns = cancellation.after_move(booking, by_student=by_student, now=now)
        columns |= asdict(place) | {"requested_by": asker_after(row, booking, actor)}
        writes.change(session, booking, row, by=actor, now=now, reason=wanted.reason, **columns)


def _ask(
    session: Session,
    booking: BookingRecord,
    row: Transition,
    gig: Row[Any],
    wanted: NewTime,
    actor: Actor,
    now: datetime,
) -> None:
    """Hold the other time, and ask for it.

    To ask costs nothing. A wish that is open already is replaced.
    """
    place = _place(session, booking, gig, wanted, actor, now)
    columns = {
        "move_starts_at": place.starts_at,
        "move_ends_at": place.ends_at,
        "move_seat": place.seat,
        "move_asked_by": sides(booking)[actor.id],
        "move_asked_at": now,
    }
    writes.change(session, booking, row, by=actor, now=now, reason=wanted.reason, **columns)


def _place(
    session: Session,
    booking: BookingRecord,
    gig: Row[Any],
    wanted: NewTime,
    actor: Actor,
    now: datetime,
    *,
    at_any_time: bool = False,
) -> Place:
    """Find the place at the new time."""
    with checks.discreet(actor, booking.student_id):
        offer = checks.gig_as_booked(gig, booking.length)
        checks.lock_people(session, booking.student_id, gig.teacher_id)
        return checks.free_place(
            session, offer, booking.student_id, wanted.starts_at, now, moved=booking.id, at_any_time=at_any_time
        )


def _session_id(session: Session, booking: BookingRecord) -> int | None:
    """Return the session, if there is one, that the lesson is asked to be moved into."""
    assert booking.move_starts_at is not None
    places = session_at(session, booking.gig_id, booking.move_starts_at)
    return places.id if places else None


def _lapse_batch(session: Session, *, now: datetime) -> int:
    over = or_(Booking.move_starts_at <= now, Booking.starts_at <= now)
    due = select(*COLUMNS).where(Booking.move_starts_at.is_not(None), over).order_by(Booking.id)
    found = session.execute(due.limit(SWEEP_BATCH)).all()
    # People before bookings, as everywhere: else a change of the lesson's session and this wait for each other.
    checks.active_students(session, {person for row in found for person in (row.student_id, row.teacher_id)})
    # A booking that is being changed at this moment is left to that request, or to the next sweep.
    these = due.where(Booking.id.in_([row.id for row in found]))
    rows = session.execute(these.with_for_update(skip_locked=True)).all()
    for booking in map(BookingRecord.of, rows):
        row = way(booking, None, now, Means.LAPSING)
        assert row is not None
        # What becomes free is found by the sweep of the waitlists: people are never locked after bookings.
        writes.change(session, booking, row, by=None, now=now)
    return len(rows)

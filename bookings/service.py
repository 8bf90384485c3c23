"""Changes of bookings: booking, proposing, answering, ending, expiring.

`moves/service.py` moves them.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

import tags
from accounts.actors import Actor
from accounts.models import Role
from bookings import marks, records, writes
from bookings.history import agreed_before
from bookings.models import Booking
from bookings.parties import Party
from bookings.records import COLUMNS, BookingRecord
from bookings.rules import cancellation, checks
from bookings.rules.agreement import LessonRequest, StatusChange, require_as_seen
from bookings.rules.limits import DEFAULT_LIMITS, Limits, require_room, require_room_for_proposal
from bookings.states import Means, Transition, Verdict, judge, way, wrong_state
from bookings.statuses import ENDINGS, BookingStatus
from bookings.waitlist.queue import freeing
from caching import invalidate
from database import in_batches, writing
from errors import Forbidden, Invalid, NotFound

# So many bookings expire in one transaction.
SWEEP_BATCH = 200


def create_booking(wanted: LessonRequest, *, actor: Actor, now: datetime, limits: Limits = DEFAULT_LIMITS) -> int:
    """Book a lesson and return its id.

    It is pending until the teacher answers, unless the gig confirms at once. Students book for themselves
    (`student_id` None or their own), administrators for any student. Raises Forbidden, Invalid, NotFound (no such
    gig, or not for this user), WrongState (the gig cannot be booked), PriceChanged, TooManyOpen, SlotTaken,
    SlotUnavailable.
    """
    student_id = checks.whom_to_book_for(actor, wanted.student_id)
    checks.require_bookable_time(wanted.starts_at, now)
    with writing() as session:
        gig = checks.bookable_gig(session, wanted.gig_id, actor)
        require_as_seen(gig._mapping, wanted.seen)
        checks.lock_people(session, student_id, gig.teacher_id)
        require_room(session, limits, actor, student_id, gig, now=now)
        booking = _draft(session, gig, wanted, student_id, actor, now)
        if checks.confirms_at_once(gig):
            booking.status = BookingStatus.ACCEPTED
        return writes.create(session, booking, by=actor, now=now)


def propose(wanted: LessonRequest, *, actor: Actor, now: datetime) -> int:
    """Propose a lesson of one of the teacher's own gigs to a student, and return its id.

    It is pending until the student answers. The time need not be one that the teacher offers, because it is theirs; it
    overlaps with no other lesson. Raises Forbidden, Invalid (also if the two have never agreed on a lesson), NotFound
    (no such gig), WrongState (the gig cannot be booked), PriceChanged, TooManyOpen, SlotTaken.
    """
    student_id = wanted.student_id
    if student_id is None:
        raise Forbidden("A teacher proposes a lesson to a student: give student_id.")
    checks.require_bookable_time(wanted.starts_at, now)
    with writing() as session:
        gig = checks.bookable_gig(session, wanted.gig_id, actor)
        require_as_seen(gig._mapping, wanted.seen)
        if gig.teacher_id != actor.id:
            raise Forbidden("A teacher proposes lessons of their own gigs.")
        if not agreed_before(actor.id, student_id):
            # Whether there is a user with this id must not show.
            raise Invalid({"student_id": ["A lesson can be proposed to somebody who has agreed on one with you."]})
        checks.lock_people(session, student_id, actor.id)
        require_room_for_proposal(session, actor.id, student_id)
        booking = _draft(session, gig, wanted, student_id, actor, now, at_any_time=True)
        booking.requested_by = Role.TEACHER
        return writes.create(session, booking, by=actor, now=now)


def may_propose(viewer: Actor, booking: BookingRecord) -> bool:
    """Tell whether a user is the teacher of a booking and may propose another lesson to its student."""
    is_teacher = viewer.role == Role.TEACHER and viewer.id == booking.teacher_id
    return is_teacher and agreed_before(viewer.id, booking.student_id)


def change_status(booking_id: int, step: StatusChange, *, actor: Actor, now: datetime) -> None:
    """Bring a booking into another state, if the table in `states.py` lets this user do so now.

    A user who agrees to a time, or to a fee, does not agree to another one. Raises NotFound if the booking is not
    visible to them, Forbidden if they may never do that, WrongState if it cannot be done from the present state, now or
    for the time that they saw, FeeChanged, Invalid if there is no such state.
    """
    with writing() as session:
        change(session, records.read(session, booking_id), step, actor=actor, now=now)


def change(session: Session, booking: BookingRecord, step: StatusChange, *, actor: Actor, now: datetime) -> None:
    """Do the same with a booking that was read in this transaction."""
    row = _allowed_way(booking, actor, step.to, now)
    if step.seen not in (None, booking.starts_at):
        raise wrong_state(booking, actor, now)
    columns = _fee_after(booking, step, actor, now)
    with freeing(session, booking, now) if row.target in ENDINGS else nullcontext():
        writes.change(session, booking, row, by=actor, now=now, reason=step.reason, **columns)


def expire_due(now: datetime) -> int:
    """Expire the pending bookings whose time has come, and return how many.

    Two sweepers at once are harmless.
    """
    return in_batches(partial(_expire_batch, now=now), size=SWEEP_BATCH)


def see(booking_id: int, *, actor: Actor, now: datetime) -> None:
    """Note that a user has seen what the other side has changed about a booking.

    For a student it may be that somebody has entered it for them, which they can object to for a while from now on.
    Raises NotFound if the booking is not visible to them.
    """
    with writing() as session:
        booking = records.read(session, booking_id)
        if not booking.parties(actor):
            raise NotFound
        if booking.entered_at and booking.seen_at is None and actor.id == booking.student_id:
            writes.note_seen(session, booking, now)
        if marks.is_marked(session, booking_id, actor.id):
            marks.see(session, booking, actor.id)
            # Nobody else's list shows it.
            invalidate(tags.user_bookings(actor.id))


def _draft(
    session: Session,
    gig: Row[Any],
    wanted: LessonRequest,
    student_id: int,
    actor: Actor,
    now: datetime,
    *,
    at_any_time: bool = False,
) -> Booking:
    """Build a booking on a free seat.

    Raises SlotTaken, SlotUnavailable.
    """
    with checks.discreet(actor, student_id):
        place = checks.free_place(session, gig, student_id, wanted.starts_at, now, at_any_time=at_any_time)
    booking = writes.new_booking(gig, student_id, place, now)
    booking.note = wanted.note
    return booking


def _allowed_way(booking: BookingRecord, actor: Actor, to: str, now: datetime) -> Transition:
    if to not in set(BookingStatus):
        raise Invalid({"status": ["There is no such status."]})
    if not booking.parties(actor):
        raise NotFound
    if row := way(booking, actor, now, Means.NAMING, to=BookingStatus(to)):
        return row
    if judge(booking, actor, to, now) == Verdict.WRONG_PERSON:
        raise Forbidden("This change is not yours to make.")
    raise wrong_state(booking, actor, now)


def _fee_after(booking: BookingRecord, step: StatusChange, actor: Actor, now: datetime) -> dict[str, object]:
    """Return what a step makes of the fee.

    Raises FeeChanged if it is not what the user was told.
    """
    by_student = actor.id == booking.student_id
    if step.waive_fee:
        if by_student or not booking.parties(actor) & {Party.TEACHER, Party.ADMIN}:
            raise Forbidden("Only the teacher waives a fee.")
        booking = replace(booking, fee_since=None)
    columns: dict[str, object] = {"fee_since": None} if step.waive_fee else {}
    if step.to == BookingStatus.NO_SHOW:
        owed = 0 if step.waive_fee else cancellation.no_show_fee_cents(booking)
    elif step.to in ENDINGS:
        owed = cancellation.fee_cents(booking, by_student=by_student, now=now)
    else:
        return columns
    # A teacher who waives a fee need not have been told the right one.
    if not step.waive_fee:
        cancellation.require_told(step.fee_cents, owed)
    return columns | {"cancellation_fee_cents": owed}


def _expire_batch(session: Session, *, now: datetime) -> int:
    """Expire some bookings that were not answered in time.

    The waitlist's offers expire in its own sweep. No place becomes free that could be offered, because its time has
    come.
    """
    due = select(*COLUMNS).where(Booking.status == BookingStatus.PENDING, Booking.starts_at <= now)
    due = due.where(Booking.offered_until.is_(None)).order_by(Booking.id).limit(SWEEP_BATCH)
    # A booking that is being changed at this moment is left to that request, or to the next sweep.
    rows = session.execute(due.with_for_update(skip_locked=True)).all()
    for booking in map(BookingRecord.of, rows):
        row = way(booking, None, now, Means.NAMING, to=BookingStatus.EXPIRED)
        assert row is not None
        # What a late move has left owing stays owing.
        owed = cancellation.full_fee_cents(booking) if booking.fee_since else None
        writes.change(session, booking, row, by=None, now=now, cancellation_fee_cents=owed)
    return len(rows)

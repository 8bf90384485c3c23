"""Changes of bookings: booking a lesson, and every step of its life. Each names the tags it makes old."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from accounts.actors import Actor
from bookings import writes
from bookings.models import Booking, BookingEvent, BookingStatus
from bookings.rules import checks
from bookings.rules.agreement import LessonRequest, StatusChange, require_as_seen
from bookings.rules.cancellation import ENDINGS, Terms, fee_cents, share_of, terms_of
from bookings.rules.limits import DEFAULT_LIMITS, Limits, require_room
from bookings.states import Party, Standing, Verdict, allowed_transitions, judge
from bookings.waitlist import queue
from database import changed_rows, writing
from errors import FeeChanged, Forbidden, Invalid, NotFound, WrongState

# So many bookings expire in one transaction.
SWEEP_BATCH = 200


def create_booking(wanted: LessonRequest, *, actor: Actor, now: datetime, limits: Limits = DEFAULT_LIMITS) -> int:
    """Book a lesson and return its id; it is pending until the teacher answers.

    Students book for themselves (`student_id` None or their own), administrators for any student. Raises Forbidden,
    Invalid, NotFound (no such gig, or not for this person), WrongState (the gig cannot be booked), PriceChanged,
    TooManyOpen, SlotTaken, SlotUnavailable.
    """
    student_id = checks.whom_to_book_for(actor, wanted.student_id)
    checks.require_bookable_time(wanted.starts_at, now)
    with writing() as session:
        gig = checks.bookable_gig(session, wanted.gig_id, actor)
        require_as_seen(gig._mapping, wanted.seen)
        checks.lock_people(session, student_id, gig.teacher_id)
        require_room(session, limits, actor, student_id, gig.teacher_id)
        booking = writes.new_booking(gig, student_id, wanted.starts_at, now)
        booking.note = wanted.note
        with checks.discreet(actor, student_id):
            booking.seat = checks.free_seat(session, gig, student_id, wanted.starts_at, now)
        writes.insert(session, booking)
        session.add(BookingEvent(booking_id=booking.id, actor_id=actor.id, at=now, to_status=BookingStatus.PENDING))
        writes.invalidate_lists(booking.student_id, booking.teacher_id)
    return booking.id


def change_status(booking_id: int, step: StatusChange, *, actor: Actor, now: datetime) -> None:
    """Bring a booking into another state, if the table in `states.py` lets this person do so now.

    Who agrees to a time, or to a fee, does not agree to another one. Raises NotFound if it is none of their business,
    Forbidden if they may never do that, WrongState if it cannot be done from the present state, at this time or for the
    time that they saw, FeeChanged, Invalid if there is no such state.
    """
    if step.to not in set(BookingStatus):
        raise Invalid({"status": ["There is no such status."]})
    with writing() as session:
        booking = read_standing(session, booking_id)
        _require_allowed(booking, actor, step.to, now)
        if step.seen not in (None, booking.starts_at):
            raise wrong_state(booking, actor, now)
        # What ends a lesson makes its place free for others.
        waiting = queue.waiting_for(session, booking, now) if step.to in ENDINGS else []
        values: dict[str, Any] = {"status": step.to, "offered_until": None}
        if step.to in ENDINGS or step.waive_fee:
            values |= _fee_after(step, booking, terms_of(session, booking_id, keep=True), actor, now)
        write_change(session, booking_id, booking, actor, now, values, reason=step.reason)
        if booking.offered:
            queue.settle(session, booking_id, step.to, now)
        queue.offer(session, waiting, now)


def expire_due(now: datetime) -> int:
    """Expire the pending bookings whose time has come; return how many. Two sweepers at once are harmless."""
    expired = 0
    while True:
        with writing() as session:
            batch = _expire_batch(session, now)
        expired += batch
        if batch < SWEEP_BATCH:
            return expired


def read_standing(session: Session, booking_id: int) -> Standing:
    """Read what the table of states needs to know. Raises NotFound."""
    columns: list[Any] = [Booking.status, Booking.student_id, Booking.teacher_id, Booking.requested_by]
    columns += [Booking.starts_at, Booking.offered_until.is_not(None)]
    row = session.execute(select(*columns).where(Booking.id == booking_id)).one_or_none()
    if row is None:
        raise NotFound
    return Standing(*row)


def write_change(
    session: Session,
    booking_id: int,
    booking: Standing,
    actor: Actor,
    now: datetime,
    values: Mapping[str, Any],
    *,
    reason: str,
) -> None:
    """Change a booking that still stands as it was read, add that to its history, make old what shows it.

    `values` has the new status, and the new `starts_at` if it moves. Raises WrongState if somebody was faster, and
    SlotTaken if the database refuses the new time.
    """
    same = (Booking.id == booking_id, Booking.status == booking.status, Booking.starts_at == booking.starts_at)
    with writes.overlaps_refused():
        if not changed_rows(session, update(Booking).where(*same).values({**values, "updated_at": now})):
            # Somebody was faster, and has committed: what they made of it decides now.
            raise wrong_state(read_standing(session, booking_id), actor, now)
    moved_to = values.get("starts_at")
    session.add(
        BookingEvent(
            booking_id=booking_id,
            actor_id=actor.id,
            at=now,
            from_status=booking.status,
            to_status=values["status"],
            from_starts_at=booking.starts_at if moved_to else None,
            to_starts_at=moved_to,
            reason=reason,
        )
    )
    writes.invalidate_lists(booking.student_id, booking.teacher_id)


def wrong_state(booking: Standing, actor: Actor, now: datetime) -> WrongState:
    """Build the error that says how things stand, and what is possible instead."""
    allowed = allowed_transitions(booking, actor, now)
    time = "has begun" if booking.starts_at <= now else "has not begun yet"
    detail = (
        f"This booking is {booking.status}, and its lesson {time}. Possible now: {', '.join(allowed) or 'nothing'}."
    )
    return WrongState(detail, current=booking.status, allowed=allowed)


def _expire_batch(session: Session, now: datetime) -> int:
    due = select(Booking.id).where(Booking.status == BookingStatus.PENDING, Booking.starts_at <= now)
    # The waitlist's offers expire in a way of their own.
    due = due.where(Booking.offered_until.is_(None))
    # A booking that somebody is changing at this moment is left to them, or to the next sweep.
    ids = session.scalars(due.order_by(Booking.id).limit(SWEEP_BATCH).with_for_update(skip_locked=True)).all()
    if not ids:
        return 0
    still_pending = (Booking.id.in_(ids), Booking.status == BookingStatus.PENDING)
    expired = update(Booking).where(*still_pending).values(status=BookingStatus.EXPIRED, updated_at=now)
    terms = (Booking.price_cents, Booking.late_cancellation_percent, Booking.fee_since)
    rows = session.execute(expired.returning(Booking.id, Booking.student_id, Booking.teacher_id, *terms)).all()
    for row in rows:
        _note_fee(session, row)
        session.add(
            BookingEvent(booking_id=row.id, at=now, from_status=BookingStatus.PENDING, to_status=BookingStatus.EXPIRED)
        )
        writes.invalidate_lists(row.student_id, row.teacher_id)
    return len(rows)


def _fee_after(step: StatusChange, booking: Standing, terms: Terms, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what a step makes of the fee. Raises FeeChanged if it is not what the person was told."""
    waived: dict[str, Any] = {}
    if step.waive_fee:
        if actor.id == booking.student_id or not booking.parties(actor) & {Party.TEACHER, Party.ADMIN}:
            raise Forbidden("Only the teacher waives a fee.")
        terms, waived = replace(terms, fee_since=None), {"fee_since": None}
    if step.to not in ENDINGS:
        return waived
    owed = fee_cents(terms, by_student=actor.id == booking.student_id, now=now)
    # Who waives a fee need not have been told the right one.
    if step.fee_cents not in (None, owed) and not step.waive_fee:
        raise FeeChanged({"fee_cents": owed})
    return waived | {"cancellation_fee_cents": owed}


def _note_fee(session: Session, expired: Any) -> None:
    """Write down what a late move has left owing, now that nobody has answered it in time."""
    if expired.fee_since is not None:
        owed = share_of(expired.price_cents, expired.late_cancellation_percent)
        session.execute(update(Booking).where(Booking.id == expired.id).values(cancellation_fee_cents=owed))


def _require_allowed(booking: Standing, actor: Actor, to: str, now: datetime) -> None:
    if not booking.parties(actor):
        raise NotFound
    verdict = judge(booking, actor, to, now)
    if verdict == Verdict.WRONG_PERSON:
        raise Forbidden("This change is not yours to make.")
    if verdict != Verdict.ALLOWED:
        raise wrong_state(booking, actor, now)

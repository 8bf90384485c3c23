"""Changes of bookings: booking a lesson, and every step of its life. Each names the tags it makes old."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from accounts.actors import Actor
from bookings import admission, records, waitlist_queue
from bookings.cancellation import fee_cents, terms_of
from bookings.models import Booking, BookingEvent, BookingStatus
from bookings.states import Standing, Verdict, allowed_transitions, judge
from database import changed_rows, writing
from errors import Forbidden, Invalid, NotFound, WrongState

# So many bookings expire in one transaction.
SWEEP_BATCH = 200
# What makes a place free for others.
FREEING = (BookingStatus.REJECTED, BookingStatus.CANCELLED)


def create_booking(
    *, gig_id: int, student_id: int | None, actor: Actor, starts_at: datetime, note: str, now: datetime
) -> int:
    """Book a lesson and return its id; it is pending until the teacher answers.

    Students book for themselves (`student_id` None or their own), administrators for any student. Raises Forbidden,
    Invalid, NotFound (no such gig, or not for this person), WrongState (the gig cannot be booked), SlotTaken,
    SlotUnavailable.
    """
    student_id = admission.whom_to_book_for(actor, student_id)
    admission.require_bookable_time(starts_at, now)
    with writing() as session:
        gig = admission.bookable_gig(session, gig_id, actor)
        admission.lock_people(session, student_id, gig.teacher_id)
        booking = records.new_booking(gig, student_id, starts_at, now)
        booking.note = note
        booking.seat = admission.free_seat(session, gig, student_id, starts_at, now)
        records.insert(session, booking)
        session.add(BookingEvent(booking_id=booking.id, actor_id=actor.id, at=now, to_status=BookingStatus.PENDING))
        records.touch_lists(booking.student_id, booking.teacher_id)
    return booking.id


def change_status(
    *, booking_id: int, actor: Actor, to: str, reason: str, now: datetime, seen: datetime | None = None
) -> None:
    """Bring a booking into another state, if the table in `states.py` lets this person do so now.

    With `seen` only if it still begins then: who agrees to a time does not agree to another one. Raises NotFound if it
    is none of their business, Forbidden if they may never do that, WrongState if it cannot be done from the present
    state or at this time, Invalid if there is no such state.
    """
    if to not in set(BookingStatus):
        raise Invalid({"status": ["There is no such status."]})
    with writing() as session:
        booking = read_standing(session, booking_id)
        _require_allowed(booking, actor, to, now)
        if seen not in (None, booking.starts_at):
            raise wrong_state(booking, actor, now)
        queue = waitlist_queue.waiting_for(session, booking, now) if to in FREEING else []
        values: dict[str, Any] = {"status": to, "offered_until": None}
        if to == BookingStatus.CANCELLED:
            by_student = actor.id == booking.student_id
            values["cancellation_fee_cents"] = fee_cents(terms_of(session, booking_id), by_student=by_student, now=now)
        write_change(session, booking_id, booking, actor, now, values, reason=reason)
        if booking.offered:
            waitlist_queue.settle(session, booking_id, to, now)
        waitlist_queue.offer(session, queue, now)


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
    with records.overlaps_refused():
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
    records.touch_lists(booking.student_id, booking.teacher_id)


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
    rows = session.execute(expired.returning(Booking.id, Booking.student_id, Booking.teacher_id)).all()
    for row in rows:
        session.add(
            BookingEvent(booking_id=row.id, at=now, from_status=BookingStatus.PENDING, to_status=BookingStatus.EXPIRED)
        )
        records.touch_lists(row.student_id, row.teacher_id)
    return len(rows)


def _require_allowed(booking: Standing, actor: Actor, to: str, now: datetime) -> None:
    if not booking.parties(actor):
        raise NotFound
    verdict = judge(booking, actor, to, now)
    if verdict == Verdict.WRONG_PERSON:
        raise Forbidden("This change is not yours to make.")
    if verdict != Verdict.ALLOWED:
        raise wrong_state(booking, actor, now)

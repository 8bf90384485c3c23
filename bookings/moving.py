"""Giving a lesson another time. It stays the same booking, with its id, its price, its length and its history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from bookings.models import Booking, BookingStatus
from bookings.rules import cancellation, checks
from bookings.rules.cancellation import after_move, terms_of
from bookings.service import read_standing, write_change, wrong_state
from bookings.states import Standing, Transition, asker_after, move_of
from bookings.waitlist import queue
from database import writing
from errors import FeeChanged, NotFound


def move(
    *, booking_id: int, actor: Actor, starts_at: datetime, reason: str, now: datetime, fee_cents: int | None = None
) -> None:
    """Move a lesson to another time, if the table in `states.py` lets this person do so now; the same time is no move.

    What a booking needs, a move needs, too, but for the lesson's own old place, which is free for it. A fee that is
    due by now stays due, so who was told of another `fee_cents` does not move it. Raises NotFound if it is none of
    their business, WrongState if it cannot be moved (any more), FeeChanged, Invalid, SlotTaken, SlotUnavailable.
    """
    with writing() as session:
        booking = read_standing(session, booking_id)
        if not booking.parties(actor):
            raise NotFound
        row = move_of(booking, actor, now)
        if row is None:
            raise wrong_state(booking, actor, now)
        if starts_at == booking.starts_at:
            return
        checks.require_bookable_time(starts_at, now)
        waiting = queue.waiting_for(session, booking, now)
        with checks.discreet(actor, booking.student_id):
            place = _new_place(session, booking_id, starts_at, now, at_any_time=_asks_the_student(row, booking, actor))
        asker = asker_after(row, booking, actor)
        by_student, terms = actor.id == booking.student_id, terms_of(session, booking_id, keep=True)
        if fee_cents not in (None, owed := cancellation.fee_cents(terms, by_student=by_student, now=now)):
            raise FeeChanged({"fee_cents": owed})
        terms_after = after_move(terms, by_student=by_student, now=now)
        values = {"status": row.target, "requested_by": asker} | place | terms_after
        write_change(session, booking_id, booking, actor, now, values, reason=reason)
        queue.offer(session, waiting, now)


def _asks_the_student(row: Transition, booking: Standing, actor: Actor) -> bool:
    """Tell whether the teacher asks for a time and the student may say no: then the teacher's windows do not matter."""
    return actor.id == booking.teacher_id and row.target == BookingStatus.PENDING


def _new_place(
    session: Session, booking_id: int, starts_at: datetime, now: datetime, *, at_any_time: bool
) -> dict[str, Any]:
    """Find the place of the moved lesson: when it begins and ends, and on which seat."""
    columns = (Booking.gig_id, Booking.student_id, Booking.starts_at, Booking.ends_at)
    old = session.execute(select(*columns).where(Booking.id == booking_id)).one()
    length = old.ends_at - old.starts_at
    gig = checks.gig_as_booked(session, old.gig_id, length)
    checks.lock_people(session, old.student_id, gig.teacher_id)
    seat = checks.free_seat(session, gig, old.student_id, starts_at, now, moved=booking_id, at_any_time=at_any_time)
    return {"starts_at": starts_at, "ends_at": starts_at + length, "seat": seat}

"""Lessons that a teacher proposes to a student they know; the student answers."""

from __future__ import annotations

from datetime import datetime

from accounts.actors import Actor
from accounts.models import Role
from bookings import admission, records
from bookings.models import BookingEvent, BookingStatus
from bookings.queries import share_booking
from database import writing
from errors import Forbidden, Invalid


def propose(*, gig_id: int, student_id: int | None, actor: Actor, starts_at: datetime, note: str, now: datetime) -> int:
    """Ask a student for a lesson of one of the teacher's own gigs and return its id; it is pending until they answer.

    The time need not be one that the teacher offers, because it is theirs; it overlaps with no other lesson. Raises
    Forbidden, Invalid (also if the student is not known to the teacher), NotFound (no such gig), WrongState (the gig
    cannot be booked), SlotTaken.
    """
    if student_id is None:
        raise Forbidden("A teacher proposes a lesson to a student: give student_id.")
    admission.require_bookable_time(starts_at, now)
    with writing() as session:
        gig = admission.bookable_gig(session, gig_id, actor)
        if gig.teacher_id != actor.id:
            raise Forbidden("A teacher proposes lessons of their own gigs.")
        if not share_booking(actor.id, student_id):
            # Whether there is somebody with this id is none of the teacher's business.
            raise Invalid({"student_id": ["A lesson can be proposed to somebody who has had one with you before."]})
        admission.lock_people(session, student_id, actor.id)
        booking = records.new_booking(gig, student_id, starts_at, now)
        booking.note, booking.requested_by = note, Role.TEACHER
        booking.seat = admission.free_seat(session, gig, student_id, starts_at, now, at_any_time=True)
        records.insert(session, booking)
        session.add(BookingEvent(booking_id=booking.id, actor_id=actor.id, at=now, to_status=BookingStatus.PENDING))
        records.touch_lists(booking.student_id, booking.teacher_id)
    return booking.id

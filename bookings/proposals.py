"""Lessons that a teacher proposes to a student they know; the student answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.actors import Actor
from accounts.models import Role
from bookings import writes
from bookings.models import BookingEvent, BookingStatus
from bookings.queries import agreed_before
from bookings.rules import checks
from bookings.rules.agreement import LessonRequest, require_as_seen
from bookings.rules.limits import require_room_for_proposal
from database import writing
from errors import Forbidden, Invalid


def may_propose(viewer: Actor, booking: Mapping[str, Any]) -> bool:
    """Tell whether somebody is the teacher of a booking and may propose another lesson to its student."""
    is_teacher = viewer.role == Role.TEACHER and viewer.id == booking["teacher"]["id"]
    return is_teacher and agreed_before(viewer.id, booking["student"]["id"])


def propose(wanted: LessonRequest, *, actor: Actor, now: datetime) -> int:
    """Ask a student for a lesson of one of the teacher's own gigs and return its id; it is pending until they answer.

    The time need not be one that the teacher offers, because it is theirs; it overlaps with no other lesson. Raises
    Forbidden, Invalid (also if the two have never agreed on a lesson), NotFound (no such gig), WrongState (the gig
    cannot be booked), PriceChanged, TooManyOpen, SlotTaken.
    """
    student_id, starts_at = wanted.student_id, wanted.starts_at
    if student_id is None:
        raise Forbidden("A teacher proposes a lesson to a student: give student_id.")
    checks.require_bookable_time(starts_at, now)
    with writing() as session:
        gig = checks.bookable_gig(session, wanted.gig_id, actor)
        require_as_seen(gig._mapping, wanted.seen)
        if gig.teacher_id != actor.id:
            raise Forbidden("A teacher proposes lessons of their own gigs.")
        if not agreed_before(actor.id, student_id):
            # Whether there is somebody with this id is none of the teacher's business.
            raise Invalid({"student_id": ["A lesson can be proposed to somebody who has agreed on one with you."]})
        checks.lock_people(session, student_id, actor.id)
        require_room_for_proposal(session, actor.id, student_id)
        booking = writes.new_booking(gig, student_id, starts_at, now)
        booking.note, booking.requested_by = wanted.note, Role.TEACHER
        with checks.discreet(actor, student_id):
            booking.seat = checks.free_seat(session, gig, student_id, starts_at, now, at_any_time=True)
        writes.insert(session, booking)
        session.add(BookingEvent(booking_id=booking.id, actor_id=actor.id, at=now, to_status=BookingStatus.PENDING))
        writes.invalidate_lists(booking.student_id, booking.teacher_id)
    return booking.id

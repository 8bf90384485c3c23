"""Who gets a place that has become free; for whatever frees one, in the same transaction.

An offer is a pending booking with `offered_until`: so it takes the seat, and the database itself keeps others away.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from accounts.models import Role
from bookings import writes
from bookings.models import LONGEST_LESSON, BookingEvent, BookingStatus
from bookings.rules import checks
from bookings.states import Standing
from bookings.waitlist.models import EntryStatus, WaitlistEntry
from bookings.waitlist.states import change
from errors import SlotTaken, SlotUnavailable
from gigs.queries import gig_for_booking

# So long a place is kept, at most until the lesson begins.
OFFER_LASTS = timedelta(hours=2)
# A lesson keeps others away that overlap with it, or are too near for the teacher's pauses. Where it also counted for a
# limit per day or week, the sweep finds the places that this makes free elsewhere.
NEAR = 2 * LONGEST_LESSON
# So many are considered at once; the sweep goes on with the others.
MOST_CONSIDERED = 20

# What becomes of an entry with the booking by which a place was kept.
_SETTLED = {
    BookingStatus.ACCEPTED: EntryStatus.ACCEPTED,
    BookingStatus.REJECTED: EntryStatus.DECLINED,
    BookingStatus.EXPIRED: EntryStatus.EXPIRED,
    BookingStatus.CANCELLED: EntryStatus.LAPSED,
}


def waiting_for(session: Session, booking: Standing, now: datetime) -> Sequence[Row[Any]]:
    """Read who waits for a time that this booking may keep them from, the first to come first.

    To be called before the booking is changed: if there is anybody, everybody else who books for them, or for the
    booking's two people, has to wait from here on, and people are always locked before bookings.
    """
    return waiting_near(session, booking.teacher_id, {booking.student_id}, booking.starts_at, now)


def waiting_near(
    session: Session, teacher_id: int, others: set[int], starts_at: datetime, now: datetime, near: timedelta = NEAR
) -> Sequence[Row[Any]]:
    """Read the same for any time of a teacher; `others` are locked as well."""
    columns: list[Any] = [WaitlistEntry.id, WaitlistEntry.gig_id, WaitlistEntry.student_id, WaitlistEntry.starts_at]
    waiting = (WaitlistEntry.teacher_id == teacher_id, WaitlistEntry.status == EntryStatus.WAITING)
    meanwhile = WaitlistEntry.starts_at.between(max(starts_at - near, now), starts_at + near)
    statement = select(*columns).where(*waiting, meanwhile).order_by(WaitlistEntry.id).limit(MOST_CONSIDERED)
    rows = session.execute(statement).all()
    if not rows:
        return []
    students = checks.active_students(session, {teacher_id, *others, *(row.student_id for row in rows)})
    return [row for row in rows if row.student_id in students]


def lock_all(session: Session, booking: Standing) -> None:
    """Make everybody wait who books for a booking's people or for anyone who waits for its teacher.

    For whoever changes several bookings at once: people are locked before the first of them.
    """
    waiting = (WaitlistEntry.teacher_id == booking.teacher_id, WaitlistEntry.status == EntryStatus.WAITING)
    students = session.scalars(select(WaitlistEntry.student_id).distinct().where(*waiting))
    checks.active_students(session, {booking.student_id, booking.teacher_id, *students})


def offer(session: Session, queue: Sequence[Row[Any]], now: datetime) -> int:
    """Offer what is free to those who have waited longest; return how many places were offered."""
    return sum(_offer(session, entry, now) for entry in queue)


def settle(session: Session, booking_id: int, to: str, now: datetime) -> None:
    """Close the entry for which a place was kept, now that its booking has got another state."""
    if (target := _SETTLED.get(BookingStatus(to))) is not None:
        change(session, WaitlistEntry.booking_id == booking_id, target, now)


def _offer(session: Session, entry: Row[Any], now: datetime) -> bool:
    """Keep a place for somebody if there is one that they can take."""
    gig = gig_for_booking(session, entry.gig_id)
    if gig is None or not gig.is_taught or checks.why_not_bookable(gig):
        return False
    try:
        seat = checks.free_seat(session, gig, entry.student_id, entry.starts_at, now)
    except (SlotTaken, SlotUnavailable):
        return False
    booking = writes.new_booking(gig, entry.student_id, entry.starts_at, now)
    booking.seat, booking.requested_by = seat, Role.TEACHER
    booking.offered_until = min(now + OFFER_LASTS, entry.starts_at)
    writes.insert(session, booking)
    session.add(BookingEvent(booking_id=booking.id, at=now, to_status=BookingStatus.PENDING))
    change(session, WaitlistEntry.id == entry.id, EntryStatus.OFFERED, now, booking_id=booking.id)
    writes.invalidate_lists(entry.student_id, gig.teacher_id)
    return True

"""Who gets a place that has become free, in the transaction that makes it free.

An offer is a pending booking with `offered_until`: so it takes the seat, and the database itself keeps others away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from accounts.models import Role
from bookings import writes
from bookings.models import LONGEST_LESSON
from bookings.records import BookingRecord
from bookings.rules import checks
from bookings.waitlist.models import EntryStatus, WaitlistEntry
from bookings.waitlist.writes import change
from errors import SlotTaken, SlotUnavailable
from gigs.queries import gig_for_booking

# So long a place is kept, at most until the lesson begins.
OFFER_LASTS = timedelta(hours=2)
# A lesson keeps others away that overlap with it, or are too near for the teacher's pauses. Where it also counted for a
# limit per day or week, the sweep finds the places that this makes free elsewhere.
NEAR = 2 * LONGEST_LESSON
# So many are considered at once; the sweep goes on with the others.
MOST_CONSIDERED = 20


@contextmanager
def freeing(session: Session, booking: BookingRecord, now: datetime) -> Iterator[None]:
    """Offer the place that the block makes free to the students who have waited longest.

    The queue is read before the booking is changed: all other requests that book for these students, or for the
    booking's two people, have to wait from here on, and people are always locked before bookings.
    """
    queue = waiting_near(session, booking.teacher_id, {booking.student_id}, booking.starts_at, now)
    yield
    offer(session, queue, now)


def waiting_near(
    session: Session, teacher_id: int, others: set[int], starts_at: datetime, now: datetime, near: timedelta = NEAR
) -> Sequence[Row[Any]]:
    """Lock and return who waits for a time of this teacher near `starts_at`, the first one first.

    `others` are locked as well.
    """
    columns: list[Any] = [WaitlistEntry.id, WaitlistEntry.gig_id, WaitlistEntry.student_id, WaitlistEntry.starts_at]
    waiting = (WaitlistEntry.teacher_id == teacher_id, WaitlistEntry.status == EntryStatus.WAITING)
    meanwhile = WaitlistEntry.starts_at.between(max(starts_at - near, now), starts_at + near)
    statement = select(*columns).where(*waiting, meanwhile).order_by(WaitlistEntry.id).limit(MOST_CONSIDERED)
    rows = session.execute(statement).all()
    if not rows:
        return []
    students = checks.active_students(session, {teacher_id, *others, *(row.student_id for row in rows)})
    return [row for row in rows if row.student_id in students]


def lock_all(session: Session, teacher_id: int, people: Collection[int]) -> None:
    """Lock a teacher, these people and everyone who waits for the teacher.

    For changes of several bookings at once: people are locked before the first of them.
    """
    waiting = (WaitlistEntry.teacher_id == teacher_id, WaitlistEntry.status == EntryStatus.WAITING)
    students = session.scalars(select(WaitlistEntry.student_id).distinct().where(*waiting))
    checks.active_students(session, {teacher_id, *people, *students})


def offer(session: Session, queue: Sequence[Row[Any]], now: datetime) -> int:
    """Offer what is free to those who have waited longest.

    Returns how many places were offered.
    """
    return sum(_offer(session, entry, now) for entry in queue)


def _offer(session: Session, entry: Row[Any], now: datetime) -> bool:
    """Keep a place for a student if there is one that they can take."""
    # Gigs are locked before people, who are locked by now: to wait here for a change of the gig, which waits for its
    # teacher, would be a deadlock. What is left out is found by the sweep.
    gig = gig_for_booking(session, entry.gig_id, wait=False)
    if gig is None or not gig.is_taught or checks.why_not_bookable(gig):
        return False
    try:
        place = checks.free_place(session, gig, entry.student_id, entry.starts_at, now)
    except (SlotTaken, SlotUnavailable):
        return False
    booking = writes.new_booking(gig, entry.student_id, place, now)
    booking.requested_by = Role.TEACHER
    booking.offered_until = min(now + OFFER_LASTS, entry.starts_at)
    booking_id = writes.create(session, booking, by=None, now=now)
    change(session, WaitlistEntry.id == entry.id, EntryStatus.OFFERED, now, booking_id=booking_id)
    return True

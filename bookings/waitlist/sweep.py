"""What the clock does to waitlists: offers expire, times pass, free places are found.

Each step compares before it swaps, so two sweepers at once are harmless.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from bookings import records, writes
from bookings.models import Booking
from bookings.rules.checks import why_not_bookable
from bookings.rules.offered import is_bookable
from bookings.states import Means, way
from bookings.statuses import BookingStatus
from bookings.waitlist import queue
from bookings.waitlist.models import EntryStatus, WaitlistEntry
from bookings.waitlist.writes import change
from database import reading, writing
from errors import WrongState
from gigs.queries import gig_to_book

# So many are done in one sweep; the next one goes on.
BATCH = 100
SWEEP_SECONDS = 30


def sweep(now: datetime) -> None:
    """Bring all waitlists up to this time."""
    lapse(now)
    expire_offers(now)
    look_for_places(now)


def lapse(now: datetime) -> int:
    """Close the entries of those who waited until the lesson began, and return how many."""
    over = select(WaitlistEntry.id).where(_waiting(), WaitlistEntry.starts_at <= now).limit(BATCH)
    with reading() as connection:
        ids = connection.scalars(over).all()
    if not ids:
        return 0
    with writing() as session:
        return len(change(session, _waiting() & WaitlistEntry.id.in_(ids), EntryStatus.LAPSED, now))


def expire_offers(now: datetime) -> int:
    """Let the offers expire that were not taken in time, and return how many.

    Each place goes to the next in line.
    """
    due = select(Booking.id).where(Booking.offered_until <= now, Booking.status == BookingStatus.PENDING)
    with reading() as connection:
        ids = connection.scalars(due.order_by(Booking.offered_until).limit(BATCH)).all()
    return sum(_expire(booking_id, now) for booking_id in ids)


def look_for_places(now: datetime) -> int:
    """Offer what has become free without a booking being changed.

    New rules or a larger group do that. Returns how many places were offered. One sweep looks at some of the times
    that people wait for, the next one at others.
    """
    coming = (_waiting(), WaitlistEntry.starts_at > now)
    columns: list[Any] = [WaitlistEntry.teacher_id, WaitlistEntry.gig_id, WaitlistEntry.starts_at]
    with reading() as connection:
        number = connection.scalar(select(func.count()).where(*coming)) or 0
        parts = number // BATCH + 1
        turn = int(now.timestamp()) // SWEEP_SECONDS % parts
        times = connection.execute(select(*columns).distinct().where(*coming, WaitlistEntry.id % parts == turn)).all()
        free = [time for time in times if _is_free(connection, time, now)]
    return sum(_offer(time, now) for time in free)


def _expire(booking_id: int, now: datetime) -> bool:
    try:
        with writing() as session:
            booking = records.read(session, booking_id)
            row = way(booking, None, now, Means.NAMING, to=BookingStatus.EXPIRED)
            if row is None:
                return False
            with queue.freeing(session, booking, now):
                writes.change(session, booking, row, by=None, now=now)
    except WrongState:
        # It has been taken, declined or taken back at this very moment.
        return False
    return True


def _offer(time: Row[Any], now: datetime) -> int:
    with writing() as session:
        waiting = queue.waiting_near(session, time.teacher_id, set(), time.starts_at, now, timedelta())
        return queue.offer(session, waiting, now)


def _is_free(connection: Connection, time: Row[Any], now: datetime) -> bool:
    gig = gig_to_book(connection, time.gig_id)
    if gig is None or not gig.is_taught or why_not_bookable(gig):
        return False
    return is_bookable(connection, gig, time.starts_at, now)


def _waiting() -> ColumnElement[bool]:
    return WaitlistEntry.status == EntryStatus.WAITING

"""How a booking gets into its table, for whoever makes one: the rows, the database's refusals, the tags."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import tags
from bookings.models import Booking
from caching import invalidate
from errors import SlotTaken

# What the databases say, each in its own words, when two active bookings overlap or share a seat.
_OVERLAP_WORDS = ("ex_bookings_", "uq_bookings_seat", "bookings overlap", "bookings.seat")


def new_booking(gig: Row[Any], student_id: int, starts_at: datetime, now: datetime) -> Booking:
    """Build a booking; its length, price and terms are what the gig says now, whatever becomes of the gig later."""
    return Booking(
        gig_id=gig.id,
        student_id=student_id,
        teacher_id=gig.teacher_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=gig.duration_minutes),
        price_cents=gig.price_cents,
        currency=gig.currency,
        free_cancellation_hours=gig.free_cancellation_hours,
        late_cancellation_percent=gig.late_cancellation_percent,
        created_at=now,
        updated_at=now,
    )


def insert(session: Session, *bookings: Booking) -> None:
    """Insert these. Raises SlotTaken."""
    session.add_all(bookings)
    with overlaps_refused():
        session.flush()


@contextmanager
def overlaps_refused() -> Iterator[None]:
    """Turn what the database's own rule refuses, although the checks let it through, into SlotTaken."""
    try:
        yield
    except IntegrityError as error:
        if any(words in str(error.orig) for words in _OVERLAP_WORDS):
            raise SlotTaken from error
        raise


def invalidate_lists(student_id: int, teacher_id: int) -> None:
    """Make old what shows this booking: the lists of its two people and of the administrators, the teacher's slots."""
    invalidate(tags.user_bookings(student_id), tags.user_bookings(teacher_id), tags.all_bookings())
    invalidate(tags.teacher_slots(teacher_id))

"""A booking as the rules see it: its row, read once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import Connection, Row, select
from sqlalchemy.orm import Session

from bookings.models import Booking
from bookings.parties import Standing
from errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a lesson is put: its time, its seat and, of a gig with a timetable, its session."""

    starts_at: datetime
    ends_at: datetime
    seat: int
    session_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRecord(Standing):
    """How a booking stands, and what was agreed on with it.

    `fee_since` is set once the student has moved the lesson although cancelling it would have cost something: from then
    on it does, whatever the new time is.
    """

    id: int
    gig_id: int
    series_id: int | None
    session_id: int | None
    ends_at: datetime
    move_ends_at: datetime | None = None
    move_seat: int | None = None
    price_cents: int
    currency: str
    free_cancellation_hours: int
    late_cancellation_percent: int
    fee_since: datetime | None
    cancellation_fee_cents: int | None
    entered_at: datetime | None = None
    seen_at: datetime | None = None

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        """Take what a row has under the names of `COLUMNS`."""
        return cls(**{name: getattr(row, name) for name in _NAMES})

    @property
    def length(self) -> timedelta:
        """Return how long the lesson lasts."""
        return self.ends_at - self.starts_at

    @property
    def duration_minutes(self) -> int:
        """Return the same in minutes, as gigs say it."""
        return self.length // timedelta(minutes=1)


_NAMES = tuple(field.name for field in fields(BookingRecord))
COLUMNS: tuple[Any, ...] = tuple(getattr(Booking, name) for name in _NAMES)


def read(connection: Connection | Session, booking_id: int) -> BookingRecord:
    """Read a booking.

    Raises NotFound.
    """
    row = connection.execute(select(*COLUMNS).where(Booking.id == booking_id)).one_or_none()
    if row is None:
        raise NotFound
    return BookingRecord.of(row)

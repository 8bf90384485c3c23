"""Reads of weekly series."""

from __future__ import annotations

from bookings.models import Booking
from bookings.shown import select_bookings, show_booking
from database import reading
from jsontext import JsonObject


def series_lessons(series_id: int) -> list[JsonObject]:
    """List the lessons of a weekly series in order of time.

    Who may see them, the caller decides.
    """
    statement = select_bookings().where(Booking.series_id == series_id).order_by(Booking.starts_at, Booking.id)
    with reading() as connection:
        return [show_booking(row) for row in connection.execute(statement)]

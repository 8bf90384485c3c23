"""What lessons of a stretch of time are counted by."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, case, cast, func, select

from bookings.models import Booking
from bookings.statistics.queries import length_in_seconds
from bookings.statuses import AGREED, BookingStatus
from jsontext import JsonObject
from reports.periods import Between

HOUR = 3600


def lessons(connection: Connection, when: Between, *which: ColumnElement[bool]) -> JsonObject:
    """Count the lessons that begin in this time.

    `lessons` are those that both agreed on, whether they are over or not, and `hours` is how long these take.
    """
    agreed = Booking.status.in_(AGREED)
    seconds = cast(func.sum(case((agreed, length_in_seconds(connection.dialect.name)))), BigInteger)
    columns: dict[str, Any] = {
        "lessons": func.count().filter(agreed),
        "pending": _number_of(BookingStatus.PENDING),
        "completed": _number_of(BookingStatus.COMPLETED),
        "no_show": _number_of(BookingStatus.NO_SHOW),
        "cancelled": _number_of(BookingStatus.CANCELLED),
        "students": func.count(case((agreed, Booking.student_id)).distinct()),
        "teachers": func.count(case((agreed, Booking.teacher_id)).distinct()),
        "seconds": seconds,
    }
    within = (Booking.starts_at >= when.start, Booking.starts_at < when.end)
    row = connection.execute(select(*(it.label(name) for name, it in columns.items())).where(*within, *which)).one()
    counted = dict(row._mapping)
    return counted | {"hours": round((counted.pop("seconds") or 0) / HOUR, 2)}


def _number_of(status: BookingStatus) -> ColumnElement[int]:
    return func.count().filter(Booking.status == status)

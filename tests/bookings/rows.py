"""Bookings written straight into the database, past all services: for what no service would do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import delete, func, select, update

import tags
from bookings.models import Booking, BookingEvent
from caching import invalidate
from database import reading, writing
from tests.support.world import Person


def insert_booking(
    app: Flask, student: Person | int, gig: dict[str, Any], starts_at: datetime, *, minutes: int = 45, **values: Any
) -> int:
    """Insert a pending booking and return its id; raises whatever the database raises."""
    row = {
        "gig_id": gig["id"],
        "student_id": student if isinstance(student, int) else student.id,
        "teacher_id": gig["teacher"]["id"],
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=minutes),
        "price_cents": 3000,
        "currency": "EUR",
        "created_at": starts_at,
        "updated_at": starts_at,
    } | values
    with app.app_context(), writing() as session:
        booking = Booking(**row)
        session.add(booking)
        session.flush()
        _touch([booking.gig_id], booking.student_id, booking.teacher_id)
        return booking.id


def set_booking(app: Flask, booking_id: int, **values: Any) -> None:
    """Change columns of a booking."""
    with app.app_context(), writing() as session:
        changed = update(Booking).where(Booking.id == booking_id).values(**values)
        gig_id, *people = session.execute(
            changed.returning(Booking.gig_id, Booking.student_id, Booking.teacher_id)
        ).one()
        _touch([gig_id], *people)


def status_of(app: Flask, booking_id: int) -> str:
    """Read a booking's status."""
    with app.app_context(), reading() as connection:
        return str(connection.execute(select(Booking.status).where(Booking.id == booking_id)).scalar_one())


def seats(app: Flask) -> list[int]:
    """Read the seats of all bookings."""
    with app.app_context(), reading() as connection:
        return list(connection.execute(select(Booking.seat)).scalars())


def count_bookings(app: Flask) -> int:
    """Count all bookings."""
    with app.app_context(), reading() as connection:
        return connection.execute(select(func.count()).select_from(Booking)).scalar_one()


def count_events(app: Flask) -> int:
    """Count all lines of all histories."""
    with app.app_context(), reading() as connection:
        return connection.execute(select(func.count()).select_from(BookingEvent)).scalar_one()


def overlapping_pairs(app: Flask) -> int:
    """Count the pairs of active bookings that share a person and overlap, whatever the database allows."""
    with app.app_context(), reading() as connection:
        active = select(Booking.id, Booking.student_id, Booking.teacher_id, Booking.starts_at, Booking.ends_at)
        rows = connection.execute(active.where(Booking.status.in_(("pending", "accepted")))).all()
    return sum(
        a.id < b.id
        and (a.student_id == b.student_id or a.teacher_id == b.teacher_id)
        and a.starts_at < b.ends_at
        and b.starts_at < a.ends_at
        for a in rows
        for b in rows
    )


def delete_bookings(app: Flask) -> None:
    """Delete all bookings with their histories."""
    with app.app_context(), writing() as session:
        gigs = session.scalars(select(Booking.gig_id).distinct()).all()
        people = [person for both in session.execute(select(Booking.student_id, Booking.teacher_id)) for person in both]
        if people:
            session.execute(delete(BookingEvent))
            session.execute(delete(Booking))
            _touch(gigs, *people)


def _touch(gigs: Iterable[int], *people: int) -> None:
    invalidate(*map(tags.user_bookings, people), *map(tags.teacher_slots, people), tags.all_bookings())
    invalidate(*map(tags.gig_sessions, gigs))

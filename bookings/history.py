"""What there has been: every change of a booking, and whether two people have ever had one together."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from accounts.models import Role, User
from bookings.models import Booking, BookingEvent
from bookings.statuses import AGREED, BookingStatus
from database import Id, alias_of, reading
from jsontext import JsonObject

_Asked = alias_of(BookingEvent)
# Matches bookings that were agreed on at some time, whatever has become of them.
ONCE_ACCEPTED = exists().where(BookingEvent.booking_id == Booking.id, BookingEvent.to_status == BookingStatus.ACCEPTED)


def booking_history(booking_id: int) -> list[JsonObject]:
    """List every change of a booking in order.

    `actor` is None for the clock and the waitlist. The caller decides who may see it.
    """
    event = [getattr(BookingEvent, name) for name in ("at", "actor_id", "from_status", "to_status", "what", "reason")]
    moved = (BookingEvent.from_starts_at, BookingEvent.to_starts_at)
    statement: Select[Any] = select(*event, *moved, User.name).outerjoin(User, User.id == BookingEvent.actor_id)
    with reading() as connection:
        rows = connection.execute(
            statement.where(BookingEvent.booking_id == booking_id).order_by(BookingEvent.id)
        ).all()
    return [_show_event(row) for row in rows]


def share_booking(teacher_id: int, student_id: int) -> bool:
    """Tell whether this teacher has, or had, a booking of this student."""
    theirs = (Booking.teacher_id == teacher_id, Booking.student_id == student_id)
    shared = exists().where(*theirs)
    with reading() as connection:
        return bool(connection.execute(select(shared)).scalar())


def agreed_before(teacher_id: int, student_id: int) -> bool:
    """Tell whether these two have ever agreed on a lesson, whatever became of it."""
    with reading() as connection:
        return bool(connection.execute(select(_have_agreed(teacher_id, literal(student_id, Id)))).scalar())


def select_answers(*which: ColumnElement[bool]) -> Select[Any]:
    """Select when each yes or no was given to a student about these bookings, and when they had asked.

    A student may ask again, for a place that was kept or for another time, so the last question counts.
    """
    answer, to = BookingEvent, (BookingStatus.ACCEPTED, BookingStatus.REJECTED)
    before = (_Asked.booking_id == answer.booking_id, _Asked.id < answer.id)
    asked = select(func.max(_Asked.id)).where(*before, _Asked.to_status == BookingStatus.PENDING)
    found: Any = select(answer.at, _Asked.at.label("asked_at")).select_from(Booking)
    found = found.join(answer, answer.booking_id == Booking.id)
    found = found.join(_Asked, _Asked.id == asked.correlate(answer).scalar_subquery())
    # What the clock, the waitlist and the students themselves have decided is no answer.
    given = (answer.from_status == BookingStatus.PENDING, answer.to_status.in_(to))
    selected: Select[Any] = found.where(*which, *given, answer.actor_id != Booking.student_id)
    return selected


def known_by_address(session: Session, teacher_id: int, email: str) -> int | None:
    """Return the id of a student with this address who has agreed on a lesson with a teacher before.

    None for all other addresses, whether or not they have an account.
    """
    student = (User.email == email, User.active, User.role == Role.STUDENT)
    known = select(User.id).where(*student, _have_agreed(teacher_id, User.id))
    return session.scalar(known)


def _have_agreed(teacher_id: int, student_id: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    theirs = (Booking.teacher_id == teacher_id, Booking.student_id == student_id)
    return exists().where(*theirs, or_(Booking.status.in_(AGREED), ONCE_ACCEPTED))


def _word_of(row: Row[Any]) -> str:
    """Name a change from the time before each of them had a word."""
    if row.to_starts_at:
        return "moved"
    return "requested" if row.to_status == BookingStatus.PENDING else str(row.to_status)


def _show_event(row: Row[Any]) -> JsonObject:
    event = {
        "at": row.at,
        "actor": {"id": row.actor_id, "name": row.name} if row.actor_id else None,
        "from": row.from_status,
        "to": row.to_status,
        "what": row.what or _word_of(row),
        "reason": row.reason,
    }
    moved = {"from_starts_at": row.from_starts_at, "to_starts_at": row.to_starts_at}
    return event | (moved if row.to_starts_at else {})

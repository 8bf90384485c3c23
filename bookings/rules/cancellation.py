"""What calling a lesson off costs its student: the gig's terms as they were when the lesson was booked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from bookings.models import ACTIVE, Booking, BookingStatus
from bookings.states import Standing, Verdict, judge
from database import reading
from errors import NotFound

# How people end what may cost a fee.
ENDINGS = (BookingStatus.CANCELLED, BookingStatus.REJECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was agreed on when a lesson was booked, and what its fee depends on besides.

    `fee_since` is set once the student has moved the lesson although calling it off would have cost something: from
    then on it does, whatever the new time is.
    """

    status: str
    starts_at: datetime
    price_cents: int
    free_cancellation_hours: int
    late_cancellation_percent: int
    fee_since: datetime | None = None

    @property
    def free_until(self) -> datetime | None:
        """Return the last instant at which the student can call the lesson off for nothing; None: at any time."""
        if not self.late_cancellation_percent:
            return None
        own = self.starts_at - timedelta(hours=self.free_cancellation_hours)
        return min(own, self.fee_since) if self.fee_since else own


def fee_cents(terms: Terms, *, by_student: bool, now: datetime) -> int:
    """Return what the student owes if the lesson is called off, or declined, now.

    What is agreed on costs only the student who calls it off too late. What nobody has agreed to costs nothing, unless
    the student has moved it too late: then they owe the fee whoever ends it, or if nobody answers.
    """
    until = terms.free_until
    if until is None or now <= until:
        return 0
    owed = terms.fee_since is not None if terms.status == BookingStatus.PENDING else by_student
    return share_of(terms.price_cents, terms.late_cancellation_percent) if owed else 0


def share_of(cents: int, percent: int) -> int:
    """Return so many percent of an amount, rounded half up."""
    return (cents * percent + 50) // 100


def after_move(terms: Terms, *, by_student: bool, now: datetime) -> dict[str, Any]:
    """Return what a move changes about the terms.

    A student who would have owed a fee goes on owing it, so moving a lesson far ahead first saves nothing. A time that
    somebody else has chosen without asking costs the student nothing; another time that the teacher asks for leaves
    what is owed as it is, or else a teacher who moves a lesson back would waive the fee without knowing it.
    """
    if by_student:
        return {"fee_since": terms.free_until} if fee_cents(terms, by_student=True, now=now) else {}
    if terms.status == BookingStatus.ACCEPTED:
        return {"fee_since": None, "late_cancellation_percent": 0}
    return {}


_TERMS: Iterable[Any] = tuple(getattr(Booking, name) for name in Terms.__dataclass_fields__)


def terms_of(connection: Connection | Session, booking_id: int, *, keep: bool = False) -> Terms:
    """Read the terms of a booking, and `keep` them as they are until the transaction ends. Raises NotFound."""
    statement = select(*_TERMS).where(Booking.id == booking_id)
    row = connection.execute(statement.with_for_update(key_share=True) if keep else statement).one_or_none()
    if row is None:
        raise NotFound
    return Terms(**row._mapping)


def later_in_series(series_id: int, start: datetime) -> list[tuple[Standing, Terms]]:
    """Read how the lessons of a series stand that begin at this time or later, and their terms."""
    sides = (Booking.student_id, Booking.teacher_id, Booking.requested_by, Booking.offered_until)
    statement: Select[Any] = select(*_TERMS, *sides).where(Booking.series_id == series_id, Booking.starts_at >= start)
    with reading() as connection:
        rows = connection.execute(statement).all()
    return [
        (_standing(row), Terms(**{name: getattr(row, name) for name in Terms.__dataclass_fields__})) for row in rows
    ]


def about(request: Any) -> dict[str, Any]:
    """Describe, for pages, a pending booking's terms, and what a late move has left owing whoever ends it."""
    late = request.fee_since is not None
    return {
        "free_cancellation_hours": request.free_cancellation_hours,
        "late_cancellation_percent": request.late_cancellation_percent,
        "owed_cents": share_of(request.price_cents, request.late_cancellation_percent) if late else 0,
    }


def about_request(booking_id: int) -> dict[str, Any]:
    """Describe the same of one booking; nothing if it is not pending. Raises NotFound."""
    with reading() as connection:
        terms = terms_of(connection, booking_id)
    return about(terms) if terms.status == BookingStatus.PENDING else {}


def _standing(row: Any) -> Standing:
    sides = (row.student_id, row.teacher_id, row.requested_by)
    return Standing(row.status, *sides, row.starts_at, offered=row.offered_until is not None)


def preview(booking_id: int, viewer: Actor, now: datetime) -> dict[str, Any]:
    """Tell one of a lesson's people, or an administrator, what it costs the student if they end it now.

    Who was asked for a lesson does not call it off, but declines it; `allowed` is about calling it off.

    Raises NotFound if it is none of their business. Never cached: it depends on the minute.
    """
    people = (Booking.student_id, Booking.teacher_id, Booking.requested_by, Booking.offered_until, Booking.currency)
    with reading() as connection:
        terms = terms_of(connection, booking_id)
        statement = select(Booking.status, Booking.starts_at, *people).where(Booking.id == booking_id)
        row = connection.execute(statement).one()
    booking = _standing(row)
    if not booking.parties(viewer):
        raise NotFound
    allowed, declines = (judge(booking, viewer, to, now) == Verdict.ALLOWED for to in ENDINGS)
    return {
        "allowed": allowed,
        "fee_cents": fee_cents(terms, by_student=viewer.id == row.student_id, now=now) if allowed or declines else 0,
        "currency": row.currency,
        "free_until": terms.free_until if terms.status in ACTIVE else None,
        "late_percent": terms.late_cancellation_percent,
    }

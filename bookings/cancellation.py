"""What calling a lesson off costs its student: the gig's terms as they were when the lesson was booked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from bookings.models import ACTIVE, Booking, BookingStatus
from bookings.states import Standing, Verdict, judge
from database import reading
from errors import NotFound


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
    """Return what the student owes if the lesson is called off now: nothing if somebody else does it.

    What nobody has agreed to costs nothing either, unless the student has moved it too late.
    """
    until = terms.free_until
    if not by_student or until is None or now <= until:
        return 0
    if terms.status == BookingStatus.PENDING and terms.fee_since is None:
        return 0
    return share_of(terms.price_cents, terms.late_cancellation_percent)


def share_of(cents: int, percent: int) -> int:
    """Return so many percent of an amount, rounded half up."""
    return (cents * percent + 50) // 100


def after_move(terms: Terms, *, by_student: bool, now: datetime) -> dict[str, Any]:
    """Return what a move changes about the terms.

    A student who would have owed a fee goes on owing it, so moving a lesson far ahead first saves nothing. A time that
    somebody else has chosen without asking costs the student nothing, and what the teacher asks for begins anew.
    """
    if by_student:
        return {"fee_since": terms.free_until} if fee_cents(terms, by_student=True, now=now) else {}
    waived = {"late_cancellation_percent": 0} if terms.status == BookingStatus.ACCEPTED else {}
    return {"fee_since": None} | waived


_TERMS: Iterable[Any] = tuple(getattr(Booking, name) for name in Terms.__dataclass_fields__)


def terms_of(connection: Connection | Session, booking_id: int) -> Terms:
    """Read the terms of a booking. Raises NotFound."""
    row = connection.execute(select(*_TERMS).where(Booking.id == booking_id)).one_or_none()
    if row is None:
        raise NotFound
    return Terms(**row._mapping)


def preview(booking_id: int, viewer: Actor, now: datetime) -> dict[str, Any]:
    """Tell one of a lesson's people, or an administrator, what it costs the student if they call it off now.

    Raises NotFound if it is none of their business. Never cached: it depends on the minute.
    """
    people = (Booking.student_id, Booking.teacher_id, Booking.requested_by, Booking.offered_until, Booking.currency)
    with reading() as connection:
        terms = terms_of(connection, booking_id)
        row = connection.execute(select(*people).where(Booking.id == booking_id)).one()
    sides, offered = (row.student_id, row.teacher_id, row.requested_by), row.offered_until is not None
    booking = Standing(terms.status, *sides, terms.starts_at, offered=offered)
    if not booking.parties(viewer):
        raise NotFound
    allowed = judge(booking, viewer, BookingStatus.CANCELLED, now) == Verdict.ALLOWED
    return {
        "allowed": allowed,
        "fee_cents": fee_cents(terms, by_student=viewer.id == row.student_id, now=now) if allowed else 0,
        "currency": row.currency,
        "free_until": terms.free_until if terms.status in ACTIVE else None,
        "late_percent": terms.late_cancellation_percent,
    }

"""What a lesson costs a student who cancels it or does not come.

The price and the terms are the gig's as they were when the lesson was booked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.actors import Actor
from bookings.records import BookingRecord
from bookings.states import Verdict, judge
from bookings.statuses import ACTIVE, BookingStatus
from errors import FeeChanged, NotFound

# So long after a student has seen a lesson that was entered for them it can be cancelled for nothing.
TIME_TO_OBJECT = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a student owes if a user ends a lesson now.

    `allowed` is about cancelling it.
    """

    allowed: bool
    fee_cents: int
    currency: str
    free_until: datetime | None
    late_percent: int


def free_until(booking: BookingRecord) -> datetime | None:
    """Return the last instant at which the student can cancel for nothing.

    None: at any time.
    """
    if not booking.late_cancellation_percent:
        return None
    own = booking.starts_at - timedelta(hours=booking.free_cancellation_hours)
    if booking.entered_at:
        # The student did not choose this lesson, so first of all they have time to look at it.
        if booking.seen_at is None:
            return None
        own = max(own, booking.seen_at + TIME_TO_OBJECT)
    return min(own, booking.fee_since) if booking.fee_since else own


def fee_cents(booking: BookingRecord, *, by_student: bool, now: datetime) -> int:
    """Return what the student owes if the lesson is cancelled, or declined, now.

    What is agreed on costs only the student who cancels it too late. What is not agreed on costs nothing, unless the
    student has moved it too late: then they owe the fee, no matter who ends it or whether anyone answers.
    """
    until = free_until(booking)
    if until is None or now <= until:
        return 0
    owed = booking.fee_since is not None if booking.status == BookingStatus.PENDING else by_student
    return full_fee_cents(booking) if owed else 0


def no_show_fee_cents(booking: BookingRecord) -> int:
    """Return what a student owes who did not come.

    It is the price, unless they could still object to a lesson that was entered for them.
    """
    objects_until = booking.seen_at + TIME_TO_OBJECT if booking.seen_at else None
    if booking.entered_at and (objects_until is None or objects_until > booking.starts_at):
        return 0
    return booking.price_cents


def require_told(told: int | None, owed: int) -> None:
    """Raise FeeChanged if a user was told of another fee than is owed.

    None: they were told of none.
    """
    if told not in (None, owed):
        raise FeeChanged({"fee_cents": owed})


def full_fee_cents(booking: BookingRecord) -> int:
    """Return the fee of a booking, once it is due."""
    return share_of(booking.price_cents, booking.late_cancellation_percent)


def share_of(cents: int, percent: int) -> int:
    """Return so many percent of an amount, rounded half up."""
    return (cents * percent + 50) // 100


def after_move(booking: BookingRecord, *, by_student: bool, now: datetime) -> dict[str, Any]:
    """Return the columns of the terms that a move changes.

    A student who would have owed a fee goes on owing it, so moving a lesson far ahead at once saves nothing. A time
    that another user has chosen without asking costs the student nothing. Another time that the teacher asks for
    leaves what is owed as it is, or else a teacher who moves a lesson back would waive the fee without knowing it.
    """
    if by_student:
        return {"fee_since": free_until(booking)} if fee_cents(booking, by_student=True, now=now) else {}
    if booking.status == BookingStatus.ACCEPTED:
        return {"fee_since": None, "late_cancellation_percent": 0}
    return {}


def about_request(booking: BookingRecord) -> dict[str, int]:
    """Describe a request's terms and what a late move has left owing, for pages.

    Returns nothing if the booking is not pending.
    """
    if booking.status != BookingStatus.PENDING:
        return {}
    return {
        "free_cancellation_hours": booking.free_cancellation_hours,
        "late_cancellation_percent": booking.late_cancellation_percent,
        "owed_cents": full_fee_cents(booking) if booking.fee_since else 0,
    }


def preview(booking: BookingRecord, viewer: Actor, now: datetime) -> Costs:
    """Tell one of a lesson's people, or an administrator, what it costs the student if they end it now.

    A user who was asked for a lesson does not cancel it, but declines it. Raises NotFound if the booking is not visible
    to `viewer`. It depends on the minute, so it is never cached.
    """
    if not booking.parties(viewer):
        raise NotFound
    allowed = judge(booking, viewer, BookingStatus.CANCELLED, now) == Verdict.ALLOWED
    declines = judge(booking, viewer, BookingStatus.REJECTED, now) == Verdict.ALLOWED
    owed = fee_cents(booking, by_student=viewer.id == booking.student_id, now=now)
    return Costs(
        allowed=allowed,
        fee_cents=owed if allowed or declines else 0,
        currency=booking.currency,
        free_until=free_until(booking) if booking.status in ACTIVE else None,
        late_percent=booking.late_cancellation_percent,
    )

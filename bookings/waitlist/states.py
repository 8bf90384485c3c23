"""The life of an entry in a waitlist as one table: from which state to which, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bookings.statuses import BookingStatus
from bookings.waitlist.models import EntryStatus


class Mover(StrEnum):
    """Who brings an entry into another state."""

    STUDENT = "the student"
    QUEUE = "a place that becomes free"
    TEACHER = "the teacher, who takes the place back"
    CLOCK = "the clock"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table."""

    source: EntryStatus
    target: EntryStatus
    who: Mover


_E = EntryStatus

TRANSITIONS = (
    Transition(_E.WAITING, _E.OFFERED, Mover.QUEUE),
    Transition(_E.WAITING, _E.LEFT, Mover.STUDENT),
    Transition(_E.WAITING, _E.LAPSED, Mover.CLOCK),
    Transition(_E.OFFERED, _E.ACCEPTED, Mover.STUDENT),
    Transition(_E.OFFERED, _E.DECLINED, Mover.STUDENT),
    Transition(_E.OFFERED, _E.EXPIRED, Mover.CLOCK),
    Transition(_E.OFFERED, _E.LAPSED, Mover.TEACHER),
)

# What becomes of an entry when the booking by which its place is kept gets another status. Taken, it is pending still.
AFTER_OFFER = {
    BookingStatus.PENDING: _E.ACCEPTED,
    BookingStatus.ACCEPTED: _E.ACCEPTED,
    BookingStatus.REJECTED: _E.DECLINED,
    BookingStatus.EXPIRED: _E.EXPIRED,
    BookingStatus.CANCELLED: _E.LAPSED,
}


def open_to_student(status: str) -> list[str]:
    """List the states that a student may give an entry."""
    return [str(row.target) for row in TRANSITIONS if row.source == status and row.who == Mover.STUDENT]

"""The table of waitlists."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, enum_column, one_of, only_where
from extensions import Base


class EntryStatus(StrEnum):
    """Where an entry of a waitlist stands.

    `bookings/waitlist/states.py` has the transitions.
    """

    WAITING = "waiting"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    LEFT = "left"
    LAPSED = "lapsed"


OPEN = (EntryStatus.WAITING, EntryStatus.OFFERED)
_OPEN = one_of("status", OPEN)


class WaitlistEntry(Base):
    """A student who waits for a place in a lesson that is full or taken.

    The first to come has the lowest id.

    `booking_id` is the booking by which a place was kept for them, when one became free.
    """

    __tablename__ = "waitlist_entries"
    __table_args__ = (
        CheckConstraint(one_of("status", EntryStatus), name="status"),
        Index("uq_waitlist_entries_open", "student_id", "gig_id", "starts_at", unique=True, **only_where(_OPEN)),
        Index("ix_waitlist_entries_student", "student_id", "id"),
        Index("ix_waitlist_entries_teacher", "teacher_id", "starts_at", **only_where(_OPEN)),
        Index("ix_waitlist_entries_gig", "gig_id", "starts_at", **only_where(_OPEN)),
        Index("ix_waitlist_entries_time", "starts_at", **only_where(_OPEN)),
        Index("ix_waitlist_entries_booking", "booking_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    gig_id: Mapped[int] = mapped_column(ForeignKey("gigs.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    status: Mapped[EntryStatus] = mapped_column(enum_column(EntryStatus, 10), default=EntryStatus.WAITING)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)

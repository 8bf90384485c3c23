"""The table of sessions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, enum_column, one_of, only_where
from extensions import Base

MOST_PLACES = 500
LONGEST_LOCATION = 500


class SessionStatus(StrEnum):
    """Where a session stands.

    `bookings/sessions/states.py` has the transitions.
    """

    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"
    HELD = "held"


class GroupSession(Base):
    """One time of a gig with a timetable.

    It is the half-open interval from `starts_at` to `ends_at`. While it is scheduled, triggers hold its time in
    `held_times`, with minus its id as the holder: all that its bookings hold has the same. Length and places are the
    gig's when it was made, unless the teacher says otherwise.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint(one_of("status", SessionStatus), name="status"),
        CheckConstraint(f"capacity BETWEEN 1 AND {MOST_PLACES}", name="capacity"),
        CheckConstraint("ends_at > starts_at", name="interval"),
        Index("ix_sessions_gig", "gig_id", "starts_at", "id"),
        Index("ix_sessions_teacher", "teacher_id", "starts_at", "id"),
        Index("uq_sessions_start", "gig_id", "starts_at", unique=True, **only_where("status <> 'cancelled'")),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    gig_id: Mapped[int] = mapped_column(ForeignKey("gigs.id"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    status: Mapped[SessionStatus] = mapped_column(enum_column(SessionStatus, 10), default=SessionStatus.SCHEDULED)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    capacity: Mapped[int] = mapped_column(Integer)
    # None is where the gig's lessons take place.
    location: Mapped[str | None] = mapped_column(String(LONGEST_LOCATION))
    # Why it was cancelled.
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)

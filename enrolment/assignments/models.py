"""The table of assignments.

Triggers keep `gigs.places_taken` equal to the number of a gig's active ones, and a constraint there keeps it within the
gig's capacity. So neither accepting at the same time nor lowering the capacity gives out a place too many.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, enum_column, one_of, only_where
from enrolment.statuses import AssignmentStatus
from extensions import Base

_ACTIVE = one_of("status", (AssignmentStatus.ACTIVE,))


class Assignment(Base):
    """A student's place in a gig.

    `rating` is what the teacher thinks of the student's work, when it was completed.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        CheckConstraint(one_of("status", AssignmentStatus), name="status"),
        CheckConstraint(f"({_ACTIVE}) = (ended_at IS NULL)", name="ended_at"),
        CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name="rating"),
        Index("uq_assignments_active", "gig_id", "student_id", unique=True, **only_where(_ACTIVE)),
        Index("ix_assignments_student", "student_id", "id"),
        Index("ix_assignments_teacher", "teacher_id", "id"),
        Index("ix_assignments_gig", "gig_id", "id"),
        Index("ix_assignments_student_ended", "student_id", "ended_at", "id"),
        Index("ix_assignments_teacher_ended", "teacher_id", "ended_at", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), unique=True)
    gig_id: Mapped[int] = mapped_column(ForeignKey("gigs.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    status: Mapped[AssignmentStatus] = mapped_column(enum_column(AssignmentStatus, 10), default=AssignmentStatus.ACTIVE)
    reason: Mapped[str] = mapped_column(Text, default="")
    rating: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an assignment ends, and why."""

    status: AssignmentStatus
    reason: str = ""
    rating: int | None = None

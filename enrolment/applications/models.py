"""The table of applications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, enum_column, one_of, only_where
from enrolment.statuses import ApplicationStatus
from extensions import Base

_PENDING = one_of("status", (ApplicationStatus.PENDING,))


class Application(Base):
    """A student asks for a place in a gig, once at a time."""

    __tablename__ = "applications"
    __table_args__ = (
        CheckConstraint(one_of("status", ApplicationStatus), name="status"),
        Index("uq_applications_pending", "gig_id", "student_id", unique=True, **only_where(_PENDING)),
        Index("ix_applications_student", "student_id", "id"),
        Index("ix_applications_teacher", "teacher_id", "id"),
        Index("ix_applications_gig", "gig_id", "id"),
        Index("ix_applications_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    gig_id: Mapped[int] = mapped_column(ForeignKey("gigs.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    status: Mapped[ApplicationStatus] = mapped_column(
        enum_column(ApplicationStatus, 10), default=ApplicationStatus.PENDING
    )
    message: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of an application, and why."""

    status: ApplicationStatus
    reason: str = ""

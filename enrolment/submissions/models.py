"""The table of submissions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, enum_column, one_of
from enrolment.statuses import SubmissionStatus
from extensions import Base

LONGEST_TEXT, MOST_LINKS, LONGEST_LINK, LONGEST_FEEDBACK = 20_000, 10, 2_000, 5_000


class Submission(Base):
    """One version of what a student has handed in for a task."""

    __tablename__ = "submissions"
    __table_args__ = (
        CheckConstraint(one_of("status", SubmissionStatus), name="status"),
        UniqueConstraint("task_id", "version"),
        Index("ix_submissions_assignment", "assignment_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"))
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"))
    version: Mapped[int] = mapped_column(Integer)
    status: Mapped[SubmissionStatus] = mapped_column(
        enum_column(SubmissionStatus, 20), default=SubmissionStatus.SUBMITTED
    )
    text: Mapped[str] = mapped_column(Text)
    links: Mapped[list[str]] = mapped_column(JSON)
    feedback: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubmission:
    """What a student hands in."""

    text: str = ""
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a teacher says about a version."""

    status: SubmissionStatus
    feedback: str = ""

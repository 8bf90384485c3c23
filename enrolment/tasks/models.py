"""The table of tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, enum_column, one_of
from enrolment.statuses import TaskStatus
from extensions import Base

LONGEST_TITLE, LONGEST_INSTRUCTIONS = 120, 10_000
# Tasks without a day come last in lists by day.
AT_SOME_TIME = datetime(9000, 1, 1, tzinfo=UTC)


class Task(Base):
    """What a teacher has set one student.

    `due_order` is `due_at`, or AT_SOME_TIME; `versions` counts what was handed in. `reminded_for` is the due time of
    which the student was reminded.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint(one_of("status", TaskStatus), name="status"),
        Index("ix_tasks_assignment", "assignment_id", "due_order", "id"),
        Index("ix_tasks_student", "student_id", "due_order", "id"),
        Index("ix_tasks_teacher", "teacher_id", "due_order", "id"),
        Index("ix_tasks_due", "due_order", "id"),
        Index("ix_tasks_gig", "gig_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"))
    gig_id: Mapped[int] = mapped_column(ForeignKey("gigs.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    status: Mapped[TaskStatus] = mapped_column(enum_column(TaskStatus, 20), default=TaskStatus.OPEN)
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    instructions: Mapped[str] = mapped_column(Text, default="")
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    due_order: Mapped[datetime] = mapped_column(Instant, default=AT_SOME_TIME)
    versions: Mapped[int] = mapped_column(Integer, default=0)
    reminded_for: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """What a teacher sets."""

    title: str
    instructions: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TaskChanges:
    """New values for some fields of a `NewTask`, by their names."""

    values: Mapping[str, Any]

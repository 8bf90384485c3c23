"""Tables of months that are added up, and of those that have to be."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant
from extensions import Base


class LessonMonth(Base):
    """What the lessons of a student with a teacher that begin in a month come to, in one currency."""

    __tablename__ = "lesson_months"
    __table_args__ = (Index("ix_lesson_months_student", "student_id"),)

    teacher_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    student_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    # The first instant of the month.
    begins: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    due_cents: Mapped[int] = mapped_column(BigInteger)
    submitted_cents: Mapped[int] = mapped_column(BigInteger)
    paid_cents: Mapped[int] = mapped_column(BigInteger)
    refunded_cents: Mapped[int] = mapped_column(BigInteger)
    open_cents: Mapped[int] = mapped_column(BigInteger)
    spare_cents: Mapped[int] = mapped_column(BigInteger)


class StaleMonth(Base):
    """A month of two people in which something has changed since it was added up.

    Each change adds a row, or finds one.
    """

    __tablename__ = "stale_months"
    __table_args__ = (
        Index("ix_stale_months_teacher", "teacher_id", "student_id", "begins"),
        Index("ix_stale_months_student", "student_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    teacher_id: Mapped[int] = mapped_column(Id)
    student_id: Mapped[int] = mapped_column(Id)
    begins: Mapped[datetime] = mapped_column(Instant)
    # The first instant after it.
    ends: Mapped[datetime] = mapped_column(Instant)

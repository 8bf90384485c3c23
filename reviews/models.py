"""The table of reviews: at most one for each completed booking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant
from extensions import Base


class Review(Base):
    """What a student says about a teacher after a lesson.

    Unread until the teacher has marked it read.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        Index("ix_reviews_teacher", "teacher_id", "created_at", "id"),
        Index("ix_reviews_student", "student_id", "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"), unique=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    rating: Mapped[int] = mapped_column(Integer)
    comment: Mapped[str] = mapped_column(Text, default="")
    reply: Mapped[str] = mapped_column(Text, default="")
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReview:
    """What a student says about a completed lesson."""

    booking_id: int
    rating: int
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewChanges:
    """What becomes of a review: its teacher reads it and replies, its student puts it in other words.

    What is None stays as it is.
    """

    read: bool = False
    reply: str | None = None
    rating: int | None = None
    comment: str | None = None

    @property
    def by_teacher(self) -> bool:
        """Tell whether something of this is the teacher's to do."""
        return self.read or self.reply is not None

    @property
    def by_student(self) -> bool:
        """Tell whether something of this is the student's to do."""
        return self.rating is not None or self.comment is not None

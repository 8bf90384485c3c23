"""The table of reviews: at most one for each completed booking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, only_where
from extensions import Base

LONGEST_REASON = 500


class Review(Base):
    """What a student says about a teacher after a lesson.

    Unread until the teacher has marked it read.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        Index("ix_reviews_teacher", "teacher_id", "created_at", "id"),
        Index("ix_reviews_student", "student_id", "created_at", "id"),
        # For those who look after all of them.
        Index("ix_reviews_created", "created_at", "id"),
        Index("ix_reviews_hidden", "created_at", "id", **only_where("hidden_at IS NOT NULL")),
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
    # Since then it is in no public list and counts for nothing; its two people see it, and why.
    hidden_at: Mapped[datetime | None] = mapped_column(Instant)
    hidden_reason: Mapped[str] = mapped_column(String(LONGEST_REASON), default="", server_default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReview:
    """What a student says about a completed lesson."""

    booking_id: int
    rating: int
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewChanges:
    """What becomes of a review: its teacher reads it and replies, its student puts it in other words.

    Those who run the school hide it or show it again. What is None stays as it is.
    """

    read: bool = False
    reply: str | None = None
    rating: int | None = None
    comment: str | None = None
    # For those who run the school: to hide it, and why, or to show it again.
    hidden: bool | None = None
    reason: str | None = None

    @property
    def by_teacher(self) -> bool:
        """Tell whether something of this is the teacher's to do."""
        return self.read or self.reply is not None

    @property
    def by_student(self) -> bool:
        """Tell whether something of this is the student's to do."""
        return self.rating is not None or self.comment is not None

"""The table of notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant
from extensions import Base

LONGEST_NOTE = 5000


class Note(Base):
    """What a teacher has noted about a student.

    Only its author reads it, and if it is `shared` the student and administrators, too.
    """

    __tablename__ = "notes"
    __table_args__ = (
        Index("ix_notes_student", "student_id", "id"),
        Index("ix_notes_author", "author_id", "student_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(Text)
    shared: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteDraft:
    """What a note is to say, and to whom.

    What is None stays as it is.
    """

    text: str | None = None
    shared: bool | None = None

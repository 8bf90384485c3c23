"""The table of those who want to teach, and of what the school has said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from database import Instant, enum_column, one_of
from extensions import Base


class TeachingStatus(StrEnum):
    """How things stand between a teacher and the school."""

    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"
    # The school had approved them, and has taken it back.
    ENDED = "ended"


class TeachingRecord(Base):
    """How things stand with one teacher.

    Who has none has not asked yet. Who decided, the audit log says.
    """

    __tablename__ = "teaching"
    __table_args__ = (
        CheckConstraint(one_of("status", TeachingStatus), name="status"),
        Index("ix_teaching_status_asked_at", "status", "asked_at"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    status: Mapped[TeachingStatus] = mapped_column(enum_column(TeachingStatus, 10))
    # What the teacher wrote to the school, and the school to the teacher.
    message: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    # None for those who never had to ask.
    asked_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachingDecision:
    """What the school says to a teacher."""

    status: TeachingStatus
    reason: str = ""

"""The table of standing wishes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, enum_column, one_of, only_where
from extensions import Base


class WishStatus(StrEnum):
    """Where a wish stands.

    It waits, and ends with the first place that is offered for it, with its student's leaving, or with its last day.
    """

    WAITING = "waiting"
    OFFERED = "offered"
    LEFT = "left"
    LAPSED = "lapsed"


_WAITING = one_of("status", (WishStatus.WAITING,))


class StandingWish(Base):
    """A student who waits for any time of a gig that suits them.

    The first to come has the lowest id. Days and clock times are those of `time_zone`.
    """

    __tablename__ = "standing_wishes"
    __table_args__ = (
        CheckConstraint(one_of("status", WishStatus), name="status"),
        Index("uq_standing_wishes_waiting", "student_id", "gig_id", unique=True, **only_where(_WAITING)),
        Index("ix_standing_wishes_student", "student_id", "id"),
        Index("ix_standing_wishes_teacher", "teacher_id", "id"),
        Index("ix_standing_wishes_gig", "gig_id", "id"),
        Index("ix_standing_wishes_status", "id", **only_where(_WAITING)),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    gig_id: Mapped[int] = mapped_column(ForeignKey("gigs.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    status: Mapped[WishStatus] = mapped_column(enum_column(WishStatus, 10), default=WishStatus.WAITING)
    # {"weekdays": ["thursday"], "after": "17:00", "before": null, "until": "2027-01-31"}
    times: Mapped[dict[str, object]] = mapped_column(JSON)
    time_zone: Mapped[str] = mapped_column(String(64))
    # When the last of its days is over.
    ends_at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)

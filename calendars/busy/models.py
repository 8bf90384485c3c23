"""Table of the feeds that say when a teacher has no time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant
from extensions import Base

LONGEST_NAME, LONGEST_ADDRESS, LONGEST_PROBLEM = 80, 2000, 300


class BusyCalendar(Base):
    """A feed, and how the last looks at it went.

    What it says stands in `busy_times` and stays there when a look fails.
    """

    __tablename__ = "busy_calendars"
    __table_args__ = (
        Index("ix_busy_calendars_teacher_id", "teacher_id"),
        Index("ix_busy_calendars_looked_at", "looked_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    url: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    # The last look, and the last one that found a calendar.
    looked_at: Mapped[datetime | None] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    # Since when every look has failed, why the last one did, and whether the teacher was told.
    failing_since: Mapped[datetime | None] = mapped_column(Instant)
    problem: Mapped[str | None] = mapped_column(String(LONGEST_PROBLEM))
    told_at: Mapped[datetime | None] = mapped_column(Instant)
    # What the other server gave, to ask whether there is something new.
    etag: Mapped[str | None] = mapped_column(Text)
    last_modified: Mapped[str | None] = mapped_column(Text)
    # What was computed last: of which text, when, for which time zone, and up to when.
    digest: Mapped[str | None] = mapped_column(String(64))
    computed_at: Mapped[datetime | None] = mapped_column(Instant)
    time_zone: Mapped[str | None] = mapped_column(String(64))
    covers_until: Mapped[datetime | None] = mapped_column(Instant)

"""Tables of what teachers said about when they can be booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, only_where
from extensions import Base
from schedule.times.rules import AvailabilityDocument

LONGEST_NAME, LONGEST_NOTE = 80, 200


class Schedule(Base):
    """Hours of a teacher, under a name and in a zone of their own.

    Gigs choose one; those that do not have the default one, which every teacher has from the start. `rules` is the
    document that `schedule/schemas.py` has checked, whole and with its defaults: it is always read and replaced as one.
    """

    __tablename__ = "schedules"
    __table_args__ = (
        Index("ix_schedules_teacher_id_id", "teacher_id", "id"),
        Index("uq_schedules_default", "teacher_id", unique=True, **only_where("is_default")),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    is_default: Mapped[bool]
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    # None until the teacher has said when they have time; until then the zone of their profile counts. From then on
    # the hours stay where they are, wherever the teacher travels.
    time_zone: Mapped[str | None] = mapped_column(String(64))
    rules: Mapped[AvailabilityDocument] = mapped_column(JSON)
    updated_at: Mapped[datetime | None] = mapped_column(Instant)
    # Until when the search knows the weekly hours, None before it knows any; see `schedule/offered.py`.
    offered_until: Mapped[date | None]


class Block(Base):
    """Some time that a teacher does not offer, whatever their schedules say."""

    __tablename__ = "blocks"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="ends_after_start"),
        Index("ix_blocks_teacher_id_ends_at", "teacher_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(String(LONGEST_NOTE), default="")


class BusyTime(Base):
    """Some time at which a calendar from elsewhere says that a teacher is busy.

    `calendars/busy/` reads these calendars. Like a block it is not offered.
    """

    __tablename__ = "busy_times"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="ends_after_start"),
        Index("ix_busy_times_teacher_id_ends_at", "teacher_id", "ends_at"),
        Index("ix_busy_times_calendar_id_ends_at", "calendar_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    calendar_id: Mapped[int] = mapped_column(ForeignKey("busy_calendars.id"))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)


class Holiday(Base):
    """Days on which the whole school is closed, by the clock of its own zone.

    They are kept as days, so that they stay the same days when the school's zone is changed.
    """

    __tablename__ = "holidays"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="ends_after_start"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    first_day: Mapped[date]
    # It is the last day without lessons.
    last_day: Mapped[date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of time, from an instant to just before another one."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """What a teacher enters about a schedule.

    A name or a zone that is left out stays as it is; of a new schedule the zone is that of the teacher's profile.
    """

    rules: AvailabilityDocument
    name: str | None = None
    time_zone: str | None = None

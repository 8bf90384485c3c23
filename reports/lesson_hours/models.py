"""Tables of hours that are added up, and of days that have to be."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bookings.statuses import BookingStatus
from database import Id, Instant, enum_column
from extensions import Base


class LessonHour(Base):
    """The lessons of one status and one currency that begin in an hour."""

    __tablename__ = "lesson_hours"

    hour: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    status: Mapped[BookingStatus] = mapped_column(enum_column(BookingStatus, 10), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[int] = mapped_column(BigInteger)
    due_cents: Mapped[int] = mapped_column(BigInteger)


class StudentHour(Base):
    """The students with a completed lesson that begins in an hour: their ids, eight bytes each, in order."""

    __tablename__ = "student_hours"

    hour: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    students: Mapped[bytes] = mapped_column(LargeBinary)


class StaleDay(Base):
    """A day of UTC on which something has changed since it was added up, once for each change or less."""

    __tablename__ = "stale_days"
    __table_args__ = (Index("ix_stale_days_day", "day"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    day: Mapped[date] = mapped_column(Date)

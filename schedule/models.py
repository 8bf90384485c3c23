"""Table of what teachers said about when they can be booked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant
from extensions import Base
from schedule.times.rules import AvailabilityDocument


class Availability(Base):
    """A teacher's availability.

    Without a row every whole minute can be booked. `rules` is the document that `schedule/schemas.py` has checked,
    whole and with its defaults: it is always read and replaced as one.
    """

    __tablename__ = "availability"

    teacher_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id"), primary_key=True, autoincrement=False)
    rules: Mapped[AvailabilityDocument] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(Instant)

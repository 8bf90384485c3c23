"""The tables of the log of events."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, only_where
from extensions import Base

LONGEST_KEY, LONGEST_TYPE = 16, 40


class LoggedEvent(Base):
    """One event as other programs get it, written in the transaction of the change.

    Rows are written in one order and committed in another, so `position` is given after the COMMIT (`order.py`).
    """

    __tablename__ = "events"
    __table_args__ = (
        Index("uq_events_position", "position", unique=True),
        Index("ix_events_type", "type", "position"),
        Index("ix_events_without_position", "id", **only_where("position IS NULL")),
        Index("ix_events_occurred_at", "occurred_at"),
        # An id is never used again, although old events are deleted.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    # A word, because another machine may have a newer Lectern that knows more types.
    type: Mapped[str] = mapped_column(String(LONGEST_TYPE))
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    # JSON: ids and facts about them; then the names of the tags that the change has made old.
    data: Mapped[str] = mapped_column(Text)
    invalidates: Mapped[str] = mapped_column(Text)
    position: Mapped[int | None] = mapped_column(BigInteger)


class LogEnd(Base):
    """The one row that says which position was given last.

    A process that gives positions locks it.
    """

    __tablename__ = "events_end"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)

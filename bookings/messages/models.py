"""The table of messages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, only_where
from extensions import Base

LONGEST_MESSAGE = 4000


class Message(Base):
    """What one of a lesson's two people has written to the other one.

    A lesson keeps its people, so `recipient_id` always is the other one of the two.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_booking", "booking_id", "id"),
        Index("ix_messages_author", "author_id", "recipient_id"),
        Index("ix_messages_unread", "recipient_id", "booking_id", **only_where("read_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    recipient_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    # Since when the recipient need not be told of it any more, because that was done.
    told_at: Mapped[datetime | None] = mapped_column(Instant)

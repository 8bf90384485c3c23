"""Table of the secret addresses of people's calendar feeds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant
from extensions import Base


class CalendarToken(Base):
    """The one token that opens a person's feed.

    Only its hash is kept, so that no copy of this table opens anything.
    """

    __tablename__ = "calendar_tokens"

    user_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id"), primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)

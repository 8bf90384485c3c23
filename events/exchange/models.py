"""The table of the exchange."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer
from sqlalchemy.orm import Mapped, mapped_column

from extensions import Base


class PublishedUntil(Base):
    """The one row that says up to which position of the log the broker has confirmed all events."""

    __tablename__ = "events_exchange"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)

"""The table of mails: which were sent, and which came back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, enum_column, one_of
from extensions import Base


class MailState(StrEnum):
    """What became of a mail."""

    SENT = "sent"  # a mail server has taken it
    KEPT = "kept"  # it is a file on this machine, because there is no mail server
    REFUSED = "refused"  # the mail server will not take it, now or later


class SentMail(Base):
    """A mail that is done with.

    It says what the mail was about, and not what stood in it: that may be a secret. It refers to no account, so that
    the tables of people stand above it.
    """

    __tablename__ = "mails"
    __table_args__ = (
        CheckConstraint(one_of("state", MailState), name="state"),
        Index("ix_mails_address_id", "address", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    message_id: Mapped[str] = mapped_column(String(320))
    user_id: Mapped[int | None] = mapped_column(Id, index=True)
    address: Mapped[str] = mapped_column(String(254))
    type: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(200))
    state: Mapped[MailState] = mapped_column(enum_column(MailState, 10))
    reason: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime] = mapped_column(Instant, index=True)

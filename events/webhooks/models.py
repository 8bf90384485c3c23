"""The tables of webhooks and of what is sent to them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, enum_column, one_of, only_where
from events.log.models import LONGEST_KEY, LONGEST_TYPE
from extensions import Base

LONGEST_DESCRIPTION, LONGEST_ERROR, LONGEST_ANSWER = 200, 300, 2000


class OffBecause(StrEnum):
    """Why a webhook is switched off."""

    PAUSED = "paused"
    # The receiver has answered with 410.
    GONE = "gone"
    # Nothing has succeeded for three days.
    FAILING = "failing"


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Webhook(Base):
    """An address that gets what happens.

    Its secret stands nowhere: it is computed from a random word here and the SECRET_KEY of the settings.
    """

    __tablename__ = "webhooks"
    __table_args__ = (
        CheckConstraint(f"off_because IS NULL OR {one_of('off_because', OffBecause)}", name="off_because"),
        Index("ix_webhooks_on", "id", **only_where("off_because IS NULL")),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    # Who is told when it is switched off.
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    url: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(String(LONGEST_DESCRIPTION))
    # JSON: the types that it wants, none for all of them.
    types: Mapped[str] = mapped_column(Text)
    off_because: Mapped[OffBecause | None] = mapped_column(enum_column(OffBecause, 10))

    salt: Mapped[str] = mapped_column(String(32))
    # Tells whether the secret is still the one that was shown.
    secret_check: Mapped[str] = mapped_column(String(16))
    # The one before signs, too, until then.
    old_salt: Mapped[str | None] = mapped_column(String(32))
    old_until: Mapped[datetime | None] = mapped_column(Instant)

    # Up to where of the log its deliveries are written.
    position: Mapped[int] = mapped_column(BigInteger)
    # Attempts that have failed since the last one that succeeded, and the first of them.
    failures: Mapped[int] = mapped_column(Integer, default=0)
    failing_since: Mapped[datetime | None] = mapped_column(Instant)
    # Nothing is sent before that.
    resume_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class WebhookDelivery(Base):
    """One event on its way to one webhook, with the last attempt."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        CheckConstraint(one_of("status", DeliveryStatus), name="status"),
        Index("ix_webhook_deliveries_webhook", "webhook_id", "id"),
        Index("ix_webhook_deliveries_status", "webhook_id", "status", "id"),
        Index("ix_webhook_deliveries_waiting", "webhook_id", "id", "next_at", **only_where("status = 'waiting'")),
        Index("ix_webhook_deliveries_created_at", "created_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id"))
    # The id by which receivers know a repetition.
    event_id: Mapped[str] = mapped_column(String(LONGEST_KEY))
    type: Mapped[str] = mapped_column(String(LONGEST_TYPE))
    # What is signed and sent, the same at each attempt.
    payload: Mapped[str] = mapped_column(Text)
    status: Mapped[DeliveryStatus] = mapped_column(enum_column(DeliveryStatus, 10), default=DeliveryStatus.WAITING)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_at: Mapped[datetime | None] = mapped_column(Instant)
    attempted_at: Mapped[datetime | None] = mapped_column(Instant)
    milliseconds: Mapped[int | None] = mapped_column(Integer)
    answer_status: Mapped[int | None] = mapped_column(Integer)
    answer: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[str] = mapped_column(String(LONGEST_ERROR), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)

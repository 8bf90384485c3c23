"""Tables of payments by card: what students began, and what the provider said of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, enum_column, one_of
from extensions import Base


class CheckoutStatus(StrEnum):
    """Where a payment by card stands."""

    PREPARING = "preparing"
    OPEN = "open"
    PAID = "paid"
    EXPIRED = "expired"
    FAILED = "failed"


class NoticeKind(StrEnum):
    """What the provider says."""

    PAID = "paid"
    EXPIRED = "expired"
    FAILED = "failed"
    REFUNDED = "refunded"


class Checkout(Base):
    """A payment by card that a student has begun, for a lesson or for a package."""

    __tablename__ = "checkouts"
    __table_args__ = (
        CheckConstraint(one_of("status", CheckoutStatus), name="status"),
        CheckConstraint("amount_cents >= 1", name="amount_cents"),
        CheckConstraint("(booking_id IS NULL) <> (package_id IS NULL)", name="subject"),
        Index("ix_checkouts_booking", "booking_id", "id"),
        Index("ix_checkouts_package", "package_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    # By this word the provider's notices say what they are about, and a call that is repeated is known as the same.
    token: Mapped[str] = mapped_column(String(32), unique=True)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    package_id: Mapped[int | None] = mapped_column(ForeignKey("packages.id"))
    amount_cents: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[CheckoutStatus] = mapped_column(enum_column(CheckoutStatus, 10))
    # How often the provider has failed to answer: it would repeat its answer to the same call.
    failures: Mapped[int] = mapped_column(Integer, default=0)
    url: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class CheckoutNotice(Base):
    """One notice of the provider, kept so that a repetition is known and the order does not matter."""

    __tablename__ = "checkout_notices"
    __table_args__ = (
        CheckConstraint(one_of("kind", NoticeKind), name="kind"),
        Index("ix_checkout_notices_checkout", "checkout_id", "at"),
    )

    # The provider's own id of it.
    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    checkout_id: Mapped[int] = mapped_column(ForeignKey("checkouts.id"))
    kind: Mapped[NoticeKind] = mapped_column(enum_column(NoticeKind, 10))
    # Which payment of theirs it is about, and how much was paid or given back of it so far.
    reference: Mapped[str] = mapped_column(String(140))
    amount_cents: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Instant)

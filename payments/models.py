"""The ledger: tables whose rows are only added.

Triggers refuse everything else, and a refund that is more than its payment: see the migration 0026.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, enum_column, one_of, only_where
from extensions import Base


class PaymentStatus(StrEnum):
    """Where a payment stands: reported, and then found on the payee's account or not."""

    SUBMITTED = "submitted"
    VERIFIED = "verified"
    REJECTED = "rejected"


class PaymentMethod(StrEnum):
    """How money came.

    By `credit` none comes: it was paid for another lesson and is more than that one costs.
    """

    BANK_TRANSFER = "bank_transfer"
    CASH = "cash"
    MOBILE_MONEY = "mobile_money"
    CARD = "card"
    OTHER = "other"
    CREDIT = "credit"


DECISIONS = (PaymentStatus.VERIFIED, PaymentStatus.REJECTED)
_POSITIVE = "amount_cents >= 1"


class Payment(Base):
    """Money for a booking, as it was reported.

    Its student reports it, or its teacher, who is the payee, has received it. Its status is that of its newest event.
    Of its columns only `student_id` ever changes: when an account takes over the bookings of a stand-in.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint(one_of("method", PaymentMethod), name="method"),
        CheckConstraint(_POSITIVE, name="amount_cents"),
        # One transfer is reported once. Cash has no reference.
        Index("uq_payments_reference", "teacher_id", "reference", unique=True, **only_where("reference <> ''")),
        Index("ix_payments_booking", "booking_id", "id"),
        Index("ix_payments_student", "student_id", "id"),
        Index("ix_payments_teacher", "teacher_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    method: Mapped[PaymentMethod] = mapped_column(enum_column(PaymentMethod, 20))
    reference: Mapped[str] = mapped_column(String(140))
    amount_cents: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))
    created_at: Mapped[datetime] = mapped_column(Instant)


class PaymentEvent(Base):
    """One step of a payment: who has reported, verified or rejected it, when and why."""

    __tablename__ = "payment_events"
    __table_args__ = (
        CheckConstraint(one_of("status", PaymentStatus), name="status"),
        UniqueConstraint("payment_id", "status"),
        # Of two who decide at once the second one is refused.
        Index("uq_payment_events_decision", "payment_id", unique=True, **only_where(one_of("status", DECISIONS))),
        # What a new name of theirs makes old.
        Index("ix_payment_events_actor", "actor_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    status: Mapped[PaymentStatus] = mapped_column(enum_column(PaymentStatus, 10))
    actor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(Text, default="")


class WaitingPayment(Base):
    """A payment about which nothing is decided yet.

    Triggers on `payments` and `payment_events` write and delete these rows, so that those who count what waits need not
    look at everything that was ever paid.
    """

    __tablename__ = "waiting_payments"
    __table_args__ = (Index("ix_waiting_payments_teacher", "teacher_id"),)

    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), primary_key=True)
    # The payment's own foreign key has looked at it.
    teacher_id: Mapped[int] = mapped_column(Id)


class Refund(Base):
    """A part of a verified payment, or all of it, that its payee has given back."""

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint(_POSITIVE, name="amount_cents"),
        Index("ix_refunds_payment", "payment_id", "id"),
        Index("ix_refunds_actor", "actor_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    amount_cents: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class CreditUse(Base):
    """From which booking a payment by credit has taken its money, or a part of it."""

    __tablename__ = "credit_uses"
    __table_args__ = (
        CheckConstraint(_POSITIVE, name="amount_cents"),
        UniqueConstraint("payment_id", "booking_id"),
        Index("ix_credit_uses_booking", "booking_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    amount_cents: Mapped[int] = mapped_column(Integer)


class CreditNote(Base):
    """A fee, or a part of it, that a teacher does not ask for any more."""

    __tablename__ = "credit_notes"
    __table_args__ = (
        CheckConstraint(_POSITIVE, name="amount_cents"),
        Index("ix_credit_notes_booking", "booking_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    amount_cents: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """A payment as it is reported.

    With `advance` it may be more than is open: the rest is the student's credit with the teacher.
    """

    booking_id: int
    method: PaymentMethod
    amount_cents: int
    currency: str
    reference: str = ""
    advance: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the payee says about a payment."""

    status: PaymentStatus
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """What is refunded of a payment or waived of a fee, and why."""

    amount_cents: int
    reason: str

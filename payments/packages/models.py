"""The tables of packages: what is offered, what was bought, what happened to it, and its lessons.

A package that was bought stands beside the ledger of lessons, and is as strict: triggers refuse that its rows change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, enum_column, one_of, only_where
from extensions import Base

FEWEST_LESSONS, MOST_LESSONS = 2, 100


class PackageStatus(StrEnum):
    """Where a package stands: asked for, paid and in use, or ended."""

    ORDERED = "ordered"
    PAID = "paid"
    CANCELLED = "cancelled"
    CLOSED = "closed"


# An order is answered once.
ANSWERS = (PackageStatus.PAID, PackageStatus.CANCELLED)
_LESSONS = f"lessons BETWEEN {FEWEST_LESSONS} AND {MOST_LESSONS}"


class PackageOffer(Base):
    """So many lessons of a gig for a price, until its teacher withdraws it.

    What was bought stays as it was bought.
    """

    __tablename__ = "package_offers"
    __table_args__ = (
        CheckConstraint(_LESSONS, name="lessons"),
        CheckConstraint("price_cents >= 1", name="price_cents"),
        Index("ix_package_offers_gig", "gig_id", "id"),
        Index("uq_package_offers_lessons", "gig_id", "lessons", unique=True, **only_where("withdrawn_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    gig_id: Mapped[int] = mapped_column(ForeignKey("gigs.id"))
    lessons: Mapped[int] = mapped_column(Integer)
    price_cents: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))
    created_at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class Package(Base):
    """What a student has bought.

    Its status is that of its newest event.
    """

    __tablename__ = "packages"
    __table_args__ = (
        CheckConstraint(_LESSONS, name="lessons"),
        CheckConstraint("price_cents >= 1", name="price_cents"),
        Index("ix_packages_student", "student_id", "id"),
        Index("ix_packages_teacher", "teacher_id", "id"),
        # Whose lessons it is for.
        Index("ix_packages_gig", "gig_id", "student_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("package_offers.id"))
    gig_id: Mapped[int] = mapped_column(ForeignKey("gigs.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    lessons: Mapped[int] = mapped_column(Integer)
    price_cents: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))
    created_at: Mapped[datetime] = mapped_column(Instant)


class PackageEvent(Base):
    """One step of a package: who did it, when and why, and what was given back by it."""

    __tablename__ = "package_events"
    __table_args__ = (
        CheckConstraint(one_of("status", PackageStatus), name="status"),
        CheckConstraint("refunded_cents = 0 OR refunded_cents > 0 AND status = 'closed'", name="refunded_cents"),
        UniqueConstraint("package_id", "status"),
        # Of two answers at once the second one is refused.
        Index("uq_package_events_answer", "package_id", unique=True, **only_where(one_of("status", ANSWERS))),
        # What a new name of theirs makes old.
        Index("ix_package_events_actor", "actor_id"),
        # What came in by packages in a month.
        Index("ix_package_events_at", "status", "at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
    status: Mapped[PackageStatus] = mapped_column(enum_column(PackageStatus, 10))
    actor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(Text, default="")
    refunded_cents: Mapped[int] = mapped_column(Integer, default=0)


class PackagePayment(Base):
    """A payment by card for a package.

    One is `needed`. Another one, for a package that was cancelled or paid otherwise meanwhile, is to be given back.
    """

    __tablename__ = "package_payments"
    __table_args__ = (
        CheckConstraint("amount_cents >= 1", name="amount_cents"),
        UniqueConstraint("package_id", "reference"),
        Index("uq_package_payments_needed", "package_id", unique=True, **only_where("needed")),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
    # Which payment of the provider it is.
    reference: Mapped[str] = mapped_column(String(140))
    amount_cents: Mapped[int] = mapped_column(Integer)
    needed: Mapped[bool]
    at: Mapped[datetime] = mapped_column(Instant)


class PackageRefund(Base):
    """Money that was given back of what a package has cost, or of a payment by card that it does not need.

    How many lessons that pays back, `money.paid_back` says.
    """

    __tablename__ = "package_refunds"
    __table_args__ = (
        CheckConstraint("amount_cents >= 1", name="amount_cents"),
        Index("ix_package_refunds_package", "package_id", "id"),
        Index("ix_package_refunds_actor", "actor_id"),
        Index("ix_package_refunds_at", "at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
    # The one that is not needed, if it is of such a one.
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("package_payments.id"))
    amount_cents: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class PackageUnit(Base):
    """A lesson of a package, and the booking that it is for until it is `released_at`.

    A number has one booking at a time, and a booking one number: so no more lessons are taken than were bought.
    """

    __tablename__ = "package_units"
    __table_args__ = (
        CheckConstraint(f"number BETWEEN 1 AND {MOST_LESSONS}", name="number"),
        Index("uq_package_units_number", "package_id", "number", unique=True, **only_where("released_at IS NULL")),
        Index("uq_package_units_booking", "booking_id", unique=True, **only_where("released_at IS NULL")),
        Index("ix_package_units_package", "package_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
    number: Mapped[int] = mapped_column(Integer)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    taken_at: Mapped[datetime] = mapped_column(Instant)
    released_at: Mapped[datetime | None] = mapped_column(Instant)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOffer:
    """So many lessons, and what they cost together."""

    lessons: int
    price_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageChange:
    """What becomes of a package: with `refunded_cents` the money that its teacher has given back."""

    status: PackageStatus
    reason: str = ""
    refunded_cents: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonsBack:
    """How many lessons of a package are paid back, and why."""

    lessons: int
    reason: str

"""Tables of invoices, whose rows are only added.

Triggers refuse everything else, and a number that leaves a gap: see the migration 0028.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant
from extensions import Base


class InvoiceCounter(Base):
    """The last number that a teacher has used in a year.

    Whoever makes an invoice holds this row until the COMMIT, so numbers follow each other without a gap.
    """

    __tablename__ = "invoice_counters"

    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class Invoice(Base):
    """An invoice as it was made, or a counter-invoice, which takes another one back.

    It says what was true then, whatever is renamed, moved or repriced later. Of its columns only `student_id` ever
    changes: when an account takes over the bookings of a stand-in.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("line_count >= 1", name="line_count"),
        # A counter-invoice takes away, and says why.
        CheckConstraint(
            "(corrects_id IS NULL AND total_cents >= 1) OR (corrects_id IS NOT NULL AND total_cents <= -1)",
            name="correction",
        ),
        UniqueConstraint("teacher_id", "year", "number"),
        # An invoice is taken back once.
        UniqueConstraint("corrects_id"),
        Index("ix_invoices_student", "student_id", "id"),
        Index("ix_invoices_teacher", "teacher_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    year: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)
    # The day on the teacher's clock, whose zone the times of the lines are in, too.
    issued_on: Mapped[date] = mapped_column(Date)
    time_zone: Mapped[str] = mapped_column(String(64))
    currency: Mapped[str] = mapped_column(String(3))
    total_cents: Mapped[int] = mapped_column(Integer)
    # How much of it had been paid by then, which makes it a receipt.
    paid_cents: Mapped[int] = mapped_column(Integer)
    line_count: Mapped[int] = mapped_column(Integer)
    student_name: Mapped[str] = mapped_column(String(80))
    teacher_name: Mapped[str] = mapped_column(String(80))
    seller_name: Mapped[str] = mapped_column(String(120))
    seller_address: Mapped[str] = mapped_column(Text)
    tax_id: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(Text)
    buyer_name: Mapped[str] = mapped_column(String(120))
    buyer_address: Mapped[str] = mapped_column(Text)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    actor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)


# What a line says of a lesson, and what of a package.
_OF_LESSON, _OF_PACKAGE = ("booking_id", "starts_at", "ends_at"), ("package_id", "lessons", "paid_at")


def _said(names: Iterable[str], what: str) -> str:
    return " AND ".join(f"{name} IS {what}" for name in names)


class InvoiceLine(Base):
    """One lesson on an invoice, with its price or the fee for it, or a package, with what was paid for it."""

    __tablename__ = "invoice_lines"
    __table_args__ = (
        CheckConstraint("position >= 1", name="position"),
        CheckConstraint(
            f"({_said(_OF_LESSON, 'NOT NULL')} AND {_said(_OF_PACKAGE, 'NULL')}) OR "
            f"({_said(_OF_PACKAGE, 'NOT NULL')} AND {_said(_OF_LESSON, 'NULL')} AND NOT is_fee)",
            name="subject",
        ),
        Index("ix_invoice_lines_booking", "booking_id", "invoice_id"),
        Index("ix_invoice_lines_package", "package_id", "invoice_id"),
    )

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    title: Mapped[str] = mapped_column(String(120))
    starts_at: Mapped[datetime | None] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    # Whether it is the fee of a lesson that did not take place.
    is_fee: Mapped[bool]
    amount_cents: Mapped[int] = mapped_column(Integer)
    package_id: Mapped[int | None] = mapped_column(ForeignKey("packages.id"))
    # How many lessons the package has, and when its money came.
    lessons: Mapped[int | None] = mapped_column(Integer)
    paid_at: Mapped[datetime | None] = mapped_column(Instant)


class Seller(Base):
    """What a teacher wants on their invoices beside their name."""

    __tablename__ = "sellers"

    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    # In place of the name that students know, if it is another.
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(Text)
    tax_id: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvoice:
    """Which lessons and packages an invoice is about, and who gets it if not the student."""

    booking_ids: tuple[int, ...] = ()
    package_ids: tuple[int, ...] = ()
    buyer_name: str = ""
    buyer_address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerDetails:
    """What a teacher wants on their invoices."""

    name: str = ""
    address: str = ""
    tax_id: str = ""
    note: str = ""


def number_text(year: int, number: int) -> str:
    """Write a number as it stands on the invoice: "2026-0007"."""
    return f"{year}-{number:04}"

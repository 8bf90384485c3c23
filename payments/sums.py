"""What bookings cost, and what was paid for them: the one place where rows of the ledger are added up.

For each booking:
    due    what it costs as it stands now, less what was waived; nothing if a package pays for it
    paid   what was verified, less what other bookings have taken of it as credit
    open   max(0, due - (paid - refunded) - submitted)
    spare  max(0, (paid - refunded) - due), which is credit
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, Subquery, and_, case, cast, exists, func, select
from sqlalchemy.orm import Session

from bookings.models import Booking
from bookings.statuses import AGREED, LEAVES_FEE
from database import alias_of
from errors import NotFound
from payments.models import DECISIONS, CreditNote, CreditUse, Payment, PaymentEvent, PaymentStatus, Refund
from payments.packages.models import PackageUnit

Decided = alias_of(PaymentEvent)
# Joins what was decided about a payment, if anything was.
DECIDED = and_(Decided.payment_id == Payment.id, Decided.status.in_(DECISIONS))

# A lesson of a package costs nothing itself, so that no money is counted twice: the package was paid.
COVERED = exists().where(PackageUnit.booking_id == Booking.id, PackageUnit.released_at.is_(None)).correlate(Booking)
# The price is due once both have agreed. What did not take place costs the fee of its terms, which is set when it ends.
_LEAVES_FEE = and_(Booking.status.in_(LEAVES_FEE), ~COVERED)
_FEE = case((_LEAVES_FEE, func.coalesce(Booking.cancellation_fee_cents, 0)), else_=0)
_HAS_PRICE = and_(Booking.status.in_([it for it in AGREED if it not in LEAVES_FEE]), ~COVERED)
_PRICE_DUE = case((_HAS_PRICE, Booking.price_cents), else_=0)
# What a booking costs, before anything is waived.
CHARGED = _PRICE_DUE + _FEE
# What it costs, where bookings are looked at one by one.
_WAIVED = select(func.sum(CreditNote.amount_cents)).where(CreditNote.booking_id == Booking.id)
DUE = CHARGED - func.coalesce(_WAIVED.correlate(Booking).scalar_subquery(), 0)

# What can be added up over several bookings of one currency.
TOTALS = ("due_cents", "submitted_cents", "paid_cents", "refunded_cents", "open_cents", "spare_cents")


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """How a booking, or all of a person's bookings in one currency, stand."""

    currency: str
    due_cents: int
    submitted_cents: int
    paid_cents: int
    refunded_cents: int
    open_cents: int
    # What was paid beyond what is due.
    spare_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingBalance(Balance):
    """One booking's, with what makes up what is due."""

    booking_id: int
    price_cents: int
    fee_cents: int


def of_booking(connection: Connection | Session, booking_id: int) -> BookingBalance:
    """Add up one booking's rows.

    Raises NotFound.
    """
    found = of_bookings(connection, Booking.id == booking_id)
    if not found:
        raise NotFound
    return found[0]


def of_bookings(connection: Connection | Session, which: ColumnElement[bool]) -> list[BookingBalance]:
    """Add up the rows of each of these bookings, in the order of their ids."""
    sums = each(which)
    rows = connection.execute(select(sums).order_by(sums.c.booking_id)).all()
    return [BookingBalance(**row._mapping) for row in rows]


def each(which: ColumnElement[bool]) -> Subquery:
    """Select the balances of these bookings as a table.

    Its columns are the fields of `BookingBalance`.
    """
    sums = _sums(which).subquery()
    return select(sums, *_rest(sums)).subquery()


def by_currency(connection: Connection | Session, which: ColumnElement[bool]) -> list[Balance]:
    """Add up the rows of all of these bookings, those of each currency by themselves."""
    sums = each(which)
    totals = [total(sums.c[name]).label(name) for name in TOTALS]
    found = select(sums.c.currency, *totals).group_by(sums.c.currency).order_by(sums.c.currency)
    return [Balance(**row._mapping) for row in connection.execute(found).all()]


def credit(connection: Connection | Session, pair: Any) -> int:
    """Return what a student has paid a teacher beyond what is due, in the currency of a booking of theirs."""
    found = by_currency(connection, of_pair(pair))
    return sum(balance.spare_cents for balance in found)


def of_pair(pair: Any) -> ColumnElement[bool]:
    """Match the bookings that have student, teacher and currency in common with this one."""
    alike = (getattr(Booking, name) == getattr(pair, name) for name in ("student_id", "teacher_id", "currency"))
    return and_(*alike)


def refunded_of(payment_id: Any) -> Any:
    """Select what was given back of a payment."""
    return select(func.coalesce(total(Refund.amount_cents), 0)).where(Refund.payment_id == payment_id).scalar_subquery()


def _sums(which: ColumnElement[bool]) -> Select[Any]:
    """Select what is due and what was paid for each of these bookings."""
    p, r, u, w = (table.where(which).subquery() for table in _added_up())
    fee = _FEE - _or_none(w.c.waived)
    columns: dict[str, Any] = {
        "booking_id": Booking.id,
        "currency": Booking.currency,
        "price_cents": Booking.price_cents,
        "fee_cents": fee,
        "due_cents": _PRICE_DUE + fee,
        "submitted_cents": _or_none(p.c.submitted),
        "paid_cents": _or_none(p.c.paid) - _or_none(u.c.used),
        "refunded_cents": _or_none(r.c.refunded),
    }
    found = select(*(column.label(name) for name, column in columns.items())).select_from(Booking)
    for table in (p, r, u, w):
        found = found.outerjoin(table, table.c.booking_id == Booking.id)
    return found.where(which)


def _added_up() -> tuple[Any, Any, Any, Any]:
    """Select for each booking what was paid, given back, used as credit elsewhere, and waived.

    Each table is added up by itself, so that no row of one is counted once for each of another.
    """
    verified = case((Decided.status == PaymentStatus.VERIFIED, Payment.amount_cents), else_=0)
    waiting = case((Decided.id.is_(None), Payment.amount_cents), else_=0)
    paid = _of_each(select(Payment.booking_id, total(verified).label("paid"), total(waiting).label("submitted")))
    paid = paid.select_from(Payment).outerjoin(Decided, DECIDED).join(Booking, Booking.id == Payment.booking_id)
    back = _of_each(select(Payment.booking_id, total(Refund.amount_cents).label("refunded")))
    back = back.select_from(Refund).join(Payment, Payment.id == Refund.payment_id)
    back = back.join(Booking, Booking.id == Payment.booking_id)
    used = _of_each(select(CreditUse.booking_id, total(CreditUse.amount_cents).label("used")))
    used = used.select_from(CreditUse).join(Booking, Booking.id == CreditUse.booking_id)
    waived = _of_each(select(CreditNote.booking_id, total(CreditNote.amount_cents).label("waived")))
    waived = waived.select_from(CreditNote).join(Booking, Booking.id == CreditNote.booking_id)
    return paid, back, used, waived


def _of_each(columns: Any) -> Any:
    return columns.group_by(columns.selected_columns[0])


def _rest(sums: Any) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Select what is open, and what was paid too much."""
    it = sums.c
    to_pay = it.due_cents - (it.paid_cents - it.refunded_cents)
    unpaid = to_pay - it.submitted_cents
    return (
        case((unpaid > 0, unpaid), else_=0).label("open_cents"),
        case((to_pay < 0, -to_pay), else_=0).label("spare_cents"),
    )


def total(column: Any) -> ColumnElement[int]:
    """Add up as a whole number: PostgreSQL's sum of large ones is a decimal."""
    return cast(func.sum(column), BigInteger)


def _or_none(column: Any) -> ColumnElement[int]:
    return func.coalesce(column, 0)

"""What was paid for packages and given back of it: the one place where their money is added up.

What was given back pays back lessons that nobody has taken. `worth` and `paid_back` say how many, exactly: each lesson
costs its part of the price, and of a cent that cannot be divided the student gets the larger part.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, case, func, literal, select, union_all

from payments.packages.models import Package, PackageEvent, PackagePayment, PackageRefund, PackageStatus

# How money of packages moves: it came, it was given back, or it came and no package needs it.
CAME, BACK, UNNEEDED, UNNEEDED_BACK = "came", "back", "unneeded", "unneeded_back"

_OF_PACKAGE = PackageEvent.package_id == Package.id
_REFUND_OF_PACKAGE = (PackageRefund.package_id == Package.id, PackageRefund.payment_id.is_(None))
_REFUND_OF_UNNEEDED = (PackageRefund.package_id == Package.id, PackageRefund.payment_id.is_not(None))


def _added(column: Any, *which: Any) -> Any:
    return func.coalesce(select(func.sum(column)).where(*which).correlate(Package).scalar_subquery(), 0)


# When the money for a package came, or None.
PAID_AT: Any = (
    select(PackageEvent.at).where(_OF_PACKAGE, PackageEvent.status == PackageStatus.PAID).correlate(Package)
).scalar_subquery()
# What was given back of its price.
REFUNDED: ColumnElement[int] = _added(PackageEvent.refunded_cents, _OF_PACKAGE) + _added(
    PackageRefund.amount_cents, *_REFUND_OF_PACKAGE
)
# What came by card although it was paid already or cancelled, and was not given back yet.
SURPLUS: ColumnElement[int] = _added(
    PackagePayment.amount_cents, PackagePayment.package_id == Package.id, PackagePayment.needed.is_(False)
) - _added(PackageRefund.amount_cents, *_REFUND_OF_UNNEEDED)


def worth(lessons: int, price_cents: int, of_lessons: int) -> int:
    """Return what so many lessons of a package are worth."""
    return -(-price_cents * lessons // of_lessons)


def paid_back(refunded_cents: int, price_cents: int, of_lessons: int) -> int:
    """Return how many lessons of a package were paid back with so much money."""
    return refunded_cents * of_lessons // price_cents


def moves(start: datetime, end: datetime, *whose: ColumnElement[bool]) -> Subquery:
    """Select all money moved for packages from `start` on and before `end`, where `whose` holds.

    The columns are kind, package_id, id, at, cents (more than 0) and reason. Each kind of row is asked for its time and
    its package by itself, so that it is found by an index.
    """
    payment, refund = PackagePayment, PackageRefund
    unneeded = _move(UNNEEDED, payment, payment.amount_cents).where(payment.needed.is_(False))
    given_back = _move(UNNEEDED_BACK, refund, refund.amount_cents, refund.reason).where(refund.payment_id.is_not(None))
    return _within(start, end, whose, *_of_prices(), (unneeded, payment), (given_back, refund))


def in_advance(start: datetime, end: datetime, *whose: ColumnElement[bool]) -> Subquery:
    """Select what was paid for packages in that time, and given back of that as less than 0.

    The columns are package_id, at and cents.
    """
    it = _within(start, end, whose, *_of_prices()).c
    signed = case((it.kind == CAME, it.cents), else_=-it.cents).label("cents")
    return select(it.package_id, it.at, signed).subquery()


def _of_prices() -> list[tuple[Any, Any]]:
    """Select what was paid for packages and given back of it, each with the table that says when."""
    step, refund = PackageEvent, PackageRefund
    paid = _move(CAME, step, Package.price_cents).where(step.status == PackageStatus.PAID)
    ended = _move(BACK, step, step.refunded_cents, step.reason)
    returned = _move(BACK, refund, refund.amount_cents, refund.reason).where(refund.payment_id.is_(None))
    closed = ended.where(step.status == PackageStatus.CLOSED, step.refunded_cents > 0)
    return [(paid, step), (closed, step), (returned, refund)]


def _within(
    start: datetime, end: datetime, whose: tuple[ColumnElement[bool], ...], *kinds: tuple[Any, Any]
) -> Subquery:
    found = (kind.where(table.at >= start, table.at < end, *whose) for kind, table in kinds)
    return union_all(*found).subquery()


def _move(kind: str, table: Any, cents: Any, reason: Any = None) -> Any:
    columns = (table.package_id, table.id.label("id"), table.at, cents.label("cents"))
    words = literal("") if reason is None else reason
    found = select(literal(kind).label("kind"), *columns, words.label("reason"))
    return found.select_from(table).join(Package, Package.id == table.package_id)

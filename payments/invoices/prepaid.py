"""Packages on invoices: one that was paid stands there with what was not given back of it.

Its lessons cost nothing themselves, so none of them stands on an invoice beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select
from sqlalchemy.orm import Session

from accounts.models import User
from database import alias_of
from errors import NotFound
from gigs.models import Gig
from jsontext import JsonObject
from payments.invoices.models import InvoiceLine
from payments.invoices.standing import package_stands
from payments.packages.models import Package
from payments.packages.money import PAID_AT, REFUNDED

_Student, _Teacher = alias_of(User), alias_of(User)
_OWN = (Package.id, Package.student_id, Package.teacher_id, Package.currency, Package.lessons)
_CENTS, _PAID_AT = (Package.price_cents - REFUNDED).label("cents"), PAID_AT.label("paid_at")


def locked(session: Session, package_ids: Sequence[int]) -> Sequence[Row[Any]]:
    """Lock packages, and return what an invoice says of them, the first one paid first.

    Raises NotFound.
    """
    # In the order in which lessons that change come to them.
    ordered = select(Package.id).where(Package.id.in_(package_ids)).order_by(Package.gig_id, Package.id)
    if len(session.execute(ordered.with_for_update()).all()) != len({*package_ids}):
        raise NotFound
    rows: Sequence[Any] = session.execute(_packages().where(Package.id.in_(package_ids))).all()
    return rows


def invoiced(session: Session, package_ids: Iterable[int]) -> list[int]:
    """Return those of these packages that stand on an invoice which was not taken back."""
    found = select(Package.id).where(Package.id.in_(package_ids), package_stands())
    return [*session.scalars(found.order_by(Package.id))]


def billable(connection: Connection, teacher_id: int, start: datetime, end: datetime) -> list[JsonObject]:
    """List a teacher's packages that were paid in this time and are on no invoice."""
    came: Any = PAID_AT
    within = (Package.teacher_id == teacher_id, came >= start, came < end)
    rows = connection.execute(_packages().where(*within, ~package_stands()))
    return [_show(row) for row in rows if can_be_billed(row)]


def can_be_billed(package: Any) -> bool:
    """Tell whether a package can be on an invoice: it was paid, and not all of it was given back."""
    return package.paid_at is not None and package.cents > 0


def line(package: Any, position: int) -> InvoiceLine:
    """Build the line of a package."""
    return InvoiceLine(
        position=position,
        package_id=package.id,
        title=package.title,
        lessons=package.lessons,
        paid_at=package.paid_at,
        is_fee=False,
        amount_cents=package.cents,
    )


def _packages() -> Select[Any]:
    people = (_Student.name.label("student_name"), _Teacher.name.label("teacher_name"), _Teacher.time_zone)
    found = select(*_OWN, _CENTS, _PAID_AT, Gig.title, *people).join(Gig, Gig.id == Package.gig_id)
    found = found.join(_Student, _Student.id == Package.student_id).join(_Teacher, _Teacher.id == Package.teacher_id)
    return found.order_by(_PAID_AT, Package.id)


def _show(row: Any) -> JsonObject:
    return {
        "id": row.id,
        "paid_at": row.paid_at,
        "title": row.title,
        "lessons": row.lessons,
        "student": {"id": row.student_id, "name": row.student_name},
        "due_cents": row.cents,
        "paid_cents": row.cents,
        "currency": row.currency,
    }

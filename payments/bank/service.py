"""Match a bank's file with the payments and packages that wait, and verify those that are found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from accounts.actors import Actor
from accounts.models import User
from accounts.rights import runs_school
from database import reading
from errors import WrongState
from payments import service
from payments.bank import matching
from payments.bank.models import Match, Outcome, Reported
from payments.bank.reading import entries
from payments.models import Decision, Payment, PaymentStatus
from payments.packages import service as packages
from payments.packages.models import Package, PackageChange, PackageEvent, PackageStatus
from payments.packages.queries import package_reference
from payments.sums import DECIDED, Decided

# Of a payee's payments the newest are looked at.
MOST_PAYMENTS = 50_000


def match(content: bytes, *, actor: Actor) -> list[Outcome]:
    """Say of each line of a bank's file which payment or package of a payee it is, and change nothing.

    For an administrator those of all payees. Raises Invalid.
    """
    return matching.outcomes(entries(content), [*_reported(actor), *_packages(actor)])


def apply(outcomes: Iterable[Outcome], *, actor: Actor, now: datetime) -> None:
    """Verify the payments that were matched, each by a decision of its own.

    One that somebody has decided about meanwhile is `already`. It may be repeated after any failure.
    """
    for outcome in outcomes:
        if outcome.match == Match.MATCHED:
            done = [verify(it, actor=actor, now=now) for it in outcome.named]
            if not any(done):
                outcome.match, outcome.detail = Match.ALREADY, "It was decided about meanwhile."


def verify(found: Reported, *, actor: Actor, now: datetime) -> bool:
    """Verify a payment, or note that a package was paid, and tell whether it still waited for that.

    Raises NotFound or Forbidden.
    """
    return (verify_package if found.is_package else verify_payment)(found.id, actor=actor, now=now)


def verify_payment(payment_id: int, *, actor: Actor, now: datetime) -> bool:
    """Verify a payment, and tell whether it still waited for that.

    Raises NotFound or Forbidden.
    """
    try:
        service.decide(payment_id, Decision(status=PaymentStatus.VERIFIED), actor=actor, now=now)
    except WrongState:
        return False
    return True


def verify_package(package_id: int, *, actor: Actor, now: datetime) -> bool:
    """Note that a package was paid, and tell whether it still waited for that.

    Raises NotFound or Forbidden.
    """
    try:
        packages.change(package_id, PackageChange(status=PackageStatus.PAID), actor=actor, now=now)
    except WrongState:
        return False
    return True


def _reported(actor: Actor) -> list[Reported]:
    status = func.coalesce(Decided.status, PaymentStatus.SUBMITTED).label("status")
    names = ("id", "reference", "amount_cents", "currency", "student_id")
    found = select(*(getattr(Payment, name) for name in names), status, User.name.label("student_name"))
    found = found.select_from(Payment).outerjoin(Decided, DECIDED).join(User, User.id == Payment.student_id)
    found = found.where(Payment.reference != "").order_by(Payment.id.desc()).limit(MOST_PAYMENTS)
    if not runs_school(actor.role):
        found = found.where(Payment.teacher_id == actor.id)
    with reading() as connection:
        return [Reported(**row._mapping) for row in connection.execute(found)]


def _packages(actor: Actor) -> list[Reported]:
    """Read what was asked for in packages, whose references are computed from their ids."""
    newest = select(PackageEvent.status).where(PackageEvent.package_id == Package.id).order_by(PackageEvent.id.desc())
    names = ("id", "price_cents", "currency", "student_id")
    found = select(*(getattr(Package, name) for name in names), User.name.label("student_name"))
    found = found.add_columns(newest.limit(1).scalar_subquery().label("status"))
    found = found.join(User, User.id == Package.student_id).order_by(Package.id.desc()).limit(MOST_PAYMENTS)
    if not runs_school(actor.role):
        found = found.where(Package.teacher_id == actor.id)
    with reading() as connection:
        return [_as_reported(row) for row in connection.execute(found)]


def _as_reported(row: Any) -> Reported:
    return Reported(
        id=row.id,
        is_package=True,
        reference=package_reference(row.id),
        amount_cents=row.price_cents,
        currency=row.currency,
        status=row.status,
        student_id=row.student_id,
        student_name=row.student_name,
    )

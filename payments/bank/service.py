"""Match a bank's file with the payments that wait, and verify those that are found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

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
from payments.sums import DECIDED, Decided

# Of a payee's payments the newest are looked at.
MOST_PAYMENTS = 50_000


def match(content: bytes, *, actor: Actor) -> list[Outcome]:
    """Say of each line of a bank's file which of a payee's payments it is, and change nothing.

    For an administrator those of all payees. Raises Invalid.
    """
    return matching.outcomes(entries(content), _reported(actor))


def apply(outcomes: Iterable[Outcome], *, actor: Actor, now: datetime) -> None:
    """Verify the payments that were matched, each by a decision of its own.

    One that somebody has decided about meanwhile is `already`. It may be repeated after any failure.
    """
    for outcome in outcomes:
        if outcome.match == Match.MATCHED:
            done = [verify(payment.id, actor=actor, now=now) for payment in outcome.payments]
            if not any(done):
                outcome.match, outcome.detail = Match.ALREADY, "It was decided about meanwhile."


def verify(payment_id: int, *, actor: Actor, now: datetime) -> bool:
    """Verify a payment, and tell whether it still waited for that.

    Raises NotFound or Forbidden.
    """
    try:
        service.decide(payment_id, Decision(status=PaymentStatus.VERIFIED), actor=actor, now=now)
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

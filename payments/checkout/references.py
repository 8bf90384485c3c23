"""Which row of the ledger a payment of the provider is: people may have typed its reference by hand.

A reference is unique among a teacher's payments. So where another payment has the provider's already, its own row gets
a number behind it, such as "pi_1 (2)".
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.models import NewPayment, Payment, PaymentEvent, PaymentMethod, PaymentStatus

# What is kept of a long reference leaves room for the number.
_LONGEST = 130


@dataclass(slots=True)
class Found:
    """What the ledger has: a row that counts, one that waits to be checked, a reference for a new one."""

    verified: Payment | None = None
    reported: Payment | None = None
    free: str = ""


def find(session: Session, new: NewPayment, teacher_id: int) -> Found:
    """Look for the row of a payment by card, whose lesson is locked.

    It is one for the same lesson: a verified one, or one that was reported with the same amount and is not decided.
    """
    found = Found()
    for number in itertools.count(1):
        reference = new.reference if number == 1 else f"{new.reference[:_LONGEST]} ({number})"
        same = (Payment.teacher_id == teacher_id, Payment.reference == reference)
        known = session.scalar(select(Payment).where(*same))
        if known is None:
            found.free = reference
            return found
        if known.booking_id == new.booking_id and known.method != PaymentMethod.CREDIT:
            _sort_in(session, found, known, new.amount_cents)
    raise AssertionError("Numbers do not end.")


def _sort_in(session: Session, found: Found, known: Payment, cents: int) -> None:
    """Note what a row with such a reference is good for.

    The last one is the provider's own, if there is one.
    """
    steps = set(session.scalars(select(PaymentEvent.status).where(PaymentEvent.payment_id == known.id)))
    if PaymentStatus.VERIFIED in steps:
        found.verified = known
    elif PaymentStatus.REJECTED not in steps and known.amount_cents == cents:
        found.reported = known

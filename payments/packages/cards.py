"""What payments by card do to a package: they pay it once, and refunds pay back its lessons.

All packages of the student and gig are locked. What a provider has done has happened: so money that the package does
not need, and refunds for lessons that were taken already, are noted as they are.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.packages import units, writes
from payments.packages.models import Package, PackageChange, PackagePayment, PackageRefund, PackageStatus
from payments.writes import invalidate_of

logger = logging.getLogger(__name__)

_WORDS = "Given back by card."


def to_pay(session: Session, package: Package) -> int:
    """Return what is to be paid for a package now."""
    return package.price_cents if writes.status_of(session, package.id) == PackageStatus.ORDERED else 0


def take(session: Session, package: Package, reference: str, cents: int, *, now: datetime) -> PackagePayment:
    """Return the row of a payment of the provider, which is written once.

    If the package waits for just this money, it is paid by it.
    """
    known = (PackagePayment.package_id == package.id, PackagePayment.reference == reference)
    if found := session.scalar(select(PackagePayment).where(*known)):
        return found
    needed = to_pay(session, package) == cents
    payment = PackagePayment(package_id=package.id, reference=reference, amount_cents=cents, needed=needed, at=now)
    session.add(payment)
    session.flush()
    if needed:
        paid = PackageChange(status=PackageStatus.PAID)
        writes.note(session, package, paid, by=package.student_id, now=now, by_card=True)
        units.cover(session, package.student_id, package.gig_id, now)
    else:
        logger.error("Package %s does not need the payment by card %s: give it back.", package.id, payment.id)
        writes.note_unneeded(session, package, cents, now=now)
    return payment


def give_back(session: Session, package: Package, payment: PackagePayment, cents: int, *, now: datetime) -> None:
    """Note what of a payment was given back at the provider, which is `cents` so far, and not here."""
    missing = cents - _noted(session, package, payment)
    if missing <= 0:
        return
    left = payment.amount_cents - _noted(session, package, payment)
    if missing > left:
        logger.error("More was given back of the payment by card %s of package %s than it was.", payment.id, package.id)
    if payment.needed and left > 0:
        cents, by = min(missing, left), package.teacher_id
        writes.give_back(session, package, cents, by=by, reason=_WORDS, now=now, by_card=True)
    elif left > 0:
        amount = {"payment_id": payment.id, "amount_cents": min(missing, left)}
        whose = {"package_id": package.id, "actor_id": package.teacher_id}
        session.add(PackageRefund(**whose, **amount, reason=_WORDS, at=now))
        session.flush()
        invalidate_of(package)


def _noted(session: Session, package: Package, payment: PackagePayment) -> int:
    """Return what is noted as given back.

    That is of the package's price, by card or not, or of money that it does not need.
    """
    if payment.needed:
        return writes.refunded_of(session, package.id)
    of_payment = select(PackageRefund.amount_cents).where(PackageRefund.payment_id == payment.id)
    return sum(session.scalars(of_payment))

"""What can be paid by card: a lesson or a package, which a checkout names one of."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from errors import NotFound
from events import EventType
from payments import sums, writes
from payments.checkout import references
from payments.checkout.models import Checkout, CheckoutNotice, NoticeKind
from payments.models import NewPayment, Payment, PaymentMethod, PaymentStatus, Refund
from payments.packages import cards, units
from payments.packages.models import Package

logger = logging.getLogger(__name__)


class Subject(Protocol):
    """What a checkout is about."""

    # The column that names it, and what is said if there is nothing to pay.
    column: str
    nothing: str
    id: int

    def lock(self, session: Session) -> Any:
        """Lock what its money is about, and return its row: with student, teacher and currency.

        Raises NotFound.
        """

    def to_pay(self, session: Session) -> int:
        """Return what is to be paid for it now.

        It is locked.
        """

    def settle(
        self, session: Session, paid: CheckoutNotice, notices: Sequence[CheckoutNotice], currency: str, now: datetime
    ) -> None:
        """Note a payment of the provider and what was given back of it, unless it is noted already.

        It is locked.
        """


class OfLesson:
    """A lesson: its payment is a row of the ledger, and what is more than open is the student's credit."""

    column, nothing = "booking_id", "Nothing is open for this lesson."

    def __init__(self, booking_id: int) -> None:
        self.id = booking_id

    def lock(self, session: Session) -> Any:
        return writes.locked_booking(session, self.id)

    def to_pay(self, session: Session) -> int:
        return sums.of_booking(session, self.id).open_cents

    def settle(
        self, session: Session, paid: CheckoutNotice, notices: Sequence[CheckoutNotice], currency: str, now: datetime
    ) -> None:
        payment = self._payment(session, paid, currency, now)
        self._give_back(session, payment, _given_back(paid, notices), now)

    def _payment(self, session: Session, paid: CheckoutNotice, currency: str, now: datetime) -> Payment:
        """Return the ledger's row of a payment of the provider, which is written once."""
        booking = self.lock(session)
        new = NewPayment(
            booking_id=booking.id,
            method=PaymentMethod.CARD,
            amount_cents=paid.amount_cents,
            currency=currency,
            reference=paid.reference,
        )
        found = references.find(session, new, booking.teacher_id)
        if found.verified:
            return found.verified
        steps = [PaymentStatus.VERIFIED]
        if found.reported is None:
            steps.insert(0, PaymentStatus.SUBMITTED)
        payment = found.reported or writes.add_payment(session, replace(new, reference=found.free), booking, now)
        session.add_all(writes.step(payment, status, by=booking.student_id, now=now) for status in steps)
        session.flush()
        writes.announce(session, EventType.PAYMENT_VERIFIED, payment, by=None, now=now)
        return payment

    def _give_back(self, session: Session, payment: Payment, cents: int, now: datetime) -> None:
        """Note what was given back at the provider and not here."""
        missing = cents - (session.scalar(select(sums.refunded_of(payment.id))) or 0)
        balance = sums.of_booking(session, payment.booking_id)
        left = min(missing, balance.paid_cents - balance.refunded_cents)
        if left < missing:
            # It was used for another lesson meanwhile, and is refunded there.
            logger.error("More was given back of payment %s than is left of it here.", payment.id)
        if left <= 0:
            return
        words = "Given back by card."
        refund = Refund(payment_id=payment.id, amount_cents=left, reason=words, actor_id=payment.teacher_id, at=now)
        session.add(refund)
        session.flush()
        facts = {"reason": words, "refunded_cents": left}
        writes.announce(session, EventType.PAYMENT_REFUNDED, payment, by=None, now=now, **facts)


class OfPackage:
    """A package: it is paid by a payment of just its price, and what is given back pays back its lessons."""

    column, nothing = "package_id", "This package does not wait for money."

    def __init__(self, package_id: int) -> None:
        self.id = package_id

    def lock(self, session: Session) -> Any:
        package = session.get(Package, self.id)
        if package is None:
            raise NotFound
        units.lock(session, package.student_id, package.gig_id)
        return package

    def to_pay(self, session: Session) -> int:
        return cards.to_pay(session, session.get_one(Package, self.id))

    def settle(
        self, session: Session, paid: CheckoutNotice, notices: Sequence[CheckoutNotice], currency: str, now: datetime
    ) -> None:
        package = session.get_one(Package, self.id)
        payment = cards.take(session, package, paid.reference, paid.amount_cents, now=now)
        cards.give_back(session, package, payment, _given_back(paid, notices), now=now)


def subject_of(checkout: Checkout) -> Subject:
    """Return what a checkout is about."""
    return named(booking_id=checkout.booking_id, package_id=checkout.package_id)


def named(*, booking_id: int | None, package_id: int | None) -> Subject:
    """Return the lesson or the package that one of these ids names."""
    if package_id is not None:
        return OfPackage(package_id)
    if booking_id is not None:
        return OfLesson(booking_id)
    raise ValueError("A checkout is about a lesson or a package.")


def _given_back(paid: CheckoutNotice, notices: Sequence[CheckoutNotice]) -> int:
    """Return what was given back of a payment at the provider: each notice says how much by then."""
    same = (it for it in notices if it.kind == NoticeKind.REFUNDED and it.reference == paid.reference)
    return max((it.amount_cents for it in same), default=0)

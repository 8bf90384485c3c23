"""Beginning a payment by card, and what the provider's notices make of it.

Every notice is kept, and then all of a checkout are looked at together. So it does not matter in which order they come,
how often, and whether before the answer to the call that opened the page.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from database import insert_into, writing
from errors import CheckoutOff, Invalid, Overpaid
from events import EventType
from jobs.queue import enqueue
from payments import sums, writes
from payments.checkout.amounts import to_units
from payments.checkout.gateway import is_offered
from payments.checkout.models import Checkout, CheckoutNotice, CheckoutStatus, NoticeKind
from payments.checkout.terms import Notice
from payments.models import NewPayment, Payment, PaymentMethod, PaymentStatus, Refund
from payments.states import Party, parties, require

logger = logging.getLogger(__name__)

OPEN_JOB = "payments.open-checkout"
# The provider keeps a page open for 30 minutes at least.
LASTS, SHORTEST = timedelta(minutes=45), timedelta(minutes=31)
_GOING_ON = (CheckoutStatus.PREPARING, CheckoutStatus.OPEN)


def start(booking_id: int, *, actor: Actor, now: datetime) -> int:
    """Begin to pay by card what is open for a lesson, as its student, and return the id of that.

    One that was begun and can still be paid is gone on with. Raises CheckoutOff, NotFound, Forbidden, Overpaid or
    Invalid.
    """
    if not is_offered():
        raise CheckoutOff
    with writing() as session:
        booking = writes.locked_booking(session, booking_id)
        require(parties(booking.student_id, booking.teacher_id, actor), Party.STUDENT)
        open_cents = sums.of_booking(session, booking_id).open_cents
        if not open_cents:
            raise Overpaid(0, "Nothing is open for this lesson.")
        if to_units(open_cents, booking.currency) is None:
            raise Invalid({"booking_id": ["This amount cannot be paid by card."]})
        same = (Checkout.booking_id == booking_id, Checkout.amount_cents == open_cents, Checkout.expires_at > now)
        going_on = select(Checkout.id).where(*same, Checkout.status.in_(_GOING_ON)).order_by(Checkout.id.desc())
        if found := session.scalar(going_on.limit(1)):
            return found
        checkout = Checkout(
            token=secrets.token_hex(16),
            booking_id=booking_id,
            amount_cents=open_cents,
            currency=booking.currency,
            status=CheckoutStatus.PREPARING,
            created_at=now,
            expires_at=now + LASTS,
        )
        session.add(checkout)
        session.flush()
        enqueue(session, OPEN_JOB, {"checkout_id": checkout.id}, key=f"checkout:{checkout.id}")
        return checkout.id


def receive(notice: Notice, *, now: datetime) -> None:
    """Keep what the provider says about one of our checkouts, and do what follows.

    A notice about none of ours, or one that came before, changes nothing.
    """
    with writing() as session, writes.second_ones_refused():
        by_token = select(Checkout).where(Checkout.token == notice.token)
        found = session.scalars(by_token).one_or_none()
        if found is None:
            return
        if notice.currency != found.currency:
            logger.error("A notice about the payment by card %s is in another currency.", found.id)
            return
        writes.locked_booking(session, found.booking_id)
        row = insert_into(CheckoutNotice.__table__, session.get_bind().dialect.name).values(
            id=notice.id,
            checkout_id=found.id,
            kind=notice.kind,
            reference=notice.reference,
            amount_cents=notice.amount_cents,
            at=now,
        )
        if session.execute(row.on_conflict_do_nothing().returning(CheckoutNotice.id)).first() is None:
            return
        # It may have changed before the booking was locked.
        session.refresh(found)
        settle(session, found, now=now)


def settle(session: Session, checkout: Checkout, *, now: datetime) -> None:
    """Bring a checkout and the ledger to what all notices together say.

    Its booking is locked.
    """
    of_checkout = select(CheckoutNotice).where(CheckoutNotice.checkout_id == checkout.id)
    notices = [*session.scalars(of_checkout.order_by(CheckoutNotice.at))]
    paid = {notice.reference: notice for notice in notices if notice.kind == NoticeKind.PAID}
    for notice in paid.values():
        payment = _payment_of(session, checkout, notice, now)
        _give_back(session, payment, notices, now)
    checkout.status = _status(checkout, {notice.kind for notice in notices})


def _status(checkout: Checkout, kinds: set[NoticeKind]) -> CheckoutStatus:
    """Return where a checkout stands: what was paid counts most, whatever came later."""
    ended = ((NoticeKind.PAID, CheckoutStatus.PAID), (NoticeKind.EXPIRED, CheckoutStatus.EXPIRED))
    for kind, status in (*ended, (NoticeKind.FAILED, CheckoutStatus.FAILED)):
        if kind in kinds:
            return status
    return CheckoutStatus.OPEN if checkout.url else checkout.status


def _payment_of(session: Session, checkout: Checkout, notice: CheckoutNotice, now: datetime) -> Payment:
    """Return the ledger's row of a payment of the provider, which is written once.

    What was paid beyond what is open is the student's credit.
    """
    booking = writes.locked_booking(session, checkout.booking_id)
    whose = (Payment.teacher_id == booking.teacher_id, Payment.reference == notice.reference)
    known = session.scalar(select(Payment).where(*whose))
    if known is not None:
        return known
    new = NewPayment(
        booking_id=booking.id,
        method=PaymentMethod.CARD,
        amount_cents=notice.amount_cents,
        currency=checkout.currency,
        reference=notice.reference,
    )
    payment = writes.add_payment(session, new, booking, now)
    steps = (PaymentStatus.SUBMITTED, PaymentStatus.VERIFIED)
    session.add_all(writes.step(payment, status, by=booking.student_id, now=now) for status in steps)
    session.flush()
    writes.announce(session, EventType.PAYMENT_VERIFIED, payment, by=booking.student_id, now=now)
    return payment


def _give_back(session: Session, payment: Payment, notices: Sequence[CheckoutNotice], now: datetime) -> None:
    """Note what was given back at the provider and not here."""
    same = [it.amount_cents for it in notices if it.kind == NoticeKind.REFUNDED and it.reference == payment.reference]
    noted = session.scalar(select(sums.refunded_of(payment.id))) or 0
    missing = max(same, default=0) - noted
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
    writes.announce(session, EventType.PAYMENT_REFUNDED, payment, by=payment.teacher_id, now=now, **facts)

"""Beginning a payment by card, and what the provider's notices make of it.

Every notice is kept, and then all of a checkout are looked at together. So it does not matter in which order they come,
how often, and whether before the answer to the call that opened the page.
"""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from database import insert_into, writing
from errors import CheckoutOff, Invalid, Overpaid
from jobs.queue import enqueue
from payments import writes
from payments.checkout.amounts import to_units
from payments.checkout.gateway import is_offered
from payments.checkout.models import Checkout, CheckoutNotice, CheckoutStatus, NoticeKind
from payments.checkout.subjects import Subject, subject_of
from payments.checkout.terms import Notice
from payments.states import Party, parties, require

logger = logging.getLogger(__name__)

OPEN_JOB = "payments.open-checkout"
# The provider keeps a page open for 30 minutes at least.
LASTS, SHORTEST = timedelta(minutes=45), timedelta(minutes=31)
_GOING_ON = (CheckoutStatus.PREPARING, CheckoutStatus.OPEN)


def start(subject: Subject, *, actor: Actor, now: datetime) -> int:
    """Begin to pay a lesson or package by card, as its student, and return the checkout's id.

    One that was begun and can still be paid is gone on with. Raises CheckoutOff, NotFound, Forbidden, Overpaid or
    Invalid.
    """
    if not is_offered():
        raise CheckoutOff
    with writing() as session:
        row = subject.lock(session)
        require(parties(row.student_id, row.teacher_id, actor), Party.STUDENT)
        cents = subject.to_pay(session)
        if not cents:
            raise Overpaid(0, subject.nothing)
        if to_units(cents, row.currency) is None:
            raise Invalid({subject.column: ["This amount cannot be paid by card."]})
        named = getattr(Checkout, subject.column) == subject.id
        same = (named, Checkout.amount_cents == cents, Checkout.expires_at > now)
        going_on = select(Checkout.id).where(*same, Checkout.status.in_(_GOING_ON)).order_by(Checkout.id.desc())
        if found := session.scalar(going_on.limit(1)):
            return found
        checkout = Checkout(
            token=secrets.token_hex(16),
            amount_cents=cents,
            currency=row.currency,
            status=CheckoutStatus.PREPARING,
            created_at=now,
            expires_at=now + LASTS,
            **{subject.column: subject.id},
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
        subject_of(found).lock(session)
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
        # It may have changed before its lesson or package was locked.
        session.refresh(found)
        settle(session, found, now=now)


def settle(session: Session, checkout: Checkout, *, now: datetime) -> None:
    """Bring a checkout and the ledger to what all notices together say.

    Its lesson or package is locked.
    """
    of_checkout = select(CheckoutNotice).where(CheckoutNotice.checkout_id == checkout.id)
    notices = [*session.scalars(of_checkout.order_by(CheckoutNotice.at))]
    paid = {notice.reference: notice for notice in notices if notice.kind == NoticeKind.PAID}
    for notice in paid.values():
        subject_of(checkout).settle(session, notice, notices, checkout.currency, now)
    checkout.status = _status(checkout, {notice.kind for notice in notices})


def _status(checkout: Checkout, kinds: set[NoticeKind]) -> CheckoutStatus:
    """Return where a checkout stands: what was paid counts most, whatever came later."""
    ended = ((NoticeKind.PAID, CheckoutStatus.PAID), (NoticeKind.EXPIRED, CheckoutStatus.EXPIRED))
    for kind, status in (*ended, (NoticeKind.FAILED, CheckoutStatus.FAILED)):
        if kind in kinds:
            return status
    return CheckoutStatus.OPEN if checkout.url else checkout.status

"""Changes of the ledger: reporting money, deciding about it, giving it back, waiving a fee.

The booking is locked first: so two requests about its money come one after the other, and what is due stays as it was
read. The database itself refuses what would still be wrong.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from bookings.statuses import LEAVES_FEE
from database import writing
from errors import CreditTooSmall, Invalid, Overpaid, OverRefunded, WrongState
from events import EventType
from payments import sums, writes
from payments.models import (
    CreditNote,
    CreditUse,
    Decision,
    GivenBack,
    NewPayment,
    Payment,
    PaymentEvent,
    PaymentMethod,
    PaymentStatus,
    Refund,
)
from payments.states import KEEPERS, Party, parties, require, step_to


def report(new: NewPayment, *, actor: Actor, now: datetime) -> int:
    """Report a payment for a booking, and return its id.

    What its teacher reports is verified at once, and so is credit. Raises NotFound, Forbidden, Invalid, ReferenceUsed,
    Overpaid or CreditTooSmall.
    """
    by_credit = new.method == PaymentMethod.CREDIT
    with writing() as session, writes.second_ones_refused():
        booking = writes.locked_booking(session, new.booking_id, with_others=by_credit)
        who = parties(booking.student_id, booking.teacher_id, actor)
        require(who, Party.STUDENT, Party.PAYEE)
        if new.currency != booking.currency:
            raise Invalid({"currency": [f"This lesson is paid in {booking.currency}."]})
        writes.require_new_reference(session, booking.teacher_id, new.reference)
        open_cents = sums.of_booking(session, booking.id).open_cents
        if new.amount_cents > open_cents and (by_credit or not new.advance):
            raise Overpaid(open_cents)
        payment = writes.add_payment(session, new, booking, now)
        steps = [PaymentStatus.SUBMITTED]
        if by_credit:
            _take_credit(session, payment, booking)
        if by_credit or Party.PAYEE in who:
            steps.append(PaymentStatus.VERIFIED)
        session.add_all(writes.step(payment, status, by=actor.id, now=now) for status in steps)
        session.flush()
        type_ = EventType.PAYMENT_VERIFIED if len(steps) == 2 else EventType.PAYMENT_SUBMITTED
        writes.announce(session, type_, payment, by=actor.id, now=now)
        return payment.id


def decide(payment_id: int, decision: Decision, *, actor: Actor, now: datetime) -> None:
    """Verify or reject a payment as its payee or an administrator.

    Raises NotFound, Forbidden or WrongState.
    """
    with writing() as session, writes.second_ones_refused():
        payment, who = _locked(session, payment_id, actor)
        step = step_to(_status(session, payment_id), decision.status, who)
        session.add(writes.step(payment, decision.status, by=actor.id, now=now, reason=decision.reason))
        session.flush()
        writes.announce(session, step.event, payment, by=actor.id, now=now, reason=decision.reason)


def refund(payment_id: int, given: GivenBack, *, actor: Actor, now: datetime) -> int:
    """Note that a part of a verified payment was given back, and return the refund's id.

    Raises NotFound, Forbidden, WrongState or OverRefunded.
    """
    with writing() as session:
        payment, who = _locked(session, payment_id, actor)
        require(who, *KEEPERS)
        status = _status(session, payment_id)
        if status != PaymentStatus.VERIFIED:
            raise WrongState(f"This payment is {status}, so there is nothing to give back.", current=status)
        left = _left_of(session, payment)
        if given.amount_cents > left:
            raise OverRefunded(left)
        refund = Refund(
            payment_id=payment_id, amount_cents=given.amount_cents, reason=given.reason, actor_id=actor.id, at=now
        )
        session.add(refund)
        session.flush()
        facts = {"reason": given.reason, "refunded_cents": given.amount_cents}
        writes.announce(session, EventType.PAYMENT_REFUNDED, payment, by=actor.id, now=now, **facts)
        return refund.id


def waive(booking_id: int, given: GivenBack, *, actor: Actor, now: datetime) -> None:
    """Let a student off a fee, or a part of it.

    Raises NotFound, Forbidden, WrongState or Overpaid.
    """
    with writing() as session:
        booking = writes.locked_booking(session, booking_id)
        require(parties(booking.student_id, booking.teacher_id, actor), *KEEPERS)
        if booking.status not in LEAVES_FEE:
            raise WrongState("There is no fee for this lesson.", current=booking.status)
        due_cents = sums.of_booking(session, booking_id).due_cents
        if given.amount_cents > due_cents:
            raise Overpaid(due_cents, "This is more than the fee. Nothing was changed.")
        note = CreditNote(
            booking_id=booking_id, amount_cents=given.amount_cents, reason=given.reason, actor_id=actor.id, at=now
        )
        session.add(note)
        writes.invalidate_of(booking)


def _take_credit(session: Session, payment: Payment, booking: Row[Any]) -> None:
    """Take a payment from what was paid too much for other bookings of these two, the oldest first."""
    found = [it for it in sums.of_bookings(session, sums.of_pair(booking)) if it.spare_cents]
    missing = payment.amount_cents
    for spare in found:
        taken = min(missing, spare.spare_cents)
        if taken:
            session.add(CreditUse(payment_id=payment.id, booking_id=spare.booking_id, amount_cents=taken))
        missing -= taken
    if missing:
        raise CreditTooSmall(payment.amount_cents - missing)


def _locked(session: Session, payment_id: int, actor: Actor) -> tuple[Payment, frozenset[Party]]:
    """Lock the booking of a payment, and say what a user is to it."""
    payment = writes.find(session, payment_id)
    who = parties(payment.student_id, payment.teacher_id, actor)
    require(who, *Party)
    writes.locked_booking(session, payment.booking_id)
    return payment, who


def _status(session: Session, payment_id: int) -> PaymentStatus:
    """Return the status of a payment, which is that of its newest event."""
    newest = select(PaymentEvent.status).where(PaymentEvent.payment_id == payment_id).order_by(PaymentEvent.id.desc())
    return session.scalars(newest.limit(1)).one()


def _left_of(session: Session, payment: Payment) -> int:
    """Return what can be given back of a payment.

    It is what is left of it, and has not been used for another lesson.
    """
    refunded = session.scalar(select(sums.refunded_of(payment.id))) or 0
    booking = sums.of_booking(session, payment.booking_id)
    return min(payment.amount_cents - refunded, booking.paid_cents - booking.refunded_cents)

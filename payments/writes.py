"""The one writer of the ledger: which rows are locked, what becomes old, what others hear of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import events
import tags
from accounts.dependents import taken_over
from bookings.models import Booking
from caching import fill_afterwards, invalidate
from database import change_in_bulk
from errors import NotFound, ReferenceUsed, WrongState
from events import EventType
from payments import queries, sums
from payments.models import NewPayment, Payment, PaymentEvent

_BOOKING: tuple[Any, ...] = (Booking.id, Booking.student_id, Booking.teacher_id, Booking.currency, Booking.status)

# What the databases say, each in its own words, when a transfer is reported or a payment decided twice.
_REFERENCE_WORDS = ("uq_payments_reference", "payments.reference")
_DECISION_WORDS = ("uq_payment_events", "payment_events.")


def locked_booking(session: Session, booking_id: int, *, with_others: bool = False) -> Row[Any]:
    """Lock the booking that money is about, so that its sums stay as they are read.

    Whatever changes what is due changes its row. `with_others`, it locks all that the two people have together, whose
    credit is one. Raises NotFound.
    """
    one = select(*_BOOKING).where(Booking.id == booking_id)
    if with_others:
        found = session.execute(one).one_or_none()
        if found is None:
            raise NotFound
        # In the order of their ids, as everywhere.
        session.execute(select(Booking.id).where(sums.of_pair(found)).order_by(Booking.id).with_for_update())
    booking = session.execute(one.with_for_update()).one_or_none()
    if booking is None:
        raise NotFound
    return booking


def find(session: Session, payment_id: int) -> Payment:
    """Read a payment.

    Raises NotFound.
    """
    payment = session.get(Payment, payment_id)
    if payment is None:
        raise NotFound
    return payment


def add_payment(session: Session, new: NewPayment, booking: Row[Any], now: datetime) -> Payment:
    """Write the row of a payment."""
    payment = Payment(
        booking_id=booking.id,
        student_id=booking.student_id,
        teacher_id=booking.teacher_id,
        method=new.method,
        reference=new.reference,
        amount_cents=new.amount_cents,
        currency=new.currency,
        created_at=now,
    )
    session.add(payment)
    session.flush()
    return payment


def require_new_reference(session: Session, teacher_id: int, reference: str) -> None:
    """Raise ReferenceUsed if the teacher was told of it before."""
    same = (Payment.teacher_id == teacher_id, Payment.reference == reference)
    if reference and session.scalar(select(exists().where(*same))):
        raise ReferenceUsed


def announce(
    session: Session, type_: EventType, payment: Payment, *, by: int | None, now: datetime, **facts: object
) -> None:
    """Say what has happened to a payment, and have its new detail in the cache before anyone asks.

    It is by nobody if the provider of payments by card says it: then both people are told.
    """
    about = {name: getattr(payment, name) for name in ("booking_id", "student_id", "teacher_id", "currency", "method")}
    about |= {"payment_id": payment.id, "amount_cents": payment.amount_cents}
    events.record(session, type_, at=now, actor_id=by, **about | facts)
    write_through(payment)


def write_through(payment: Payment) -> None:
    """Make what shows a payment old, and have its new detail in the cache before anyone asks."""
    invalidate_of(payment)
    details = [queries.payment.at(user_id, payment.id) for user_id in (payment.student_id, payment.teacher_id)]
    fill_afterwards(*details, queries.any_payment.at(payment.id))


def invalidate_of(row: Any) -> None:
    """Make both people's lessons and payments old, and the administrators'."""
    invalidate(tags.user_bookings(row.student_id), tags.user_bookings(row.teacher_id), tags.all_bookings())


@contextmanager
def second_ones_refused() -> Iterator[None]:
    """Turn what the database's own rules refuse, although the checks let it through, into our errors."""
    try:
        yield
    except IntegrityError as error:
        said = str(error.orig)
        if any(words in said for words in _REFERENCE_WORDS):
            raise ReferenceUsed from error
        if any(words in said for words in _DECISION_WORDS):
            raise WrongState("This payment has been decided already.", current="decided") from error
        raise


def hand_over(session: Session, stand_in_id: int, account_id: int) -> None:
    """Let payments follow the bookings of a stand-in to the account that takes them over."""
    theirs = Payment.student_id == stand_in_id
    rows = session.execute(select(Payment.id, Payment.teacher_id).where(theirs)).all()
    if rows:
        change_in_bulk(session, update(Payment).where(theirs).values(student_id=account_id))
        people = {stand_in_id, account_id, *(row.teacher_id for row in rows)}
        invalidate(*map(tags.user_bookings, people), tags.all_bookings())


def step(payment: Payment, status: Any, *, by: int, now: datetime, reason: str = "") -> PaymentEvent:
    """Build the row of one step of a payment."""
    return PaymentEvent(payment_id=payment.id, status=status, actor_id=by, at=now, reason=reason)


taken_over.append(hand_over)

"""Keeping proofs: who may hand one in, and until when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from accounts.models import User
from database import change_in_bulk, reading, writing
from errors import NotFound, TooManyProofs, WrongState
from payments import writes
from payments.models import Payment
from payments.proofs import files
from payments.proofs.models import PaymentProof, ProofType
from payments.states import Party, parties, require
from payments.sums import DECIDED, Decided

# A file has up to 5 MB, and reports of payments cost nothing.
MOST_WAITING = 20


def keep(payment_id: int, content: bytes, announced: ProofType, *, actor: Actor, now: datetime) -> None:
    """Keep a file as the proof of a payment, in the place of the one before.

    Its student may do that until the payment is decided: what a decision was made upon stays. Raises NotFound,
    Forbidden, WrongState, TooManyProofs, Invalid or Busy.
    """
    # To open a picture takes a while, in which nothing should be locked. So this is asked twice.
    with reading() as connection:
        _require_open(connection, payment_id, actor)
    file = files.harmless(content, announced)
    with writing() as session:
        payment = writes.find(session, payment_id)
        # Their files are counted: of two that come at once, for two payments, the second one counts the first.
        session.execute(select(User.id).where(User.id == payment.student_id).with_for_update(key_share=True))
        writes.locked_booking(session, payment.booking_id)
        _require_open(session, payment_id, actor)
        change_in_bulk(session, delete(PaymentProof).where(PaymentProof.payment_id == payment_id))
        proof = PaymentProof(payment_id=payment_id, media_type=file.media_type, stored_at=now, content=file.content)
        session.add(proof)
        session.flush()
        writes.write_through(payment)


def _require_open(connection: Connection | Session, payment_id: int, actor: Actor) -> None:
    """Raise an error unless this user may hand in a proof of the payment now."""
    people = (Payment.student_id, Payment.teacher_id, Decided.status)
    one = select(*people).select_from(Payment).outerjoin(Decided, DECIDED).where(Payment.id == payment_id)
    found = connection.execute(one).one_or_none()
    if found is None:
        raise NotFound
    require(parties(found.student_id, found.teacher_id, actor), Party.STUDENT)
    if found.status is not None:
        raise WrongState(f"This payment is {found.status} already.", current=found.status)
    waiting = select(func.count()).select_from(PaymentProof)
    waiting = waiting.join(Payment, Payment.id == PaymentProof.payment_id).outerjoin(Decided, DECIDED)
    waiting = waiting.where(Payment.student_id == found.student_id, Payment.id != payment_id, Decided.id.is_(None))
    if (connection.scalar(waiting) or 0) >= MOST_WAITING:
        raise TooManyProofs

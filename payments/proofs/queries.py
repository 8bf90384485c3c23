"""Reads of proofs.

Files are not cached: they are large, and each is looked at once or twice.
"""

from __future__ import annotations

from sqlalchemy import select

from accounts.actors import Actor
from database import reading
from errors import NotFound
from payments.models import Payment
from payments.proofs.models import PaymentProof, ProofFile
from payments.states import Party, parties, require


def proof(payment_id: int, actor: Actor) -> ProofFile:
    """Read the proof of a payment for one of its people or an administrator.

    Raises NotFound, for others just as if there was none.
    """
    people = select(Payment.student_id, Payment.teacher_id).where(Payment.id == payment_id)
    content = select(PaymentProof.media_type, PaymentProof.content).where(PaymentProof.payment_id == payment_id)
    with reading() as connection:
        payment = connection.execute(people).one_or_none()
        if payment is None:
            raise NotFound
        require(parties(payment.student_id, payment.teacher_id, actor), *Party)
        found = connection.execute(content).one_or_none()
    if found is None:
        raise NotFound
    return ProofFile(found.media_type, found.content)

"""Writes how a teacher wants to be paid."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import tags
from caching import invalidate
from database import insert_into, writing
from payments.instructions.models import Instructions, PaymentInstructions


def say_how_to_pay(teacher_id: int, new: Instructions, *, now: datetime) -> None:
    """Replace what a teacher says about how to pay."""
    values = asdict(new) | {"updated_at": now}
    with writing() as session:
        add = insert_into(PaymentInstructions, session.get_bind().dialect.name).values(teacher_id=teacher_id, **values)
        session.execute(add.on_conflict_do_update(index_elements=["teacher_id"], set_=values))
        invalidate(tags.payment_instructions(teacher_id))

"""Reads of how teachers want to be paid."""

from __future__ import annotations

from sqlalchemy import Connection, exists, select

import tags
from accounts.actors import Actor
from accounts.rights import runs_school
from bookings.history import share_booking
from caching import cache, invalidation_check
from database import reading
from errors import NotFound
from jsontext import JsonObject
from payments.instructions.models import PaymentInstructions
from payments.packages.models import Package

NOTHING = {"text": "", "account_holder": "", "iban": "", "bic": ""}

invalidation_check.watch(PaymentInstructions, {tags.payment_instructions: ("teacher_id",)})


# Invalidated by: the teacher, who changes them.
@cache.stamped("payment-instructions", ttl=3600, tag=tags.payment_instructions, by="teacher_id", kind="entity")
def instructions(connection: Connection, teacher_id: int) -> JsonObject:
    """Show how a teacher wants to be paid.

    It is for the teacher, for administrators and for students who have a booking or a package with the teacher; who
    asks for it has looked at that.
    """
    columns = [getattr(PaymentInstructions, name) for name in NOTHING]
    row = connection.execute(select(*columns).where(PaymentInstructions.teacher_id == teacher_id)).one_or_none()
    return dict(NOTHING if row is None else row._mapping)


def require_reader(teacher_id: int, reader: Actor) -> None:
    """Raise NotFound unless this user may know how the teacher wants to be paid."""
    if reader.id == teacher_id or runs_school(reader.role) or share_booking(teacher_id, reader.id):
        return
    if not _has_package(teacher_id, reader.id):
        raise NotFound


def _has_package(teacher_id: int, student_id: int) -> bool:
    """Tell whether this student has asked this teacher for a package, which has to be paid."""
    found = exists().where(Package.student_id == student_id, Package.teacher_id == teacher_id)
    with reading() as connection:
        return bool(connection.scalar(select(found)))

"""What statements say of packages: each is charged and paid at one moment, so it changes no balance.

What came by card and no package needs is listed, and changes none either: it is given back, and pays for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from accounts.models import Role, User
from database import alias_of
from gigs.models import Gig
from jsontext import JsonObject
from payments.packages.models import Package
from payments.packages.money import moves

_Student, _Teacher = alias_of(User), alias_of(User)


def events(
    connection: Connection, user_id: int, role: str, person_id: int | None, start: datetime, end: datetime
) -> Sequence[Any]:
    """Select what was paid for packages, and given back of them, at or after `start` and before `end`."""
    sides = (Package.teacher_id, Package.student_id)
    mine, other = sides if role == Role.TEACHER else sides[::-1]
    whose: list[ColumnElement[bool]] = [mine == user_id]
    if person_id is not None:
        whose.append(other == person_id)
    move = moves(start, end, *whose)
    columns = (Package.id, Package.currency, Package.lessons, Package.student_id, Package.teacher_id)
    names = (Gig.title, _Student.name.label("student_name"), _Teacher.name.label("teacher_name"))
    moved = (move.c.kind, move.c.at, move.c.reason, move.c.cents, move.c.id.label("move_id"))
    found = select(*columns, *moved, *names)
    found = found.join(move, move.c.package_id == Package.id).join(Gig, Gig.id == Package.gig_id)
    found = found.join(_Student, _Student.id == Package.student_id).join(_Teacher, _Teacher.id == Package.teacher_id)
    return connection.execute(found).all()


def show(row: Row[Any]) -> JsonObject:
    """Describe the package of a row, and its people."""
    return {
        "booking": None,
        "package": {"id": row.id, "lessons": row.lessons, "title": row.title},
        "student": {"id": row.student_id, "name": row.student_name},
        "teacher": {"id": row.teacher_id, "name": row.teacher_name},
    }

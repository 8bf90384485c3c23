"""What the lists of this feature have in common: who stands in a row, and which rows a page has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from accounts.models import Role, User
from database import alias_of
from gigs.models import Gig
from jsontext import JsonObject
from web.pagination import Position, page

_Student, _Teacher = alias_of(User), alias_of(User)


def with_people(model: Any, *columns: Any) -> Select[Any]:
    """Select these columns of a table, with the names of its two people and its gig's title."""
    names = (Gig.title.label("gig_title"), _Student.name.label("student"), _Teacher.name.label("teacher"))
    ids = (model.gig_id, model.student_id, model.teacher_id)
    statement = select(*columns, *ids, *names).select_from(model).join(Gig, Gig.id == model.gig_id)
    statement = statement.join(_Student, _Student.id == model.student_id)
    return statement.join(_Teacher, _Teacher.id == model.teacher_id)


def show_people(row: Row[Any]) -> JsonObject:
    """Describe the gig and the two people of such a row."""
    return {
        "gig": {"id": row.gig_id, "title": row.gig_title},
        "student": {"id": row.student_id, "name": row.student},
        "teacher": {"id": row.teacher_id, "name": row.teacher},
    }


def own_side(model: Any, role: str) -> InstrumentedAttribute[int]:
    """Name the column that makes a row one's own."""
    side: InstrumentedAttribute[int] = model.teacher_id if role == Role.TEACHER else model.student_id
    return side


def newest_page(
    connection: Connection,
    model: Any,
    found: Select[Any],
    *,
    limit: int,
    after: Position | None,
    show: Callable[..., Any],
) -> JsonObject:
    """Read a page of these rows, the newest first."""
    if after:
        found = found.where(model.id < after[1])
    rows = connection.execute(found.order_by(model.id.desc()).limit(limit + 1)).all()
    return page(rows, limit=limit, order="newest", position=lambda row: (0, row.id), show=show)


def theirs(model: Any, user_id: int) -> ColumnElement[bool]:
    """Match the rows in which a person's name stands."""
    return or_(model.student_id == user_id, model.teacher_id == user_id)


def people_of(session: Session, model: Any, condition: ColumnElement[bool]) -> set[int]:
    """Return who the people of these rows are."""
    pairs: Iterable[Any] = session.execute(select(model.student_id, model.teacher_id).distinct().where(condition))
    return {person for pair in pairs for person in pair}

"""What the lists of this feature have in common: who stands in a row, and which rows a page has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, Select, exists, literal, or_, select, true, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from accounts.models import Role, User
from accounts.rights import runs_school
from database import Instant, alias_of
from gigs.models import Gig
from gigs.narrowing import Words, narrowed_by
from jsontext import JsonObject
from web.pagination import Position, from_microseconds, microseconds, page

_Student, _Teacher = alias_of(User), alias_of(User)

Show = Callable[..., JsonObject]


class PageAsked(Protocol):
    """Which page of a list."""

    @property
    def limit(self) -> int: ...
    @property
    def after(self) -> Position | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesQuery(Words):
    """What a list of applications or assignments can be narrowed to.

    Beside the words, any of `statuses` (sorted, none means all), one gig, and start ≤ created_at < end.
    """

    statuses: tuple[str, ...] = ()
    gig_id: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    limit: int = 20
    after: Position | None = None


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


def theirs(model: Any, user_id: int) -> ColumnElement[bool]:
    """Match the rows in which a person's name stands."""
    return or_(model.student_id == user_id, model.teacher_id == user_id)


def visible_to(user_id: int, role: str, model: Any) -> ColumnElement[bool]:
    """Match the rows that are a user's to see: their own, and for administrators all."""
    return true() if runs_school(role) else theirs(model, user_id)


def there_is(connection: Connection, *conditions: ColumnElement[bool]) -> bool:
    """Tell whether a row matches."""
    return bool(connection.scalar(select(exists().where(*conditions))))


def places_page(connection: Connection, model: Any, found: Select[Any], query: PlacesQuery, show: Show) -> JsonObject:
    """Read a page of those of these rows that a query asks for, the newest first."""
    if query.statuses:
        found = found.where(model.status.in_(query.statuses))
    if query.gig_id is not None:
        found = found.where(model.gig_id == query.gig_id)
    if query.start:
        found = found.where(model.created_at >= query.start)
    if query.end:
        found = found.where(model.created_at < query.end)
    found = found.where(*narrowed_by(connection, query, model, model.gig_id))
    return newest_page(connection, model, found, query, show)


def newest_page(connection: Connection, model: Any, found: Select[Any], asked: PageAsked, show: Show) -> JsonObject:
    """Read a page of these rows, the newest first."""
    if asked.after:
        found = found.where(model.id < asked.after[1])
    rows = connection.execute(found.order_by(model.id.desc()).limit(asked.limit + 1)).all()
    return page(rows, limit=asked.limit, order="newest", position=lambda row: (0, row.id), show=show)


@dataclass(frozen=True, slots=True)
class ByTime:
    """An order of rows by a time of theirs, and by id where it is the same."""

    name: str
    at: InstrumentedAttribute[Any]
    backwards: bool


def page_by_time(connection: Connection, found: Select[Any], order: ByTime, asked: PageAsked, show: Show) -> JsonObject:
    """Read a page of these rows, in the order of a time."""
    columns = (order.at, order.at.class_.id)
    if asked.after:
        time, last_id = asked.after
        edge = tuple_(literal(from_microseconds(time), Instant), literal(last_id, BigInteger))
        found = found.where(tuple_(*columns) < edge if order.backwards else tuple_(*columns) > edge)
    in_order = [column.desc() if order.backwards else column.asc() for column in columns]
    return page(
        connection.execute(found.order_by(*in_order).limit(asked.limit + 1)).all(),
        limit=asked.limit,
        order=order.name,
        position=lambda row: (microseconds(getattr(row, order.at.key)), row.id),
        show=show,
    )

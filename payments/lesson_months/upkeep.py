"""Add months up: those in which something has changed, or all of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, tuple_
from sqlalchemy.orm import Session

from bookings.models import Booking
from database import change_in_bulk, writing
from payments import sums
from payments.lesson_months.models import LessonMonth, StaleMonth
from payments.lesson_months.totals import KEY, LESSONS

# So many months are added up in one transaction, which keeps all other writers of SQLite waiting.
BATCH = 100
# SQLite takes no more than 32,766 values in a statement, which names each lesson five times.
LESSONS_AT_ONCE = 1_000
# After an upgrade, and when so much has changed at once, nobody waits for the next turn.
MANY = 200
_KEY = [getattr(StaleMonth, name) for name in KEY]


def add_up_stale_months(_now: datetime | None = None) -> int:
    """Add up the months of two people in which something has changed, and return how many there were."""
    done = 0
    while True:
        with writing() as session:
            # One snapshot for all: a change that commits meanwhile leaves a row of its own, which is not seen here.
            if session.get_bind().dialect.name == "postgresql":
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            months = session.execute(select(*_KEY).distinct().limit(BATCH)).all()
            if not months:
                return done
            _add_up(session, months)
        done += len(months)


def many_months_are_stale(connection: Connection) -> bool:
    """Tell whether what people owe in all would have to be counted from many lessons."""
    return connection.scalar(select(StaleMonth.id).limit(1).offset(MANY)) is not None


def add_up_everything() -> int:
    """Add all months up anew, and return how many there are."""
    with writing() as session:
        change_in_bulk(session, delete(LessonMonth))
        if months := [*_months_with_lessons(session)]:
            session.execute(insert(StaleMonth), months)
    return add_up_stale_months()


def _add_up(session: Session, months: Sequence[Row[Any]]) -> None:
    keys = [tuple(getattr(month, name) for name in KEY) for month in months]
    lessons = session.execute(select(Booking.id, *_KEY).join(Booking, LESSONS).where(_is_one_of(StaleMonth, keys)))
    # PostgreSQL notes a month more than once.
    month_of = {row.id: tuple(getattr(row, name) for name in KEY) for row in lessons}
    for table in (StaleMonth, LessonMonth):
        change_in_bulk(session, delete(table).where(_is_one_of(table, keys)))
    found: defaultdict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    ids = sorted(month_of)
    for at in range(0, len(ids), LESSONS_AT_ONCE):
        for balance in sums.of_bookings(session, Booking.id.in_(ids[at : at + LESSONS_AT_ONCE])):
            cents = {name: getattr(balance, name) for name in sums.TOTALS}
            found[*month_of[balance.booking_id], balance.currency].update(cents)
    if found:
        rows = [dict(zip((*KEY, "currency"), key, strict=True)) | cents for key, cents in found.items()]
        session.execute(insert(LessonMonth), rows)


def _is_one_of(table: Any, keys: Sequence[tuple[Any, ...]]) -> ColumnElement[bool]:
    return tuple_(*(getattr(table, name) for name in KEY)).in_(keys)


def _months_with_lessons(session: Session) -> Iterable[dict[str, Any]]:
    """Name all months of each two people, from that of their first lesson to that of their last one."""
    columns: Any = (func.min(Booking.starts_at).label("first"), func.max(Booking.starts_at).label("last"))
    pair = (Booking.teacher_id, Booking.student_id)
    for row in session.execute(select(*pair, *columns).group_by(*pair)):
        first, last = (it.astimezone(UTC) for it in (row.first, row.last))
        for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
            people = {"teacher_id": row.teacher_id, "student_id": row.student_id}
            yield people | {"begins": _beginning(number), "ends": _beginning(number + 1)}


def _beginning(number: int) -> datetime:
    """Return the first instant of a month, by its number since the year 0."""
    year, month = divmod(number, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)

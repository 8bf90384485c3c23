"""Add months up: those in which something has changed, or all of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select
from sqlalchemy.orm import Session

from bookings.models import Booking
from database import change_in_bulk, reading, writing
from payments import sums
from payments.lesson_months.models import LessonMonth, StaleMonth
from payments.lesson_months.totals import LESSONS

# So many months of two people are added up in one transaction, which keeps all other writers of SQLite waiting.
BATCH = 100
# SQLite takes no more than 32,766 values in a statement, which names each lesson five times.
LESSONS_AT_ONCE = 1_000
# So many months are noted as stale in one transaction.
NOTED_AT_ONCE = 2_000
# After an upgrade, and when so much has changed at once, nobody waits for the next turn.
MANY = 200
_PAIR = (StaleMonth.teacher_id, StaleMonth.student_id)


def add_up_stale_months(_now: datetime | None = None) -> int:
    """Add up the months of two people in which something has changed, and return how many there were."""
    done = 0
    while True:
        with writing() as session:
            # One snapshot for all: a change that commits meanwhile leaves a row of its own, which is not seen here.
            if session.get_bind().dialect.name == "postgresql":
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            pair = session.execute(select(*_PAIR).order_by(*_PAIR).limit(1)).one_or_none()
            if pair is None:
                return done
            done += _add_up(session, *pair)


def many_months_are_stale(connection: Connection) -> bool:
    """Tell whether what people owe in all would have to be counted from many lessons."""
    return connection.scalar(select(StaleMonth.id).limit(1).offset(MANY)) is not None


def add_up_everything() -> int:
    """Add all months up anew, and return how many there are.

    They are stale first, a few at a time, so that sums are right all the while and nobody waits for long.
    """
    with reading() as connection:
        months = sorted({*_months_with_lessons(connection), *_months_added_up(connection)})
    for at in range(0, len(months), NOTED_AT_ONCE):
        with writing() as session:
            session.execute(insert(StaleMonth), [_noted(*month) for month in months[at : at + NOTED_AT_ONCE]])
    return add_up_stale_months()


def _add_up(session: Session, teacher_id: int, student_id: int) -> int:
    """Add stale months of two people up, and return how many these are."""
    of_pair = _are_of(StaleMonth, teacher_id, student_id)
    begins = session.scalars(select(StaleMonth.begins).where(of_pair).distinct().limit(BATCH)).all()
    these = (of_pair, StaleMonth.begins.in_(begins))
    # PostgreSQL notes a month more than once.
    found = session.execute(select(Booking.id, StaleMonth.begins).join(Booking, LESSONS).where(*these).distinct())
    month_of = {row.id: row.begins for row in found}
    for table in (StaleMonth, LessonMonth):
        these = (_are_of(table, teacher_id, student_id), table.begins.in_(begins))
        change_in_bulk(session, delete(table).where(*these))
    if rows := _sums_of(session, month_of):
        pair = {"teacher_id": teacher_id, "student_id": student_id}
        session.execute(insert(LessonMonth), [pair | row for row in rows])
    return len(begins)


def _are_of(table: Any, teacher_id: int, student_id: int) -> ColumnElement[bool]:
    return and_(table.teacher_id == teacher_id, table.student_id == student_id)


def _sums_of(session: Session, month_of: Mapping[int, datetime]) -> list[dict[str, Any]]:
    """Add up lessons, of which it is given in which month they are, by month and currency."""
    found: defaultdict[tuple[datetime, str], Counter[str]] = defaultdict(Counter)
    ids = sorted(month_of)
    for at in range(0, len(ids), LESSONS_AT_ONCE):
        for balance in sums.of_bookings(session, Booking.id.in_(ids[at : at + LESSONS_AT_ONCE])):
            cents = {name: getattr(balance, name) for name in sums.TOTALS}
            found[month_of[balance.booking_id], balance.currency].update(cents)
    return [{"begins": begins, "currency": currency} | cents for (begins, currency), cents in found.items()]


def _months_with_lessons(connection: Connection) -> Iterable[tuple[int, int, datetime]]:
    """Name all months of each two people, from that of their first lesson to that of their last one."""
    columns: Any = (func.min(Booking.starts_at).label("first"), func.max(Booking.starts_at).label("last"))
    pair = (Booking.teacher_id, Booking.student_id)
    for row in connection.execute(select(*pair, *columns).group_by(*pair)):
        first, last = (it.astimezone(UTC) for it in (row.first, row.last))
        for number in range(_number(first), _number(last) + 1):
            yield row.teacher_id, row.student_id, _beginning(number)


def _months_added_up(connection: Connection) -> Iterable[tuple[int, int, datetime]]:
    """Name the months that have sums, which are wrong if they have no lessons any more."""
    columns = (LessonMonth.teacher_id, LessonMonth.student_id, LessonMonth.begins)
    return ((row.teacher_id, row.student_id, row.begins) for row in connection.execute(select(*columns).distinct()))


def _noted(teacher_id: int, student_id: int, begins: datetime) -> dict[str, Any]:
    people = {"teacher_id": teacher_id, "student_id": student_id}
    return people | {"begins": begins, "ends": _beginning(_number(begins) + 1)}


def _number(at: datetime) -> int:
    """Number the months since the year 0, by UTC."""
    return at.year * 12 + at.month - 1


def _beginning(number: int) -> datetime:
    """Return the first instant of a month, by its number since the year 0."""
    year, month = divmod(number, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)

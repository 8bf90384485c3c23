"""Count the lessons and the students of periods, from hours that are added up wherever they are right."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Connection, Row, cast, func, select

from accounts.models import User
from bookings.models import Booking
from bookings.statistics.queries import length_in_seconds
from bookings.statuses import BookingStatus
from payments import sums
from reports.lesson_hours.models import LessonHour, StaleDay, StudentHour
from reports.lesson_hours.pieces import Pieces, Stretch, pieces_of
from reports.periods import Between
from reports.spans import spans_of

SUMS = ("number", "seconds", "due_cents")
# So many stretches, of three values each, are counted by one statement: SQLite takes no more than 32,766 values.
MOST_VALUES = 5_000

_Value = TypeVar("_Value")


@dataclass(slots=True)
class Counted:
    """What lessons of one status and one currency come to."""

    number: int = 0
    seconds: int = 0
    due_cents: int = 0

    def add(self, row: Row[Any]) -> None:
        """Add the sums of a row."""
        self.number += row.number
        self.seconds += row.seconds
        self.due_cents += row.due_cents


# By status and currency.
Lessons = dict[tuple[BookingStatus, str], Counted]


def count_lessons(connection: Connection, periods: Sequence[Between]) -> list[Lessons]:
    """Count the lessons that begin in each of these periods, which follow each other in time."""
    found: list[Lessons] = [defaultdict(Counted) for _ in periods]
    pieces = _cut(connection, periods)
    for rows in (_added_up(connection, pieces.added_up), lessons_in(connection, pieces.to_count)):
        for row in rows:
            found[row.n][row.status, row.currency].add(row)
    return found


def count_students(connection: Connection, periods: Sequence[Between]) -> list[set[int]]:
    """Collect the students with a completed lesson in each of these periods.

    The periods follow each other in time.
    """
    found: list[set[int]] = [set() for _ in periods]
    pieces = _cut(connection, periods)
    added_up = sorted((start, end, n) for n, start, end in pieces.added_up)
    starts = [start for start, _, _ in added_up]
    # Between nothing and nothing if nothing is added up.
    first, last = (starts[0], added_up[-1][1]) if added_up else (periods[0].start, periods[0].start)
    within = (StudentHour.hour >= first, StudentHour.hour < last)
    for kept in connection.execute(select(StudentHour.hour, StudentHour.students).where(*within)):
        _, end, n = added_up[bisect_right(starts, kept.hour) - 1]
        if kept.hour < end:
            found[n].update(decoded(kept.students))
    for row in students_in(connection, pieces.to_count):
        found[row.n].add(row.student_id)
    return found


def lessons_in(connection: Connection, stretches: Sequence[Stretch]) -> Sequence[Row[Any]]:
    """Count the lessons of numbered stretches of time one by one."""
    columns: dict[str, Any] = {
        "number": func.count(),
        "seconds": _whole(func.sum(length_in_seconds(connection.dialect.name))),
        "due_cents": sums.total(sums.DUE),
    }
    named = [column.label(name) for name, column in columns.items()]
    rows: list[Row[Any]] = []
    for some in _portions(stretches):
        begun = spans_of(some)
        within = (Booking.starts_at >= begun.c.start) & (Booking.starts_at < begun.c.end)
        key: tuple[Any, ...] = (begun.c.n, Booking.status, Booking.currency)
        counted = select(*key, *named).select_from(begun).join(Booking, within).group_by(*key)
        rows += connection.execute(counted).all()
    return rows


def students_in(connection: Connection, stretches: Sequence[Stretch]) -> Sequence[Row[Any]]:
    """List the students with a completed lesson in each numbered stretch of time."""
    rows: list[Row[Any]] = []
    for some in _portions(stretches):
        begun = spans_of(some)
        within = (Booking.starts_at >= begun.c.start) & (Booking.starts_at < begun.c.end)
        given = within & (Booking.status == BookingStatus.COMPLETED)
        listed = select(begun.c.n, Booking.student_id).select_from(begun).join(Booking, given).distinct()
        rows += connection.execute(listed).all()
    return rows


def seen_before(connection: Connection, instant: datetime, students: Collection[int]) -> set[int]:
    """Return which of these students had a completed lesson that began before an instant."""
    given = (Booking.student_id == User.id, Booking.status == BookingStatus.COMPLETED, Booking.starts_at < instant)
    # One look into the index of a student's lessons, which mostly ends at the first of them.
    had_one = select(Booking.id).where(*given).order_by(Booking.starts_at).limit(1).correlate(User).scalar_subquery()
    found: set[int] = set()
    for some in _portions(sorted(students)):
        found.update(connection.scalars(select(User.id).where(User.id.in_(some), had_one.is_not(None))))
    return found


def encoded(students: Iterable[int]) -> bytes:
    """Write ids as they are kept."""
    return array("q", sorted(students)).tobytes()


def decoded(students: bytes) -> array[int]:
    """Read ids as they are kept."""
    ids = array("q")
    ids.frombytes(students)
    return ids


def _cut(connection: Connection, periods: Sequence[Between]) -> Pieces:
    days = _stale_days(connection, Between(start=periods[0].start, end=periods[-1].end))
    return pieces_of(periods, days)


def _stale_days(connection: Connection, when: Between) -> Sequence[date]:
    """List the days of which something has changed, from the one of the beginning to the one of the end."""
    first, last = (instant.astimezone(UTC).date() for instant in (when.start, when.end))
    return connection.scalars(select(StaleDay.day).where(StaleDay.day.between(first, last)).distinct()).all()


def _added_up(connection: Connection, stretches: Sequence[Stretch]) -> Sequence[Row[Any]]:
    """Read the sums of numbered stretches of whole hours."""
    named = [_whole(func.sum(getattr(LessonHour, name))).label(name) for name in SUMS]
    rows: list[Row[Any]] = []
    for some in _portions(stretches):
        begun = spans_of(some)
        within = (LessonHour.hour >= begun.c.start) & (LessonHour.hour < begun.c.end)
        key: tuple[Any, ...] = (begun.c.n, LessonHour.status, LessonHour.currency)
        added = select(*key, *named).select_from(begun).join(LessonHour, within).group_by(*key)
        rows += connection.execute(added).all()
    return rows


def _portions(values: Sequence[_Value]) -> Iterable[Sequence[_Value]]:
    return (values[at : at + MOST_VALUES] for at in range(0, len(values), MOST_VALUES))


def _whole(column: Any) -> Any:
    """Make a whole number of PostgreSQL's sums, which are decimals."""
    return cast(column, BigInteger)

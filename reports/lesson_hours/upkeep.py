"""Add hours up: those of days on which something has changed, or all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.orm import Session

from bookings.models import Booking
from database import change_in_bulk, reading, writing
from reports.lesson_hours.counting import SUMS, encoded, lessons_in, students_in
from reports.lesson_hours.models import LessonHour, StaleDay, StudentHour
from reports.lesson_hours.pieces import DAY, HOUR, hours_of, midnight

# So many days are added up in one transaction, which keeps all other writers of SQLite waiting.
BATCH = 4
# After an upgrade or a backup is restored, and when so many days have changed at once, nobody waits for the next turn.
MANY = 60


def add_up_stale_days(_now: datetime | None = None) -> int:
    """Add up the hours of days on which something has changed, and return how many days there were.

    The latest come first, because their figures are asked for most.
    """
    done = 0
    while True:
        with reading() as connection:
            days = connection.scalars(select(StaleDay.day).distinct().order_by(StaleDay.day.desc()).limit(BATCH)).all()
        if not days:
            return done
        with writing() as session:
            # One snapshot for all: a change that commits meanwhile leaves a row of its own, which is not seen here.
            if session.get_bind().dialect.name == "postgresql":
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            change_in_bulk(session, delete(StaleDay).where(StaleDay.day.in_(days)))
            _add_up(session, days)
        done += len(days)


def many_days_are_stale(connection: Connection) -> bool:
    """Tell whether series of months would have to be counted lesson by lesson."""
    days = select(StaleDay.day).distinct().limit(1).offset(MANY)
    return connection.scalar(days) is not None


def add_up_everything() -> int:
    """Add all hours up anew, and return how many days there are."""
    with writing() as session:
        days = days_with_lessons(session.connection())
        change_in_bulk(session, delete(LessonHour))
        change_in_bulk(session, delete(StudentHour))
        if days:
            session.execute(insert(StaleDay), [{"day": day} for day in days])
    return add_up_stale_days()


def hours_counted_anew(
    connection: Connection, days: Sequence[date]
) -> tuple[list[dict[str, Any]], dict[datetime, set[int]]]:
    """Count the lessons and collect the students of each hour of these days."""
    hours = [hour for day in days for hour in hours_of(day)]
    stretches = [(n, hour, hour + HOUR) for n, hour in enumerate(hours)]
    lessons = [
        {"hour": hours[row.n], "status": row.status, "currency": row.currency}
        | {name: getattr(row, name) for name in SUMS}
        for row in lessons_in(connection, stretches)
    ]
    students: defaultdict[datetime, set[int]] = defaultdict(set)
    for row in students_in(connection, stretches):
        students[hours[row.n]].add(row.student_id)
    return lessons, students


def days_with_lessons(connection: Connection) -> list[date]:
    """List all days from that of the first lesson to that of the last one."""
    ends: Any = (func.min(Booking.starts_at), func.max(Booking.starts_at))
    first, last = connection.execute(select(*ends)).one()
    if first is None:
        return []
    begin, end = (instant.astimezone(UTC).date() for instant in (first, last))
    return [begin + n * DAY for n in range((end - begin).days + 1)]


def _add_up(session: Session, days: Sequence[date]) -> None:
    for day in days:
        for table in (LessonHour, StudentHour):
            of_day = (table.hour >= midnight(day), table.hour < midnight(day) + DAY)
            change_in_bulk(session, delete(table).where(*of_day))
    lessons, students = hours_counted_anew(session.connection(), days)
    if lessons:
        session.execute(insert(LessonHour), lessons)
    if students:
        rows = [{"hour": hour, "students": encoded(ids)} for hour, ids in sorted(students.items())]
        session.execute(insert(StudentHour), rows)

"""What is true of the hours that are added up, in every database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from reports.lesson_hours.counting import SUMS, decoded
from reports.lesson_hours.models import LessonHour, StaleDay, StudentHour
from reports.lesson_hours.pieces import DAY, midnight
from reports.lesson_hours.upkeep import days_with_lessons, hours_counted_anew


def wrong_days(connection: Connection) -> Iterator[str]:
    """Compare the hours that are added up with their lessons, but for those of stale days."""
    stale = set(connection.scalars(select(StaleDay.day).distinct()))
    kept = {hour.date() for hour in connection.scalars(select(LessonHour.hour).distinct())}
    for day in sorted({*days_with_lessons(connection), *kept} - stale):
        lessons, students = hours_counted_anew(connection, [day])
        if _kept_lessons(connection, day) != sorted(map(_values, lessons)):
            yield f"The lessons of {day} are not what they are added up to."
        if _kept_students(connection, day) != {hour: sorted(ids) for hour, ids in students.items()}:
            yield f"The students of {day} are not those who had a lesson then."


def _kept_lessons(connection: Connection, day: date) -> list[tuple[Any, ...]]:
    table = LessonHour
    columns: list[Any] = [table.hour, table.status, table.currency, *(getattr(table, name) for name in SUMS)]
    of_day = (table.hour >= midnight(day), table.hour < midnight(day) + DAY)
    return sorted(tuple(row) for row in connection.execute(select(*columns).where(*of_day)))


def _kept_students(connection: Connection, day: date) -> dict[Any, list[int]]:
    of_day = (StudentHour.hour >= midnight(day), StudentHour.hour < midnight(day) + DAY)
    rows = connection.execute(select(StudentHour.hour, StudentHour.students).where(*of_day))
    return {hour: list(decoded(students)) for hour, students in rows}


def _values(lessons: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(lessons.values())

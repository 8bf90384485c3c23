"""Series of who comes back: the students with a completed lesson in each period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from sqlalchemy import Connection

from jsontext import JsonObject
from reports.lesson_hours.counting import count_students
from reports.performance.queries import share
from reports.periods import Between

# No lesson begins before.
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


def retention(connection: Connection, before: Between, periods: Sequence[Between]) -> list[JsonObject]:
    """Count the students of each period, and how many of the one before came back.

    `before` is the period before the first one.
    """
    earlier = Between(start=_EARLIEST, end=before.start)
    seen, *students = count_students(connection, [earlier, before, *periods])
    shown = []
    for previous, present in pairwise(students):
        seen |= previous
        retained = len(previous & present)
        shown.append(
            {
                "students": len(present),
                "new": len(present - seen),
                "retained": retained,
                "returned": len((present & seen) - previous),
                "rate": share(retained, len(previous)),
            }
        )
    return shown

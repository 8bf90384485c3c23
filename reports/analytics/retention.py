"""Series of who comes back: the students with a completed lesson in each period."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from jsontext import JsonObject
from reports.lesson_hours.counting import count_students, seen_before
from reports.performance.queries import share
from reports.periods import Between


def retention(connection: Connection, before: Between, periods: Sequence[Between]) -> list[JsonObject]:
    """Count the students of each period, and how many of the one before came back.

    `before` is the period before the first one. Of what was earlier only the students of that one are looked at, and of
    the others whether they had a lesson before, so that figures of a few weeks cost the same in an old school.
    """
    previous, *students = count_students(connection, [before, *periods])
    seen = previous | seen_before(connection, before.start, set().union(*students) - previous)
    shown = []
    for present in students:
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
        seen |= present
        previous = present
    return shown

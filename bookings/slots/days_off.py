"""Why days of a week have no time: the school is closed, or the teacher is away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bookings.slots.queries import bookable_now
from jsontext import JsonObject
from schedule.holidays.queries import closed_times
from schedule.times.intervals import Interval, overlaps
from schedule.times.wall_time import local_day


def holidays_of(
    found: Mapping[str, Any], holidays: JsonObject, empty: Iterable[date], zone: ZoneInfo, now: datetime
) -> list[JsonObject]:
    """List the holidays without which one of these days would not be empty.

    `found` are the free starts whatever the school does, as `queries.free_starts` finds them.
    """
    days, closed = set(empty), closed_times(holidays)
    if not days or not closed:
        return []
    missed = [
        (slot["starts_at"], slot["ends_at"])
        for slot in bookable_now(found, [], zone, now)
        if local_day(slot["starts_at"], zone) in days and overlaps(closed, slot["starts_at"], slot["ends_at"])
    ]
    return [row for row in holidays["data"] if any(overlaps([_interval(row)], *times) for times in missed)]


def absences_of(away: Sequence[Interval], empty: Iterable[date], zone: ZoneInfo) -> list[Interval]:
    """List when the teacher is away at noon of one of these days.

    A day off in the teacher's zone begins or ends on another day of readers far away, which it leaves alone so.
    """
    noons = [datetime.combine(day, time(12), zone) for day in empty]
    return [(start, end) for start, end in away if any(start <= noon < end for noon in noons)]


def _interval(row: JsonObject) -> Interval:
    return datetime.fromisoformat(row["starts_at"]), datetime.fromisoformat(row["ends_at"])

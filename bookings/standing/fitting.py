"""Which times suit a standing wish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bookings.slots.queries import bookable_now, free_starts
from caching import cache
from schedule.holidays.queries import closed_times, holidays
from schedule.times.rules import Weekday

WEEKDAYS = list(Weekday)
# So far ahead free times are looked for: nobody has to be offered a lesson in half a year.
LOOK_AHEAD = timedelta(days=60)


def suits(times: Mapping[str, Any], zone: ZoneInfo, starts_at: datetime) -> bool:
    """Tell whether a start is on one of the days, and between the earliest and the latest time."""
    local = starts_at.astimezone(zone)
    clock, after, before = f"{local:%H:%M}", times["after"], times["before"]
    if WEEKDAYS[local.weekday()] not in times["weekdays"] or local.date().isoformat() > times["until"]:
        return False
    return (after is None or clock >= after) and (before is None or clock < before)


def fitting_starts(
    teacher_id: int, gig_id: int, times: Mapping[str, Any], time_zone: str, now: datetime
) -> Iterator[datetime]:
    """Yield the starts that suit and can be booked now, the earliest first.

    They are those of the cached list that pages offer, from the present day on.
    """
    zone, first = ZoneInfo(time_zone), now.replace(hour=0, minute=0, second=0, microsecond=0)
    reads = cache.look_up(free_starts.at(teacher_id, gig_id, first, first + LOOK_AHEAD), holidays.at())
    found, off = (read.answer().json() for read in reads)
    if found is None:
        return
    for slot in bookable_now(found, closed_times(off), zone, now):
        if suits(times, zone, slot["starts_at"]):
            yield slot["starts_at"]

"""The same time, week after week, by the clock on a wall: pure arithmetic of time zones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from schedule.times.wall_time import resolve

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One of the times. Where the zone left out that whole day, `on_its_day` is False: nothing can take place."""

    starts_at: datetime
    on_its_day: bool = True


def weekly(first: datetime, weeks: int, zone: ZoneInfo) -> Iterator[Occurrence]:
    """Yield this instant and those at which the clock in `zone` shows the same time in the weeks after it.

    What clocks skip, the first instant after the gap stands in for; of a time that comes twice the earlier one counts.
    """
    yield Occurrence(first)
    shown = first.astimezone(zone).replace(tzinfo=None)
    for number in range(1, weeks):
        wanted = shown + number * _WEEK
        found = resolve(wanted, zone)
        yield Occurrence(found.instant, found.local.date() == wanted.date())

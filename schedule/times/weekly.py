"""The same wall time week after week: pure arithmetic of time zones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from schedule.times.wall_time import resolve

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One of the times.

    Where the zone left out that whole day, `on_its_day` is False: nothing can take place.
    """

    starts_at: datetime
    on_its_day: bool = True


def weekly(first: datetime, weeks: int, zone: ZoneInfo) -> Iterator[Occurrence]:
    """Yield this instant and the same wall time of the weeks after it.

    For a time that is skipped, the first instant after the gap is taken. Of a time that comes twice the earlier one
    counts.
    """
    yield Occurrence(first)
    shown = first.astimezone(zone).replace(tzinfo=None)
    for number in range(1, weeks):
        wanted = shown + number * _WEEK
        found = resolve(wanted, zone)
        yield Occurrence(found.instant, found.local.date() == wanted.date())

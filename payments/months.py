"""Months of a reader's clock, by which money is looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from schedule.times.wall_time import day_bounds
from web.fields import FIRST_YEAR, LAST_YEAR

_WRITTEN = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Month:
    """A month, from its first instant to that of the next one, in a time zone."""

    first: date
    zone: str

    @property
    def start(self) -> datetime:
        """Return its first instant."""
        return beginning_of(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """Return the first instant that is no more in it."""
        return beginning_of(self.next_first, self.zone)

    @property
    def next_first(self) -> date:
        """Return the first day of the next month."""
        return (self.first + timedelta(days=31)).replace(day=1)

    @property
    def before(self) -> str | None:
        """Write the month before, as addresses have it, unless it is too long ago."""
        return _written(self.first - timedelta(days=1))

    @property
    def after(self) -> str | None:
        """Write the month after, as addresses have it, unless it is too far ahead."""
        return _written(self.next_first)

    def __str__(self) -> str:
        """Write it as addresses have it: "2026-11"."""
        return f"{self.first:%Y-%m}"

    @property
    def words(self) -> str:
        """Write it for people: "November 2026"."""
        return f"{self.first:%B %Y}"


def month_of(asked: str | None, now: datetime, zone: str) -> Month:
    """Return the month that an address asks for, else the present one on the clocks of a zone."""
    match = _WRITTEN.fullmatch(asked or "")
    if match and FIRST_YEAR <= int(match[1]) < LAST_YEAR:
        return Month(date(int(match[1]), int(match[2]), 1), zone)
    return Month(now.astimezone(ZoneInfo(zone)).date().replace(day=1), zone)


def beginning_of(day: date, zone: str) -> datetime:
    """Return the instant at which a day begins in a time zone, on its clock."""
    clock = ZoneInfo(zone)
    return day_bounds(day, clock)[0].astimezone(clock)


def _written(day: date) -> str | None:
    return f"{day:%Y-%m}" if FIRST_YEAR <= day.year < LAST_YEAR else None

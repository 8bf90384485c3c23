"""Days, weeks, months, quarters and years of a reader's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from schedule.times.wall_time import day_bounds, local_day

_DAY = timedelta(days=1)


class Period(StrEnum):
    """What figures are added up over, as calendars have it: a week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def lifetime(self) -> int:
        """Return for how many seconds its figures are kept at most.

        They are longer the more there is to count.
        """
        return _LIFETIMES[self]

    def first_of(self, day: date) -> date:
        """Return the first day of the period that a day is in."""
        if self == Period.DAY:
            return day
        if self == Period.WEEK:
            return day - timedelta(days=day.weekday())
        month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}[self]
        return date(day.year, month, 1)

    def after(self, first: date) -> date:
        """Return the first day of the next period, from the first one of this."""
        if self in _DAYS:
            return first + timedelta(days=_DAYS[self])
        # No month has more days than these beyond its whole number of 31.
        return self.first_of(first + timedelta(days=31 * _MONTHS[self]))

    def before(self, first: date) -> date:
        """Return the first day of the period before."""
        return self.first_of(first - _DAY)


_LIFETIMES = {
    Period.DAY: 300,
    Period.WEEK: 900,
    Period.MONTH: 3600,
    Period.QUARTER: 21_600,
    Period.YEAR: 86_400,
}
_DAYS = {Period.DAY: 1, Period.WEEK: 7}
_MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """The instants from `start` to before `end`, in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The days from `first` to before `end` on the clocks of a time zone: one period, or several in a row."""

    first: date
    end: date
    zone: str

    @property
    def between(self) -> Between:
        """Return the instants that these days consist of."""
        clock = ZoneInfo(self.zone)
        begin, end = (day_bounds(day, clock)[0].astimezone(UTC) for day in (self.first, self.end))
        return Between(start=begin, end=end)


def days_of(period: Period, day: date, zone: str) -> Days:
    """Return the days of the period that a day is in."""
    first = period.first_of(day)
    return Days(first=first, end=period.after(first), zone=zone)


def series(period: Period, days: Days) -> list[Days]:
    """List the periods that these days touch, each as a whole."""
    found = [days_of(period, days.first, days.zone)]
    while found[-1].end < days.end:
        found.append(days_of(period, found[-1].end, days.zone))
    return found


def latest(period: Period, number: int, today: date, zone: str) -> Days:
    """Return the last so many periods, the present one included."""
    present = days_of(period, today, zone)
    first = present.first
    for _ in range(number - 1):
        first = period.before(first)
    return Days(first=first, end=present.end, zone=zone)


def today_in(zone: str, now: datetime) -> date:
    """Return which day it is in a time zone."""
    return local_day(now, ZoneInfo(zone))

"""The days of a month as its page shows them: with lessons, and with why no lessons are given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from calendars.day_grid import Hours
from calendars.lessons_by_day import Day
from schedule.times.intervals import Interval, merge, subtract
from schedule.times.wall_time import day_bounds


@dataclass(frozen=True, slots=True)
class Mark:
    """Why no lessons are given on a day or on a part of it.

    `times` is as the clocks show it, and empty for the whole day.
    """

    name: str
    times: str


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day with its lessons, and when none are given."""

    day: Day
    marks: list[Mark]
    # Whether its teacher has no hours on it.
    closed: bool

    @property
    def off(self) -> bool:
        """Tell whether something keeps all of the day free of lessons."""
        return any(not mark.times for mark in self.marks)


def month_days(days: Sequence[Day], hours: Hours, zone: ZoneInfo) -> list[MonthDay]:
    """Mark the days of a month.

    Days without hours are only told apart if there are others: who has said nothing yet has no days off.
    """
    bounds = [day_bounds(day.date, zone) for day in days]
    windows = [_within(hours.open, each) if hours.open is not None else [each] for each in bounds]
    some_open = any(windows)
    reasons = list(_reasons(hours))
    return [
        MonthDay(day, list(_marks(reasons, each, open_then, zone)), closed=some_open and not open_then)
        for day, each, open_then in zip(days, bounds, windows, strict=True)
    ]


def _reasons(hours: Hours) -> Iterator[tuple[str, list[Interval]]]:
    """Yield what keeps lessons away, by its name, and when that is."""
    for name in dict.fromkeys(each.name for each in hours.holidays):
        yield name, merge(each.interval for each in hours.holidays if each.name == name)
    yield "Time off", merge(hours.away)
    yield "Blocked", merge((_instant(block["starts_at"]), _instant(block["ends_at"])) for block in hours.blocks)
    for name in dict.fromkeys(name for _, name in hours.busy):
        yield f"Busy ({name})", merge(interval for interval, its_name in hours.busy if its_name == name)


def _marks(
    reasons: Iterable[tuple[str, list[Interval]]], bounds: Interval, windows: Sequence[Interval], zone: ZoneInfo
) -> Iterator[Mark]:
    for name, intervals in reasons:
        here = _within(intervals, bounds)
        if here and not subtract(windows or [bounds], here):
            yield Mark(name, "")
        elif here:
            yield Mark(name, ", ".join(_times(each, bounds, zone) for each in here))


def _within(intervals: Iterable[Interval], bounds: Interval) -> list[Interval]:
    return merge((max(start, bounds[0]), min(end, bounds[1])) for start, end in intervals)


def _times(interval: Interval, bounds: Interval, zone: ZoneInfo) -> str:
    start, end = (f"{moment.astimezone(zone):%H:%M}" for moment in interval)
    if interval[0] == bounds[0]:
        return f"until {end}"
    return f"from {start}" if interval[1] == bounds[1] else f"{start}–{end}"


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)

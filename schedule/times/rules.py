"""A teacher's rules in the form that is computed with.

`read_rules` makes it out of the stored document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypedDict
from zoneinfo import ZoneInfo

from schedule.times.intervals import Interval, merge

MINUTES_OF_DAY = 24 * 60
# As far ahead as lessons can be booked at all.
HORIZON_DAYS = 730


class Weekday(StrEnum):
    """The days of a week, in the order in which Python counts them."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


_NUMBERS = {str(day): number for number, day in enumerate(Weekday)}


class TimesOfDay(TypedDict):
    """Some time of a day as two clock times such as "09:00"."""

    start: str
    end: str


class WeeklyTimes(TimesOfDay):
    """The same on every such weekday."""

    weekday: str


class ExceptionalDay(TypedDict):
    """The times of one date, such as "2027-03-28".

    Without any it is a day off.
    """

    date: str
    windows: list[TimesOfDay]


# Two instants between which there are no lessons.
TimeOff = TypedDict("TimeOff", {"from": str, "to": str})


class AvailabilityDocument(TypedDict):
    """A teacher's availability as it is stored.

    `AvailabilitySchema` makes it and says what may be in it.
    """

    weekly: list[WeeklyTimes] | None
    exceptions: list[ExceptionalDay]
    time_off: list[TimeOff]
    buffer_before_minutes: int
    buffer_after_minutes: int
    minimum_notice_minutes: int
    horizon_days: int
    max_per_day: int | None
    max_per_week: int | None
    slot_step_minutes: int | None


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Some time of a day by the clock on the wall, in minutes from its midnight.

    `end` goes on counting past the next. By the clock: on a day on which clocks are changed it is shorter or longer
    than it looks.
    """

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When a teacher can be booked.

    The defaults are those of a teacher who has entered nothing. `weekly` has the windows by weekday, from 0 for Monday;
    None leaves all days open that are no exceptions. `gap` is what lies at least between two lessons, and `step` how
    far slots are apart (None: a lesson's length).
    """

    zone: ZoneInfo
    weekly: Mapping[int, tuple[Window, ...]] | None = None
    exceptions: Mapping[date, tuple[Window, ...]] = field(default_factory=dict)
    # Merged, see `schedule/times/intervals.py`.
    time_off: tuple[Interval, ...] = ()
    gap: timedelta = timedelta()
    notice: timedelta = timedelta()
    horizon: timedelta = timedelta(days=HORIZON_DAYS)
    max_per_day: int | None = None
    max_per_week: int | None = None
    step: timedelta | None = None

    @property
    def limited(self) -> bool:
        """Tell whether the number of lessons in a day or a week matters."""
        return self.max_per_day is not None or self.max_per_week is not None


def read_rules(document: AvailabilityDocument | None, zone: str) -> Rules:
    """Read a stored document.

    None is that of a teacher who has entered nothing.
    """
    if document is None:
        return Rules(zone=ZoneInfo(zone))
    step = document["slot_step_minutes"]
    return Rules(
        zone=ZoneInfo(zone),
        weekly=None if document["weekly"] is None else _by_weekday(document["weekly"]),
        exceptions={date.fromisoformat(row["date"]): _windows(row["windows"]) for row in document["exceptions"]},
        time_off=tuple(merge((_instant(row["from"]), _instant(row["to"])) for row in document["time_off"])),
        gap=timedelta(minutes=document["buffer_before_minutes"] + document["buffer_after_minutes"]),
        notice=timedelta(minutes=document["minimum_notice_minutes"]),
        horizon=timedelta(days=document["horizon_days"]),
        max_per_day=document["max_per_day"],
        max_per_week=document["max_per_week"],
        step=timedelta(minutes=step) if step else None,
    )


def read_window(start: str, end: str) -> Window:
    """Read a window from texts such as "09:00".

    An end that is not after its start belongs to the next day.
    """
    begins, ends = _minutes(start), _minutes(end)
    return Window(begins, ends if ends > begins else ends + MINUTES_OF_DAY)


def merged_windows(rows: Iterable[TimesOfDay]) -> list[TimesOfDay]:
    """Sort the times of a day, and make one of those that touch or overlap.

    They stay apart if together they were longer than a row can say.
    """
    merged: list[Window] = []
    for window in sorted(read_window(row["start"], row["end"]) for row in rows):
        both = Window(merged[-1].start, max(merged[-1].end, window.end)) if merged else window
        if merged and window.start <= merged[-1].end and both.end - both.start <= MINUTES_OF_DAY:
            merged[-1] = both
        else:
            merged.append(window)
    return [{"start": _clock(window.start), "end": _clock(window.end)} for window in merged]


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def _by_weekday(rows: Iterable[WeeklyTimes]) -> dict[int, tuple[Window, ...]]:
    weekly: dict[int, tuple[Window, ...]] = {}
    for row in rows:
        number = _NUMBERS[row["weekday"]]
        weekly[number] = (*weekly.get(number, ()), read_window(row["start"], row["end"]))
    return weekly


def _windows(rows: Iterable[TimesOfDay]) -> tuple[Window, ...]:
    return tuple(read_window(row["start"], row["end"]) for row in rows)


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)

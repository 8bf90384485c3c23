"""A teacher's rules in the form that is computed with.

`read_rules` makes it out of the stored document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    """One of a teacher's schedules as it is stored.

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


# The document of a teacher who has not said yet when they have time: no time is offered. It is what
# `AvailabilitySchema` makes of an empty one.
NOTHING_SAID: AvailabilityDocument = {
    "weekly": [],
    "exceptions": [],
    "time_off": [],
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 0,
    "minimum_notice_minutes": 0,
    "horizon_days": HORIZON_DAYS,
    "max_per_day": None,
    "max_per_week": None,
    "slot_step_minutes": None,
}


# What most teachers begin with.
WORKING_WEEK: list[WeeklyTimes] = [
    {"weekday": str(day), "start": "09:00", "end": "17:00"}
    for day in Weekday
    if day not in (Weekday.SATURDAY, Weekday.SUNDAY)
]


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Some time of a day by the clock on the wall, in minutes from its midnight.

    `end` goes on counting past the next. By the clock: on a day on which clocks are changed it is shorter or longer
    than it looks.
    """

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How many lessons a teacher gives at most, counted by the days and weeks of one zone."""

    zone: ZoneInfo
    per_day: int | None
    per_week: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When lessons of a gig can be booked.

    The defaults are those of a teacher who has entered nothing: no time is offered. `weekly` has the windows by
    weekday, from 0 for Monday; None leaves all days open that are no exceptions. `step` is how far slots are apart
    (None: a lesson's length). These are the gig's own schedule's; what stands below them is about the teacher, who is
    one person, and comes from all of their schedules.
    """

    zone: ZoneInfo
    weekly: Mapping[int, tuple[Window, ...]] | None = field(default_factory=dict)
    exceptions: Mapping[date, tuple[Window, ...]] = field(default_factory=dict)
    notice: timedelta = timedelta()
    horizon: timedelta = timedelta(days=HORIZON_DAYS)
    step: timedelta | None = None
    # When there are no lessons, by time off, blocks and holidays: merged, see `schedule/times/intervals.py`.
    time_off: tuple[Interval, ...] = ()
    # When the whole school is closed, which counts for sessions, too: merged, and part of `time_off`.
    holidays: tuple[Interval, ...] = ()
    # What lies at least between two of their lessons.
    gap: timedelta = timedelta()
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Entered:
    """What a teacher entered as one of their schedules."""

    zone: str
    document: AvailabilityDocument


def read_rules(
    own: Entered,
    others: Iterable[Entered] = (),
    blocks: Iterable[Interval] = (),
    holidays: Sequence[Interval] = (),
) -> Rules:
    """Read the rules for gigs that have this schedule.

    The teacher's other schedules and the time that they blocked count as far as they are about the teacher. Holidays
    are those of the school.
    """
    document, every = own.document, (own, *others)
    step = document["slot_step_minutes"]
    off = ((_instant(row["from"]), _instant(row["to"])) for each in every for row in each.document["time_off"])
    return Rules(
        zone=ZoneInfo(own.zone),
        weekly=None if document["weekly"] is None else _by_weekday(document["weekly"]),
        exceptions={date.fromisoformat(row["date"]): _windows(row["windows"]) for row in document["exceptions"]},
        notice=timedelta(minutes=document["minimum_notice_minutes"]),
        horizon=timedelta(days=document["horizon_days"]),
        step=timedelta(minutes=step) if step else None,
        time_off=tuple(merge([*off, *blocks, *holidays])),
        holidays=tuple(merge(holidays)),
        gap=_gap([each.document for each in every]),
        limits=tuple(_limits(every)),
    )


def _gap(documents: Sequence[AvailabilityDocument]) -> timedelta:
    """Return the pause between any two lessons: the longest break after the one and before the other."""
    after = max(document["buffer_after_minutes"] for document in documents)
    return timedelta(minutes=after + max(document["buffer_before_minutes"] for document in documents))


def _limits(schedules: Iterable[Entered]) -> Iterator[Limit]:
    for each in schedules:
        per_day, per_week = each.document["max_per_day"], each.document["max_per_week"]
        if per_day is not None or per_week is not None:
            yield Limit(zone=ZoneInfo(each.zone), per_day=per_day, per_week=per_week)


def read_window(start: str, end: str) -> Window:
    """Read a window from texts such as "09:00".

    An end that is not after its start belongs to the next day.
    """
    begins, ends = _minutes(start), _minutes(end)
    return Window(begins, ends if ends > begins else ends + MINUTES_OF_DAY)


def merged_windows(rows: Iterable[TimesOfDay]) -> list[TimesOfDay]:
    """Sort the times of a day, and make one of those that overlap.

    They stay apart if together they were longer than a row can say.
    """
    merged: list[Window] = []
    for window in sorted(read_window(row["start"], row["end"]) for row in rows):
        both = Window(merged[-1].start, max(merged[-1].end, window.end)) if merged else window
        if merged and window.start < merged[-1].end and both.end - both.start <= MINUTES_OF_DAY:
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

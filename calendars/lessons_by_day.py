"""Weeks and months as pages show them, each day with its lessons."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from bookings.models import LONGEST_LESSON
from jsontext import JsonObject
from schedule.models import Stretch
from schedule.times.wall_time import day_bounds, local_day

Row = JsonObject


@dataclass(frozen=True, slots=True)
class Block:
    """Lessons of one gig at one time: one, or those of a group.

    Those of a session have it, and it may have none.
    """

    starts_at: str
    ends_at: str
    gig: Row
    lessons: list[Row]
    session: Row | None = None


@dataclass(slots=True)
class Day:
    """A day with what takes place on it."""

    date: date
    blocks: list[Block] = field(default_factory=list)


def week_of(day: date) -> list[date]:
    """List the days of this day's week, from Monday on."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=number) for number in range(7)]


def weeks_of_month(day: date) -> list[list[date]]:
    """List the whole weeks that this day's month has a part in."""
    return calendar.Calendar().monthdatescalendar(day.year, day.month)


def month_before(day: date) -> date:
    """Return the first day of the month before."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def month_after(day: date) -> date:
    """Return the first day of the month after."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def stretch_of(days: Sequence[date], zone: ZoneInfo) -> Stretch:
    """Return the time that these neighbouring days are in a zone."""
    return Stretch(start=day_bounds(days[0], zone)[0], end=day_bounds(days[-1], zone)[1])


def with_the_night_before(stretch: Stretch) -> Stretch:
    """Begin so much earlier that lessons which go on past the midnight before it are in it."""
    return Stretch(start=stretch.start - LONGEST_LESSON, end=stretch.end)


def sort_into_days(
    lessons: Iterable[Row], days: Iterable[date], zone: ZoneInfo, sessions: Iterable[Row] = ()
) -> list[Day]:
    """Sort lessons and sessions, which are in order, into days.

    What goes on past midnight stands on both days.
    """
    sorted_days = {day: Day(day) for day in days}
    held = {(row["starts_at"], row["gig"]["id"]): row for row in sessions}
    blocks = []
    for key, together in groupby(lessons, key=lambda row: (row["starts_at"], row["gig"]["id"])):
        rows = list(together)
        blocks.append(Block(rows[0]["starts_at"], rows[0]["ends_at"], rows[0]["gig"], rows, held.pop(key, None)))
    blocks += [Block(row["starts_at"], row["ends_at"], row["gig"], [], row) for row in held.values()]
    for block in sorted(blocks, key=lambda it: datetime.fromisoformat(it.starts_at)):
        for each in _days_of(block, zone):
            if (day := sorted_days.get(each)) is not None:
                day.blocks.append(block)
    return list(sorted_days.values())


def _days_of(block: Block, zone: ZoneInfo) -> list[date]:
    """List the days that a block has a part in."""
    starts_at, ends_at = datetime.fromisoformat(block.starts_at), datetime.fromisoformat(block.ends_at)
    first, last = local_day(starts_at, zone), local_day(ends_at - timedelta(microseconds=1), zone)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]

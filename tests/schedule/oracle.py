"""Free time in the slowest and plainest way: minute by minute, from what the words mean.

Shares no code with the product except the form that rules are entered in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from schedule.times.free_time import Lesson, Wanted

MINUTE = timedelta(minutes=1)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
AROUND = timedelta(days=8)


@cache
def clock(zone: str, start: datetime, minutes: int) -> list[datetime]:
    """What the wall shows in each of these minutes."""
    place = ZoneInfo(zone)
    return [(start + number * MINUTE).astimezone(place).replace(tzinfo=None, fold=0) for number in range(minutes)]


@dataclass
class Oracle:
    """What can be booked in the days around `middle`, by rules that are a body of a PUT with all its fields."""

    body: dict[str, Any]
    zone: str
    middle: datetime
    # The teacher's other schedules, each with its zone, and what they blocked.
    others: list[tuple[dict[str, Any], str]] = field(default_factory=list)
    blocks: list[tuple[datetime, datetime]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.all = [(self.body, self.zone), *self.others]
        away = [row for body, _ in self.all for row in body["time_off"]]
        self.away = [*self.blocks, *((_time(row["from"]), _time(row["to"])) for row in away)]
        self.first = self.middle.replace(hour=0, minute=0) - AROUND
        self.wall = clock(self.zone, self.first, int(2 * AROUND / MINUTE))
        self.open = bytearray(len(self.wall))
        for day in sorted({shown.date() for shown in self.wall}):
            self._open(day)

    def offers(self, wanted: Wanted, lessons: list[Lesson], starts_at: datetime, *, shown: bool = True) -> int:
        """How many seats can be booked then; with `shown`, only if the list has this time."""
        at, length = self._index(starts_at), int(wanted.length / MINUTE)
        if not all(self.open[at : at + length]) or not self._on_grid(at, length, shown=shown):
            return 0
        ends_at = starts_at + wanted.length
        if any(gone < ends_at and starts_at < back for gone, back in self.away):
            return 0
        if not all(_below_limits(body, zone, lessons, starts_at) for body, zone in self.all):
            return 0
        return self._seats(wanted, lessons, starts_at, ends_at)

    def _open(self, day: date) -> None:
        exceptions = {row["date"]: row["windows"] for row in self.body["exceptions"]}
        windows = exceptions.get(day.isoformat())
        if windows is None and self.body["weekly"] is None:
            for number, shown in enumerate(self.wall):
                self.open[number] |= shown.date() == day
            return
        if windows is None:
            windows = [row for row in self.body["weekly"] if row["weekday"] == DAYS[day.weekday()]]
        for window in windows:
            start, end = _on(day, window["start"]), _on(day, window["end"])
            self._fill(start, end if end > start else end + timedelta(days=1))

    def _fill(self, start: datetime, end: datetime) -> None:
        """Open from the first minute that shows `start` or later up to the last one that shows `end`.

        If the wall never shows `end`, up to the minute after the last one that shows less.
        """
        near = range(*slice(*(self._index(it.replace(tzinfo=UTC)) for it in _around(start))).indices(len(self.wall)))
        later = [number for number in near if self.wall[number] >= start]
        up_to = [number for number in near if self.wall[number] == end]
        up_to = up_to or [number + 1 for number in near if self.wall[number] < end]
        if later and up_to:
            for number in range(later[0], up_to[-1]):
                self.open[number] = 1

    def _on_grid(self, at: int, length: int, *, shown: bool) -> bool:
        if self.body["weekly"] is None:
            return not shown or self.wall[at].minute in (0, 30)
        begin, end = at, at
        while self.open[begin - 1]:
            begin -= 1
            if begin < 1440 // 2:
                break
        while end < len(self.open) and self.open[end]:
            end += 1
        if end - begin > 1440:
            begin = max(begin, self._midnight(at))
        return (at - begin) % (self.body["slot_step_minutes"] or length) == 0

    def _midnight(self, at: int) -> int:
        today = self.wall[at].date()
        return next(number for number in range(at - 2 * 1440, at + 1) if self.wall[number].date() == today)

    def _seats(self, wanted: Wanted, lessons: list[Lesson], starts_at: datetime, ends_at: datetime) -> int:
        before, after = (max(body[f"buffer_{side}_minutes"] for body, _ in self.all) for side in ("before", "after"))
        gap = timedelta(minutes=before + after)
        left = wanted.capacity
        for lesson in lessons:
            if lesson.seats and lesson.gig_id == wanted.gig_id and lesson.starts_at == starts_at:
                left -= lesson.seats
            elif lesson.seats and not (lesson.ends_at + gap <= starts_at or ends_at + gap <= lesson.starts_at):
                return 0
        return max(left, 0)

    def _index(self, instant: datetime) -> int:
        return max(0, (instant - self.first) // MINUTE)


def _below_limits(body: dict[str, Any], zone: str, lessons: list[Lesson], starts_at: datetime) -> bool:
    def local(instant: datetime) -> date:
        return instant.astimezone(ZoneInfo(zone)).date()

    day, week = local(starts_at), local(starts_at).isocalendar()[:2]
    that_day = sum(it.counted for it in lessons if local(it.starts_at) == day)
    that_week = sum(it.counted for it in lessons if local(it.starts_at).isocalendar()[:2] == week)
    per_day, per_week = body["max_per_day"], body["max_per_week"]
    return (per_day is None or that_day < per_day) and (per_week is None or that_week < per_week)


def _around(wall: datetime) -> tuple[datetime, datetime]:
    """Two readings of a wall time that have its instant between them, wherever the wall is."""
    return wall - timedelta(days=2), wall + timedelta(days=3)


def _on(day: date, text: str) -> datetime:
    hours, minutes = map(int, text.split(":"))
    return datetime(day.year, day.month, day.day) + timedelta(hours=hours, minutes=minutes)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)

"""What of a teacher's time can be booked.

This is pure arithmetic of rules and lessons. `free_slots` lists slots and `slot_at` checks a booking. They differ only
in which starts they look at: the same `_Diary` says whether one is free, and `within_reach` whether it is too late or
too early to book it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from schedule.times.intervals import overlaps
from schedule.times.rules import Limit, Rules
from schedule.times.wall_time import day_bounds, local_day
from schedule.times.windows import is_start, shown_starts


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A lesson that a teacher has or had.

    `seats` of it are taken by active bookings, and `counted` of its bookings count for limits.
    """

    gig_id: int
    starts_at: datetime
    ends_at: datetime
    seats: int = 1
    counted: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be booked: a lesson of this gig."""

    gig_id: int
    length: timedelta
    capacity: int = 1


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that can be booked."""

    starts_at: datetime
    ends_at: datetime
    seats_left: int


def free_slots(
    rules: Rules, wanted: Wanted, lessons: Iterable[Lesson], start: datetime, end: datetime
) -> Iterator[Slot]:
    """Yield the slots from `start` to before `end`, in order.

    What the time is now does not matter.
    """
    diary = _Diary(rules, wanted, lessons)
    for starts_at in shown_starts(rules, wanted.length, start, end):
        if slot := diary.slot(starts_at):
            yield slot


def slot_at(rules: Rules, wanted: Wanted, lessons: Iterable[Lesson], starts_at: datetime) -> Slot | None:
    """Return what can be booked at this whole minute, whatever the time is now.

    None if it is not offered.
    """
    if not is_start(rules, wanted.length, starts_at):
        return None
    return _Diary(rules, wanted, lessons).slot(starts_at)


def bookable(rules: Rules, wanted: Wanted, lessons: Iterable[Lesson], starts_at: datetime, now: datetime) -> bool:
    """Tell whether a lesson can be booked now for this whole minute."""
    in_reach = within_reach(starts_at, now, rules.notice, rules.horizon)
    return in_reach and slot_at(rules, wanted, lessons, starts_at) is not None


def within_reach(starts_at: datetime, now: datetime, notice: timedelta, horizon: timedelta) -> bool:
    """Tell whether a lesson can still, and already, be booked now."""
    return now < starts_at and now + notice <= starts_at <= now + horizon


def relevant(rules: Rules, length: timedelta, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Return the time whose lessons matter for lessons that start in this interval.

    A lesson matters if it lies there at least in part. Both ends are part of the time. Where lessons are counted, these
    are the whole days and weeks around it.
    """
    spans = [(start - rules.gap, end + length + rules.gap)]
    spans += [_weeks(start, end, limit.zone) for limit in rules.limits]
    return min(span[0] for span in spans), max(span[1] for span in spans)


def _weeks(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the whole weeks of a zone around an interval."""
    first, last = local_day(start, zone), local_day(end, zone)
    monday, sunday = first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())
    return day_bounds(monday, zone)[0], day_bounds(sunday, zone)[1]


class _Diary:
    """What stands in the way of one kind of lesson."""

    def __init__(self, rules: Rules, wanted: Wanted, lessons: Iterable[Lesson]) -> None:
        self._rules = rules
        self._wanted = wanted
        self._lessons = list(lessons)
        self._active = sorted((it for it in self._lessons if it.seats), key=lambda it: it.starts_at)
        self._starts = [lesson.starts_at for lesson in self._active]
        self._longest = max((it.ends_at - it.starts_at for it in self._active), default=timedelta())

    def slot(self, starts_at: datetime) -> Slot | None:
        """Return the slot of this start, which fits into the windows.

        None if something is in its way.
        """
        ends_at = starts_at + self._wanted.length
        if overlaps(self._rules.time_off, starts_at, ends_at) or not self._below_limits(starts_at):
            return None
        taken = 0
        for lesson in self._near(starts_at, ends_at):
            if (lesson.gig_id, lesson.starts_at) != (self._wanted.gig_id, starts_at):
                return None
            taken += lesson.seats
        seats_left = self._wanted.capacity - taken
        return Slot(starts_at, ends_at, seats_left) if seats_left > 0 else None

    def _near(self, starts_at: datetime, ends_at: datetime) -> Iterator[Lesson]:
        """Yield the active lessons that overlap with this one or are too near."""
        from_here, to_here = starts_at - self._rules.gap, ends_at + self._rules.gap
        first = bisect_right(self._starts, from_here - self._longest)
        for lesson in self._active[first : bisect_left(self._starts, to_here)]:
            if lesson.ends_at > from_here:
                yield lesson

    def _below_limits(self, starts_at: datetime) -> bool:
        return all(count.has_room(starts_at) for count in self._counts)

    @cached_property
    def _counts(self) -> list[_Count]:
        return [_Count(limit, self._lessons) for limit in self._rules.limits]


class _Count:
    """How many lessons there are by day and by week, for one limit."""

    def __init__(self, limit: Limit, lessons: Iterable[Lesson]) -> None:
        self._limit = limit
        self._per_day: Counter[date] = Counter()
        self._per_week: Counter[tuple[int, int]] = Counter()
        for lesson in lessons:
            day = local_day(lesson.starts_at, limit.zone)
            self._per_day[day] += lesson.counted
            self._per_week[_week(day)] += lesson.counted

    def has_room(self, starts_at: datetime) -> bool:
        """Tell whether one more lesson can start then."""
        day = local_day(starts_at, self._limit.zone)
        return _below(self._limit.per_day, self._per_day[day]) and _below(
            self._limit.per_week, self._per_week[_week(day)]
        )


def _week(day: date) -> tuple[int, int]:
    """Name a day's week, as ISO 8601 counts them."""
    return day.isocalendar()[:2]


def _below(most: int | None, number: int) -> bool:
    return most is None or number < most

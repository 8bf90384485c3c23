"""A week of a gig's free times, as a page offers it.

`templates/macros/times.html` lets people choose from it. What is shown may come from the cache. Whether a chosen time
can be booked, `service.py` decides anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.actors import Actor
from bookings.rules.offered import HORIZON
from bookings.slots import queries as slots
from bookings.slots.days_off import absences_of, holidays_of
from bookings.slots.first_times import first_free
from bookings.slots.queries import Moved, SlotsQuery
from caching import cache
from caching.reads import answer_at_once
from errors import NotFound
from jsontext import JsonObject
from schedule.holidays.queries import closed_times, holidays
from schedule.times.intervals import Interval
from schedule.times.wall_time import Kind, day_bounds, local_day, resolve

DAYS = 7
# Somewhere on earth it is Monday so much earlier, and so much later, than in UTC.
_EARLIEST_ZONE, _LATEST_ZONE = timedelta(hours=14), timedelta(hours=12)
_NAME = re.compile(r"(\d{4})-W(\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Day:
    """A day with its slots.

    Each has a `value`, as forms send it, a `clock`, "16:00", its `times`, "16:00–16:45", and, if the clock comes twice
    on the day, an `offset`, "UTC+02:00".
    """

    date: date
    slots: list[JsonObject]


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Seven days from a Monday on, in the reader's time zone.

    `name` is what addresses call it, "2026-W49"; `earlier` and `later` name its neighbours, if lessons can be
    booked so early or so late. In a week without any free time `next_free` is the next there is.
    """

    name: str
    title: str
    days: list[Day]
    earlier: str | None
    later: str | None
    next_free: datetime | None
    time_zone: str
    # Every minute can be booked, and what is listed is a sample.
    any_minute: bool
    # The day that was asked for, if one was.
    asked: date | None = None
    # The reader's own places in this week.
    own: Sequence[JsonObject] = ()
    # Why days from today on have no time: the holidays of the school, and when the teacher is away.
    holidays: Sequence[JsonObject] = ()
    away: Sequence[Interval] = ()

    @property
    def next_name(self) -> str | None:
        """Return the week of the next free time."""
        return week_name(self.next_free, self.time_zone) if self.next_free else None

    @property
    def has_any(self) -> bool:
        """Tell whether any time is free."""
        return any(day.slots for day in self.days)

    def has(self, starts_at: datetime) -> bool:
        """Tell whether a start is listed."""
        return self.find(written(starts_at)) is not None

    def find(self, value: str | None) -> JsonObject | None:
        """Return the slot that a form names like this."""
        return next((slot for day in self.days for slot in day.slots if slot["value"] == value), None)

    def begun(self, capacity: int, *, timetable: bool = False) -> list[JsonObject]:
        """List the slots in which others have a place of so many, of a timetable all."""
        return [slot for day in self.days for slot in day.slots if timetable or slot["seats_left"] < capacity]

    def shown_day(self, value: str | None) -> date | None:
        """Return the day to open.

        That of the chosen slot, the one that was asked for, or else the first free one.
        """
        free = [day for day in self.days if day.slots]
        chosen = (day.date for day in free if any(slot["value"] == value for slot in day.slots))
        asked = (day.date for day in free if day.date == self.asked)
        return next(chosen, None) or next(asked, None) or (free[0].date if free else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Whose free times are looked for, by whom, and in which time zone.

    With `moved` it is another time for a booking; that this person may move it, the caller has to see to. `own` are
    places in the gig that this person has, or asks for: they stand where they would be offered. `away` is what the page
    knows of the teacher's time off.
    """

    teacher_id: int
    gig_id: int
    viewer: Actor | None
    time_zone: str
    now: datetime
    moved: Moved | None = None
    own: Sequence[JsonObject] = ()
    away: Sequence[Interval] = ()

    @property
    def zone(self) -> ZoneInfo:
        """Return the reader's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def today(self) -> date:
        """Return the day it is for the reader."""
        return local_day(self.now, self.zone)


def week_name(instant: datetime, time_zone: str) -> str:
    """Name the week, as ISO 8601 counts them, that it is in this zone."""
    return name_of(local_day(instant, ZoneInfo(time_zone)))


def written(starts_at: datetime) -> str:
    """Write a start as forms send it."""
    return starts_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_asked_for(text: str | None) -> date | None:
    """Read a day of the address.

    None if that makes no sense.
    """
    try:
        return date.fromisoformat(text) if text and len(text) == len("2026-12-01") else None
    except ValueError:
        return None


def free_week(sought: Sought, name: str | None, asked: date | None = None) -> Week:
    """Find the free times of a week: that of the day which is asked for, or else the one with this name.

    If neither is given or makes sense, it is the first week with a free time, or else the present one.
    Raises NotFound if there is no such gig, or if it is none of their business.
    """
    present = _begin_of_week(sought.today)
    monday = monday_of(name) or (_begin_of_week(asked) if asked else None)
    if monday and present <= monday <= local_day(sought.now + HORIZON, sought.zone):
        return replace(_week(sought, monday), asked=asked)
    week = _week(sought, present)
    following = None if week.own else monday_of(week.next_name)
    return _week(sought, following) if following else week


def slots_by_day(slots: Sequence[Mapping[str, Any]], first: date, days: int, zone: ZoneInfo) -> list[Day]:
    """Sort slots, as `slots.show` gives them, into the reader's days from `first` on.

    A day without slots is there, too.
    """
    by_day: dict[date, list[JsonObject]] = {first + timedelta(days=number): [] for number in range(days)}
    for slot in slots:
        local = datetime.fromisoformat(slot["local"])
        if (of_day := by_day.get(local.date())) is not None:
            value = written(slot["starts_at"])
            clock, ends = f"{local:%H:%M}", slot["ends_at"].astimezone(zone)
            written_out = {"clock": clock, "times": f"{clock}–{ends:%H:%M}", "offset": _offset(local, zone)}
            of_day.append(dict(slot, value=value, **written_out))
    return [Day(day, of_day) for day, of_day in by_day.items()]


def _week(sought: Sought, monday: date) -> Week:
    found, off = _found(sought, monday)
    # What is cached is the same for all, so it offers a student the places that they have already.
    own = {datetime.fromisoformat(place["starts_at"]): place for place in sought.own}
    bookable = slots.bookable_now(found, closed_times(off), sought.zone, sought.now)
    days = slots_by_day([slot for slot in bookable if slot["starts_at"] not in own], monday, DAYS, sought.zone)
    empty = [day.date for day in days if not day.slots and day.date >= sought.today]
    horizon = sought.now + timedelta(days=found["horizon"])
    following, next_free = monday + timedelta(days=DAYS), None
    if not any(day.slots for day in days):
        begins = max(day_bounds(following, sought.zone)[0], sought.now + timedelta(seconds=found["notice"]))
        next_free = _next_free(sought, begins, horizon)
    return Week(
        name=name_of(monday),
        title=week_title(monday, following - timedelta(days=1), sought.today),
        days=days,
        earlier=name_of(monday - timedelta(days=DAYS)) if monday > sought.today else None,
        later=name_of(following) if following <= local_day(horizon, sought.zone) else None,
        next_free=next_free,
        time_zone=sought.time_zone,
        any_minute=found["any_minute"],
        own=[place for at, place in own.items() if monday <= local_day(at, sought.zone) < following],
        holidays=holidays_of(found, off, empty, sought.zone, sought.now),
        away=absences_of(sought.away, empty, sought.zone),
    )


def _found(sought: Sought, monday: date) -> tuple[Mapping[str, Any], JsonObject]:
    """Read the week of every zone at once, so that readers all over the world share one cached answer.

    The school's holidays stand beside it.
    """
    midnight = datetime.combine(monday, time(), UTC)
    start, end = midnight - _EARLIEST_ZONE, midnight + timedelta(days=DAYS) + _LATEST_ZONE
    query = SlotsQuery(gig_id=sought.gig_id, start=start, end=end, moved=sought.moved)
    looked_up = cache.look_up(slots.read_for(sought.teacher_id, query, sought.now), holidays.at())
    found, off = (answer.json() for answer in answer_at_once(looked_up, slots.starts_and_holidays))
    if found is None or (sought.moved is None and not slots.is_shown(found, sought.teacher_id, sought.viewer)):
        raise NotFound
    return found, off


def _next_free(sought: Sought, start: datetime, end: datetime) -> datetime | None:
    """Look ahead from a full hour on, and a day too far.

    So the same question is asked again, and answered from the cache.
    """
    hour = start.replace(minute=0, second=0, microsecond=0)
    begins = hour if hour == start else hour + timedelta(hours=1)
    ends = end.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    if begins >= ends:
        return None
    (found,) = first_free([(sought.teacher_id, sought.gig_id)], begins, ends, sought.moved)
    return found if found and found <= end else None


def _offset(local: datetime, zone: ZoneInfo) -> str:
    """Write the offset of a time that comes twice that day."""
    twice = resolve(local.replace(tzinfo=None), zone).kind == Kind.FOLD
    return f"UTC{local.isoformat()[19:]}" if twice else ""


def monday_of(name: str | None) -> date | None:
    """Return the Monday of a week by its name.

    None if that makes no sense.
    """
    match = _NAME.fullmatch(name or "")
    try:
        return date.fromisocalendar(int(match[1]), int(match[2]), 1) if match else None
    except ValueError:
        return None


def _begin_of_week(day: date) -> date:
    return day - timedelta(days=day.weekday())


def name_of(day: date) -> str:
    """Name the week of a day as addresses do, "2026-W49"."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def week_title(first: date, last: date, today: date) -> str:
    """Write "23–29 November", "30 November – 6 December", with the year if it is not the present one."""
    begin = f"{first.day}–" if first.month == last.month else f"{first.day} {first:%B} – "
    return f"{begin}{last.day} {last:%B}" + ("" if last.year == today.year else f" {last.year}")

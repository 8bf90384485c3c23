"""The slots of a gig: when a lesson of it can be booked.

What is kept in the cache depends on no clock and on no holidays of the school: the free starts of a range. Notice,
horizon, the past and holidays are cut off when the answer is given, so a slot that is shown can be booked at that
moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

import tags
from accounts.actors import Actor
from bookings.rules.checks import why_not_bookable
from bookings.rules.occupancy import lessons_of, wanted
from bookings.rules.offered import HORIZON, has_timetable
from bookings.sessions.places import Places, sessions_between
from caching import BoundRead, cache
from errors import NotFound
from gigs.queries import gig_to_book
from gigs.states import is_closed, manager_of, shown_to_others
from jsontext import JsonObject
from schedule.queries import rules_for, said_and_holidays
from schedule.times.free_time import Lesson, Slot, Wanted, free_slots, relevant, within_reach
from schedule.times.intervals import LONGEST_RANGE, Interval, overlaps
from schedule.times.rules import Rules

# A range of 62 days in quarters of an hour, around the clock, is whole; what is longer has to be asked for in parts.
MOST_SLOTS = 6000


@dataclass(frozen=True, slots=True)
class Moved:
    """A booking for which another time is sought: it keeps its length, and its old place does not count."""

    booking_id: int
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotsQuery:
    """Which slots: of this gig, with start ≤ starts_at < end.

    They are written in `time_zone`, or else in the reader's own.
    """

    gig_id: int
    start: datetime
    end: datetime
    time_zone: str | None = None
    # For somebody who may move this booking: the caller has to see to that.
    moved: Moved | None = None


# Invalidated by: the teacher's availability, time zone, role, leaving; every change of one of their gigs or bookings.
@cache.stamped("slots", ttl=600, tag=tags.teacher_slots, by="teacher_id", shape=3)
def free_starts(
    connection: Connection, teacher_id: int, gig_id: int, start: datetime, end: datetime, moved: Moved | None = None
) -> JsonObject | None:
    """Find the free starts of a gig in this range, whatever time it is now.

    Whether the school is closed then does not matter either. They are in seconds since 1970, with the seats left,
    and with their minutes if these are not the gig's. There are at most MOST_SLOTS of them; `more_from` is the
    first that is left out. None if this teacher has no such gig.
    """
    gig = gig_of(connection, teacher_id, gig_id)
    if gig is None:
        return None
    rules = rules_for(connection, gig, start, with_holidays=False)
    return _starts(connection, gig, rules, start, end, moved)


def starts_and_holidays(connection: Connection, reads: Sequence[BoundRead]) -> list[JsonObject | None]:
    """Load a read of `free_starts` and the holidays, with as many statements as the first one takes."""
    teacher_id, gig_id, start, *others = reads[0].args
    gig = gig_of(connection, teacher_id, gig_id)
    said, off = said_and_holidays(connection, teacher_id, start)
    if gig is None:
        return [None, off]
    return [_starts(connection, gig, said.rules(gig.schedule_id), start, *others), off]


def _starts(
    connection: Connection, gig: Row[Any], rules: Rules, start: datetime, end: datetime, moved: Moved | None = None
) -> JsonObject:
    lesson = lesson_of(gig, moved)
    free = free_in(connection, gig, rules, lesson, start, end, moved) if is_open(gig, moved) else iter(())
    starts = [_brief(slot, lesson) for slot in islice(free, MOST_SLOTS)]
    return {
        "status": gig.status,
        "visibility": gig.visibility,
        "starts": starts,
        "more_from": seconds_of(more) if (more := next(free, None)) else None,
        "minutes": lesson.length // timedelta(minutes=1),
        "notice": rules.notice.total_seconds(),
        "horizon": (HORIZON if has_timetable(gig) else rules.horizon).days,
        "time_zone": str(rules.zone),
        # Without weekly windows what is listed is a sample of what can be booked.
        "any_minute": rules.weekly is None and not has_timetable(gig),
    }


def read_for(teacher_id: int, query: SlotsQuery, now: datetime) -> BoundRead:
    """Name the read for a query.

    What lies behind today or beyond all horizons is left out: it is never offered.
    """
    first = now.replace(hour=0, minute=0, second=0, microsecond=0)
    last = first + HORIZON + timedelta(days=2)
    start, end = _within(query.start, first, last), _within(query.end, first, last)
    return free_starts.at(teacher_id, query.gig_id, start, end, query.moved)


def show(
    found: Mapping[str, Any] | None,
    teacher_id: int,
    closed: Sequence[Interval],
    *,
    viewer: Actor | None,
    time_zone: str | None,
    now: datetime,
) -> JsonObject:
    """Describe what `read_for` found, in this time zone or else the schedule's.

    What lies in a time at which the school is `closed` is left out. `viewer` None is a visitor. Raises NotFound if
    there is no such gig, or if it is none of their business.
    """
    if found is None or not is_shown(found, teacher_id, viewer):
        raise NotFound
    zone = ZoneInfo(time_zone or found["time_zone"])
    shown = {"data": list(bookable_now(found, closed, zone, now)), "time_zone": str(zone)}
    more = found["more_from"]
    return shown if more is None else shown | {"next_from": datetime.fromtimestamp(more, UTC)}


def is_shown(found: Mapping[str, Any], teacher_id: int, viewer: Actor | None) -> bool:
    """Tell whether a viewer, or (None) a visitor, may see the gig."""
    if viewer is not None and manager_of(teacher_id, viewer.id, viewer.role):
        return True
    return shown_to_others(found["status"], found["visibility"])


def bookable_now(
    found: Mapping[str, Any], closed: Sequence[Interval], zone: ZoneInfo, now: datetime
) -> Iterator[JsonObject]:
    """Yield those slots that can be booked now, none of them while the school is `closed`."""
    length = timedelta(minutes=found["minutes"])
    notice, horizon = timedelta(seconds=found["notice"]), timedelta(days=found["horizon"])
    for seconds, seats_left, *own in found["starts"]:
        starts_at = datetime.fromtimestamp(seconds, UTC)
        if within_reach(starts_at, now, notice, horizon):
            local = starts_at.astimezone(zone).isoformat()
            ends_at = starts_at + (timedelta(minutes=own[0]) if own else length)
            if overlaps(closed, starts_at, ends_at):
                continue
            yield {"starts_at": starts_at, "ends_at": ends_at, "local": local, "seats_left": seats_left}


def seconds_of(slot: Slot) -> int:
    return int(slot.starts_at.timestamp())


def _brief(slot: Slot, lesson: Wanted) -> tuple[int, ...]:
    length = slot.ends_at - slot.starts_at
    return seconds_of(slot), slot.seats_left, *(() if length == lesson.length else (length // timedelta(minutes=1),))


def gig_of(connection: Connection, teacher_id: int, gig_id: int) -> Row[Any] | None:
    gig = gig_to_book(connection, gig_id)
    return gig if gig is not None and gig.teacher_id == teacher_id and gig.is_taught else None


def is_open(gig: Row[Any], moved: Moved | None) -> bool:
    """Tell whether times are offered at all.

    A user who has a lesson already can still find another time for it.
    """
    return why_not_bookable(gig) is None if moved is None else not is_closed(gig.status)


def lesson_of(gig: Row[Any], moved: Moved | None) -> Wanted:
    lesson = wanted(gig)
    return replace(lesson, length=timedelta(minutes=moved.minutes)) if moved else lesson


def free_in(
    connection: Connection,
    gig: Row[Any],
    rules: Rules,
    lesson: Wanted,
    start: datetime,
    end: datetime,
    moved: Moved | None,
) -> Iterator[Slot]:
    """Yield the free slots of a range, in order."""
    without = moved.booking_id if moved else None
    if has_timetable(gig):
        sessions = sessions_between(connection, gig.id, start, end, without=without)
        yield from in_sessions(sessions)
        return
    near = relevant(rules, lesson.length, start, end)
    lessons = lessons_of(connection, [gig.teacher_id], *near, without=without)[gig.teacher_id]
    yield from in_hours(rules, lesson, lessons, start, end)


def in_sessions(sessions: Iterable[Places]) -> Iterator[Slot]:
    return (Slot(places.starts_at, places.ends_at, places.left) for places in sessions if places.left)


def in_hours(rules: Rules, lesson: Wanted, lessons: Sequence[Lesson], start: datetime, end: datetime) -> Iterator[Slot]:
    # Who looks for the first one alone finds it in the first few weeks, mostly; the rest is not computed before.
    while start < end:
        until = min(start + LONGEST_RANGE, end)
        yield from free_slots(rules, lesson, lessons, start, until)
        start = until


def _within(instant: datetime, first: datetime, last: datetime) -> datetime:
    return min(max(instant, first), last)

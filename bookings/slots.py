"""The slots of a gig: when a lesson of it can be booked, in the time of whoever reads.

What is kept in the cache depends on no clock: the free starts of a range. Notice, horizon and the past are cut off when
the answer is given, so a slot that is shown can be booked at that moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

import tags
from accounts.actors import Actor
from bookings.admission import HORIZON, why_not_bookable
from bookings.lessons import lessons_of, wanted
from caching import BoundRead, cache
from errors import NotFound
from gigs.queries import gig_to_book
from gigs.states import manager_of, shown_to_others
from schedule.free_time import free_slots, relevant, within_reach
from schedule.queries import rules_of

LONGEST_RANGE = timedelta(days=62)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotsQuery:
    """Which slots: of this gig, with start ≤ starts_at < end; written in `time_zone`, or else the reader's own."""

    gig_id: int
    start: datetime
    end: datetime
    time_zone: str | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day with its slots, each with a `label`: its time, "16:00", or "02:30 (UTC+02:00)" where that comes twice."""

    date: date
    slots: list[dict[str, Any]]


# Touched by: the teacher's availability, time zone, role, leaving; every change of one of their gigs or bookings.
@cache.stamped("slots", ttl=600, tag=tags.teacher_slots, by="teacher_id")
def free_starts(
    connection: Connection, teacher_id: int, gig_id: int, start: datetime, end: datetime
) -> dict[str, Any] | None:
    """Find the free starts of a gig in this range, in seconds since 1970 with the seats left, whatever time it is now.

    None if this teacher has no such gig.
    """
    gig = gig_to_book(connection, gig_id)
    if gig is None or gig.teacher_id != teacher_id or not gig.is_taught:
        return None
    rules, lesson = rules_of(connection, [teacher_id])[teacher_id], wanted(gig)
    starts: list[tuple[int, int]] = []
    if not why_not_bookable(gig):
        lessons = lessons_of(connection, [teacher_id], *relevant(rules, lesson.length, start, end))[teacher_id]
        free = free_slots(rules, lesson, lessons, start, end)
        starts = [(int(slot.starts_at.timestamp()), slot.seats_left) for slot in free]
    terms = {"minutes": gig.duration_minutes, "notice": rules.notice.total_seconds(), "horizon": rules.horizon.days}
    return {"status": gig.status, "visibility": gig.visibility, "time_zone": str(rules.zone), "starts": starts, **terms}


def read_for(teacher_id: int, query: SlotsQuery, now: datetime) -> BoundRead:
    """Name the read for a query. What lies behind today or beyond all horizons is left out: it is never offered."""
    first = now.replace(hour=0, minute=0, second=0, microsecond=0)
    last = first + HORIZON + timedelta(days=2)
    return free_starts.at(teacher_id, query.gig_id, _within(query.start, first, last), _within(query.end, first, last))


def show(
    found: Mapping[str, Any] | None, teacher_id: int, *, viewer: Actor | None, time_zone: str | None, now: datetime
) -> dict[str, Any]:
    """Describe what `read_for` found, in this time zone or else the teacher's, to somebody or (None) anybody.

    Raises NotFound if there is no such gig, or if it is none of their business.
    """
    if found is None or not (
        shown_to_others(found["status"], found["visibility"])
        or (viewer is not None and manager_of(teacher_id, viewer.id, viewer.role))
    ):
        raise NotFound
    zone = ZoneInfo(time_zone or found["time_zone"])
    return {"data": list(_slots(found, zone, now)), "time_zone": str(zone)}


def slots_by_day(slots: Sequence[Mapping[str, Any]], first: date, days: int) -> list[Day]:
    """Sort slots, as `show` gives them, into the reader's days from `first` on; a day without any is there, too."""
    by_day: dict[date, list[Mapping[str, Any]]] = {first + timedelta(days=number): [] for number in range(days)}
    for slot in slots:
        day = datetime.fromisoformat(slot["local"]).date()
        if day in by_day:
            by_day[day].append(slot)
    return [Day(day, _labelled(of_day)) for day, of_day in by_day.items()]


def _slots(found: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield those slots that can be booked now."""
    length = timedelta(minutes=found["minutes"])
    notice, horizon = timedelta(seconds=found["notice"]), timedelta(days=found["horizon"])
    for seconds, seats_left in found["starts"]:
        starts_at = datetime.fromtimestamp(seconds, UTC)
        if within_reach(starts_at, now, notice, horizon):
            local = starts_at.astimezone(zone).isoformat()
            yield {"starts_at": starts_at, "ends_at": starts_at + length, "local": local, "seats_left": seats_left}


def _labelled(slots: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Label the slots of one day with their times; of times that come twice that day each says its offset."""
    clocks = Counter(_clock(slot) for slot in slots)
    return [dict(slot, label=_label(slot, twice=clocks[_clock(slot)] > 1)) for slot in slots]


def _label(slot: Mapping[str, Any], *, twice: bool) -> str:
    return f"{_clock(slot)} (UTC{slot['local'][19:]})" if twice else _clock(slot)


def _clock(slot: Mapping[str, Any]) -> str:
    return str(slot["local"][11:16])


def _within(instant: datetime, first: datetime, last: datetime) -> datetime:
    return min(max(instant, first), last)

"""The slots of a gig: when a lesson of it can be booked, in the time of whoever reads.

What is kept in the cache depends on no clock: the free starts of a range. Notice, horizon and the past are cut off when
the answer is given, so a slot that is shown can be booked at that moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
    # Without weekly windows what is listed is a sample of what can be booked.
    terms |= {"time_zone": str(rules.zone), "any_minute": rules.weekly is None}
    return {"status": gig.status, "visibility": gig.visibility, "starts": starts, **terms}


# Touched by: the same.
@cache.stamped("slots", ttl=600, tag=tags.teacher_slots, by="teacher_id")
def next_free_start(connection: Connection, teacher_id: int, gig_id: int, start: datetime, end: datetime) -> int | None:
    """Find the first free start of a gig in a range of any length, in seconds since 1970; None if there is none."""
    gig = gig_to_book(connection, gig_id)
    if gig is None or gig.teacher_id != teacher_id or not gig.is_taught or why_not_bookable(gig):
        return None
    rules, lesson = rules_of(connection, [teacher_id])[teacher_id], wanted(gig)
    lessons = lessons_of(connection, [teacher_id], *relevant(rules, lesson.length, start, end))[teacher_id]
    # Most are found in the first few weeks, so the rest is not computed before it is needed.
    while start < end:
        until = min(start + LONGEST_RANGE, end)
        if slot := next(free_slots(rules, lesson, lessons, start, until), None):
            return int(slot.starts_at.timestamp())
        start = until
    return None


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


def _slots(found: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield those slots that can be booked now."""
    length = timedelta(minutes=found["minutes"])
    notice, horizon = timedelta(seconds=found["notice"]), timedelta(days=found["horizon"])
    for seconds, seats_left in found["starts"]:
        starts_at = datetime.fromtimestamp(seconds, UTC)
        if within_reach(starts_at, now, notice, horizon):
            local = starts_at.astimezone(zone).isoformat()
            yield {"starts_at": starts_at, "ends_at": starts_at + length, "local": local, "seats_left": seats_left}


def _within(instant: datetime, first: datetime, last: datetime) -> datetime:
    return min(max(instant, first), last)

"""The next free time of gigs, of many at once: for pages that show when each of them is free."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Row

import tags
from bookings.rules.occupancy import lessons_of, wanted
from bookings.rules.offered import has_timetable
from bookings.sessions.places import Places, sessions_of_gigs
from bookings.slots.queries import Moved, free_in, gig_of, in_hours, in_sessions, is_open, lesson_of, seconds_of
from caching import BoundRead, cache
from caching.reads import answer_together
from gigs.queries import gigs_to_book
from schedule.holidays.queries import closed_times, holidays
from schedule.queries import rules_for, rules_of
from schedule.times.free_time import Lesson, Slot, relevant
from schedule.times.intervals import Interval, end_of_what_overlaps
from schedule.times.rules import Rules


# Invalidated by: the teacher's availability, time zone, role, leaving; every change of one of their gigs or bookings.
@cache.stamped("slots", ttl=600, tag=tags.teacher_slots, by="teacher_id", shape=4)
def next_free_start(
    connection: Connection, teacher_id: int, gig_id: int, start: datetime, end: datetime, moved: Moved | None = None
) -> dict[str, int | None]:
    """Find the first free `start` of a gig in a range of any length.

    Whether the school is closed then does not matter. It is in seconds since 1970, and so is its `end`. None if
    there is none. That there is none takes longest to find out, so it is an answer that is kept like any other.
    """
    gig = gig_of(connection, teacher_id, gig_id)
    if gig is None or not is_open(gig, moved):
        return {"start": None}
    rules, lesson = rules_for(connection, gig, start, with_holidays=False), lesson_of(gig, moved)
    return _first(free_in(connection, gig, rules, lesson, start, end, moved))


def _first(free: Iterator[Slot]) -> dict[str, int | None]:
    slot = next(free, None)
    return {"start": seconds_of(slot), "end": int(slot.ends_at.timestamp())} if slot else {"start": None}


def _first_starts(connection: Connection, reads: Sequence[BoundRead]) -> list[dict[str, int | None]]:
    """Load several reads of `next_free_start` with few statements."""
    if any(read.args[4] for read in reads):
        return [cast("dict[str, int | None]", read.query(connection, *read.args)) for read in reads]
    gigs = [gig for gig in gigs_to_book(connection, {read.args[1] for read in reads}) if _is_offered(gig)]
    if not gigs:
        return [{"start": None} for _ in reads]
    start, end = min(read.args[2] for read in reads), max(read.args[3] for read in reads)
    known = _read_offers(connection, gigs, start, end)
    return [_first(known.free(*read.args[:4])) for read in reads]


def _is_offered(gig: Row[Any]) -> bool:
    return gig.is_taught and is_open(gig, None)


@dataclass(frozen=True, slots=True)
class _Offers:
    """Gigs, by their teachers' ids and their own, with all that says when they are free."""

    gigs: Mapping[tuple[int, int], Row[Any]]
    rules: Mapping[tuple[int, int | None], Rules]
    lessons: Mapping[int, Sequence[Lesson]]
    sessions: Sequence[Places]

    def free(self, teacher_id: int, gig_id: int, start: datetime, end: datetime) -> Iterator[Slot]:
        """Yield the free slots of a gig, as `free_in` does."""
        gig = self.gigs.get((teacher_id, gig_id))
        if gig is None:
            return iter(())
        if has_timetable(gig):
            return in_sessions(it for it in self.sessions if it.gig_id == gig_id and start <= it.starts_at < end)
        rules, lessons = self.rules[teacher_id, gig.schedule_id], self.lessons.get(teacher_id, ())
        return in_hours(rules, wanted(gig), lessons, start, end)


def _read_offers(connection: Connection, gigs: Sequence[Row[Any]], start: datetime, end: datetime) -> _Offers:
    rules = rules_of(connection, gigs, start, with_holidays=False)
    spans = [relevant(rules[gig.teacher_id, gig.schedule_id], wanted(gig).length, start, end) for gig in gigs]
    near = min(span[0] for span in spans), max(span[1] for span in spans)
    timetables = [gig.id for gig in gigs if has_timetable(gig)]
    return _Offers(
        gigs={(gig.teacher_id, gig.id): gig for gig in gigs},
        rules=rules,
        lessons=lessons_of(connection, {gig.teacher_id for gig in gigs}, *near),
        sessions=sessions_of_gigs(connection, timetables, start, end) if timetables else [],
    )


def first_free(
    gigs: Sequence[tuple[int, int]], start: datetime, end: datetime, moved: Moved | None = None
) -> list[datetime | None]:
    """Find the first start in a range that each of these gigs offers while the school is open.

    A gig is named by its teacher's id and its own. All are looked up in one round trip, and in another one for each
    holiday that is in the way.
    """
    found: list[datetime | None] = [None] * len(gigs)
    begins, closed = dict.fromkeys(range(len(gigs)), start), None
    while begins:
        reads = [next_free_start.at(*gigs[place], since, end, moved) for place, since in begins.items()]
        *looked_up, off = cache.look_up(*reads, holidays.at())
        closed = closed or closed_times(off.answer().json())
        slots = answer_together(looked_up, _first_starts)
        for place, slot in zip(list(begins), slots, strict=True):
            found[place], again = _open_start(slot.json(), closed)
            del begins[place]
            if again is not None and again < end:
                begins[place] = again
    return found


def _open_start(slot: Mapping[str, Any], closed: Sequence[Interval]) -> tuple[datetime | None, datetime | None]:
    """Return the start of a slot if the school is open then, or else from when on to look for another one."""
    if slot["start"] is None:
        return None, None
    starts_at, ends_at = (datetime.fromtimestamp(slot[name], UTC) for name in ("start", "end"))
    again = end_of_what_overlaps(closed, starts_at, ends_at)
    return (starts_at, None) if again is None else (None, again)

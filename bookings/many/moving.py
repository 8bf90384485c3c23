"""Moving several lessons at once, and the times that suit new hours."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, select

from accounts.actors import Actor
from accounts.rights import runs_school
from bookings.many.service import REFUSALS, Outcome
from bookings.models import Booking
from bookings.moves import service as moves
from bookings.records import COLUMNS, BookingRecord
from bookings.rules.agreement import NewTime
from bookings.rules.checks import gig_as_booked
from bookings.rules.occupancy import lessons_of
from bookings.rules.offered import AsBooked, has_timetable
from bookings.states import can_move
from database import reading
from errors import Invalid, SlotUnavailable, WrongState
from gigs.queries import gig_to_book
from schedule.queries import rules_of
from schedule.times.free_time import Lesson, Slot, Wanted, free_slots, relevant, within_reach
from schedule.times.rules import Rules

# So far before and after its present time another one is looked for, and so many are proposed.
NEAR, MOST_PROPOSED = timedelta(days=14), 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyMoves:
    """New times of several lessons, by id, and why."""

    to: Mapping[int, datetime] = field(default_factory=dict)
    reason: str = ""


# A lesson with its gig, and the rules of that.
_Way = tuple[BookingRecord, AsBooked, Rules]


def move_all(wanted: ManyMoves, *, actor: Actor, now: datetime) -> list[Outcome]:
    """Move several lessons, or ask for that, and tell what became of each, in the order asked.

    Each has a transaction of its own, so what one is refused for undoes nothing of the others.
    """
    times = {booking_id: NewTime(starts_at=at, reason=wanted.reason) for booking_id, at in wanted.to.items()}
    return [_move(booking_id, to, actor, now) for booking_id, to in times.items()]


def _move(booking_id: int, to: NewTime, actor: Actor, now: datetime) -> Outcome:
    try:
        moves.move(booking_id, to, actor=actor, now=now)
    except REFUSALS as error:
        return Outcome(booking_id, error)
    except Invalid:
        # The time has passed, or lies beyond what can be booked at all.
        return Outcome(booking_id, SlotUnavailable())
    return Outcome(booking_id)


def proposals(ids: Collection[int], actor: Actor, now: datetime) -> dict[int, list[datetime]]:
    """Find free times for lessons that are to be moved, by id and the nearest first.

    The user gives these lessons or looks after them. The first one of each lesson overlaps with the first one of no
    other of its teacher's, so all of them can be taken together. There are none for a lesson that cannot be moved,
    is in a session, or has nothing free within two weeks.
    """
    with reading() as connection:
        lessons = _movable(connection, ids, actor, now)
        gigs = _gigs(connection, lessons)
        rules = rules_of(connection, gigs.values(), now)
        chosen = [(lesson, gigs[lesson.gig_id]) for lesson in lessons if lesson.gig_id in gigs]
        ways = [(lesson, gig, rules[gig.teacher_id, gig.schedule_id]) for lesson, gig in chosen]
        taken = _taken(connection, ways)
    found = {}
    for lesson, gig, its_rules in ways:
        starts = _nearest(its_rules, gig, lesson, _without(taken[lesson.teacher_id], lesson), now)
        # The old time may not become free after all, so those that follow leave it alone, too.
        first = (Lesson(gig_id=gig.id, starts_at=it, ends_at=it + lesson.length) for it in starts[:1])
        taken[lesson.teacher_id].extend(first)
        found[lesson.id] = starts
    return found


def _movable(connection: Connection, ids: Collection[int], actor: Actor, now: datetime) -> list[BookingRecord]:
    chosen: list[ColumnElement[bool]] = [Booking.id.in_(ids), Booking.session_id.is_(None)]
    if not runs_school(actor.role):
        chosen.append(Booking.teacher_id == actor.id)
    rows = connection.execute(select(*COLUMNS).where(*chosen).order_by(Booking.starts_at, Booking.id))
    return [lesson for lesson in map(BookingRecord.of, rows) if can_move(lesson, actor, now)]


def _taken(connection: Connection, ways: Sequence[_Way]) -> dict[int, list[Lesson]]:
    """Read, in one statement, what of the teachers' time matters for all of them, by teacher."""
    if not ways:
        return {}
    spans = [relevant(rules, it.length, it.starts_at - NEAR, it.starts_at + NEAR) for it, _, rules in ways]
    start, end = min(span[0] for span in spans), max(span[1] for span in spans)
    return lessons_of(connection, {gig.teacher_id for _, gig, _ in ways}, start, end)


def _gigs(connection: Connection, lessons: Sequence[BookingRecord]) -> dict[int, AsBooked]:
    """Read the gigs of these lessons that are taught at times which students choose."""
    found = {}
    for lesson in {lesson.gig_id: lesson for lesson in lessons}.values():
        gig = gig_to_book(connection, lesson.gig_id)
        if gig is None or has_timetable(gig):
            continue
        try:
            found[lesson.gig_id] = gig_as_booked(gig, lesson.length)
        except WrongState:
            # Lessons of a gig that is not taught any more keep their times.
            continue
    return found


def _nearest(
    rules: Rules, gig: AsBooked, lesson: BookingRecord, others: Sequence[Lesson], now: datetime
) -> list[datetime]:
    """Return the free times next to that of a lesson, the nearest first."""
    wanted = Wanted(gig_id=gig.id, length=lesson.length, capacity=gig.capacity)
    slots: Iterator[Slot] = free_slots(rules, wanted, others, lesson.starts_at - NEAR, lesson.starts_at + NEAR)
    reached = (it.starts_at for it in slots if within_reach(it.starts_at, now, rules.notice, rules.horizon))
    return sorted(reached, key=lambda start: (abs(start - lesson.starts_at), start))[:MOST_PROPOSED]


def _without(taken: Sequence[Lesson], lesson: BookingRecord) -> list[Lesson]:
    """Leave out what a lesson holds itself."""
    left = []
    place = (lesson.gig_id, lesson.starts_at)
    for each in taken:
        if (each.gig_id, each.starts_at) == place:
            if each.seats > 1:
                left.append(replace(each, seats=each.seats - 1, counted=max(0, each.counted - 1)))
            place = (0, lesson.starts_at)
        else:
            left.append(each)
    return left

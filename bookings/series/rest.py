"""One change for a lesson of a weekly series and all later ones, each with its own result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from bookings import records, service
from bookings.many.service import REFUSALS, Outcome
from bookings.models import Booking
from bookings.moves import service as moves
from bookings.records import COLUMNS, BookingRecord
from bookings.rules import checks
from bookings.rules.agreement import NewTime, StatusChange
from bookings.statuses import ACTIVE
from bookings.waitlist.queue import lock_all
from database import reading, writing
from errors import Invalid, NotFound, SlotUnavailable
from gigs.queries import gig_for_booking
from schedule.queries import rules_for
from schedule.times.wall_time import resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class RestChange:
    """What is to become of a series from one of its lessons on: another status, or another time.

    `starts_at` of a new time is that of the first; the others are moved by as much of the clock on the wall. The
    fee that the user was told is that of the first, too: the others are moved if that leaves nothing owing.
    """

    first_id: int
    change: StatusChange | NewTime


def change_rest(series_id: int, wanted: RestChange, *, actor: Actor, now: datetime) -> list[Outcome]:
    """Change what is still open of a series from one lesson on.

    Returns what became of each, in order of time. Each is changed or refused as if alone, but in one transaction, so
    that its people are told once. Raises NotFound if the series has no such lesson or it is not visible to the user,
    Invalid if no lesson can begin then.
    """
    if isinstance(wanted.change, NewTime):
        checks.require_bookable_time(wanted.change.starts_at, now)
    with writing() as session:
        first = records.read(session, wanted.first_id)
        if first.series_id != series_id or not first.parties(actor):
            raise NotFound
        zone = _zone(session, first)
        lock_all(session, first.teacher_id, {first.student_id})
        open_ = _open(session, first)
        if isinstance(wanted.change, NewTime):
            return _move(session, first, open_, wanted.change, zone, actor, now)
        return [_end(session, lesson, wanted.change, actor, now) for lesson in open_]


def later(record: BookingRecord) -> int:
    """Count the lessons of a series that come after one of them and are still open."""
    if record.series_id is None:
        return 0
    with reading() as connection:
        return sum(lesson.id != record.id for lesson in _open(connection, record))


def _zone(session: Session, first: BookingRecord) -> ZoneInfo:
    """Return the zone in whose clock the series stays at its time.

    It locks the gig, which always comes before people.
    """
    gig = gig_for_booking(session, first.gig_id)
    assert gig is not None
    return rules_for(session, gig, first.starts_at).zone


def _open(connection: Connection | Session, first: BookingRecord) -> list[BookingRecord]:
    statement = select(*COLUMNS).where(Booking.series_id == first.series_id, Booking.starts_at >= first.starts_at)
    rows = connection.execute(statement.where(Booking.status.in_(ACTIVE)).order_by(Booking.starts_at, Booking.id)).all()
    return [BookingRecord.of(row) for row in rows]


def _end(session: Session, lesson: BookingRecord, step: StatusChange, actor: Actor, now: datetime) -> Outcome:
    try:
        with session.begin_nested():
            service.change(session, lesson, step, actor=actor, now=now)
    except REFUSALS as error:
        return Outcome(lesson.id, error)
    return Outcome(lesson.id)


def _move(
    session: Session,
    first: BookingRecord,
    lessons: list[BookingRecord],
    wanted: NewTime,
    zone: ZoneInfo,
    actor: Actor,
    now: datetime,
) -> list[Outcome]:
    """Move lessons by what the first is moved by on the wall.

    Those that make room for others go first: the last ones, if all of them are put off.
    """
    shift = _wall(wanted.starts_at, zone) - _wall(first.starts_at, zone)
    outcomes = {}
    for lesson in reversed(lessons) if shift > timedelta() else lessons:
        told = wanted.fee_cents if lesson.id == first.id or wanted.fee_cents is None else 0
        try:
            starts_at = wanted.starts_at if lesson.id == first.id else _shifted(lesson, shift, zone)
            with session.begin_nested():
                moves.move(lesson.id, replace(wanted, starts_at=starts_at, fee_cents=told), actor=actor, now=now)
        except REFUSALS as error:
            outcomes[lesson.id] = Outcome(lesson.id, error)
        except Invalid:
            # It lies beyond what can be booked at all.
            outcomes[lesson.id] = Outcome(lesson.id, SlotUnavailable())
        else:
            outcomes[lesson.id] = Outcome(lesson.id)
    return [outcomes[lesson.id] for lesson in lessons]


def _shifted(lesson: BookingRecord, shift: timedelta, zone: ZoneInfo) -> datetime:
    """Return when a lesson begins that is moved on the wall.

    Raises SlotUnavailable on a day that the zone leaves out.
    """
    meant = _wall(lesson.starts_at, zone) + shift
    found = resolve(meant, zone)
    if found.local.date() != meant.date():
        raise SlotUnavailable
    return found.instant


def _wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)

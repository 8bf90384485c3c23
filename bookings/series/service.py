"""Weekly series of lessons: booking one, and answering or cancelling what of it is still to come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from bookings import records, service, writes
from bookings.models import Booking
from bookings.records import COLUMNS, BookingRecord, Place
from bookings.rules import cancellation, checks
from bookings.rules.agreement import LessonRequest, StatusChange, require_as_seen, wanted_in
from bookings.rules.limits import DEFAULT_LIMITS, Limits, require_room
from bookings.series.plan import Planned, plan
from bookings.series.queries import series_lessons
from bookings.states import Verdict, allowed_transitions, judge
from bookings.statuses import BookingStatus
from bookings.waitlist.queue import lock_all
from database import reading, writing
from errors import FeeChanged, NotFound, SeriesConflict
from jsontext import JsonObject
from schedule.queries import rules_for

# What becomes of a series of which not every lesson can be booked.
FAIL, SKIP = "fail", "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRequest:
    """The same lesson every week.

    `on_conflict` says what to do where one of them cannot be booked.
    """

    lesson: LessonRequest
    weeks: int
    on_conflict: str = FAIL


@dataclass(frozen=True, slots=True)
class Booked:
    """A series that has been booked, and the lessons that could not be."""

    series_id: int
    skipped: list[Planned]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """All lessons of a series, and what can be done from one of them on.

    `possible` has the number of lessons by status, `fees` what that costs.
    """

    lessons: list[JsonObject]
    possible: Mapping[str, int]
    fees: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Changed:
    """The lessons of a series that have been changed, in order of time."""

    series_id: int
    ids: list[int]


def series_in(sent: Mapping[str, Any]) -> SeriesRequest:
    """Read the series that a program or a form asks for."""
    return SeriesRequest(lesson=wanted_in(sent), weeks=sent["weeks"], on_conflict=sent["on_conflict"])


def book_series(series: SeriesRequest, *, actor: Actor, now: datetime, limits: Limits = DEFAULT_LIMITS) -> Booked:
    """Book a lesson every week at the same time of the teacher's clock.

    Each is pending until the teacher answers, unless the gig confirms at once. Raises what `create_booking` raises,
    but SeriesConflict where lessons cannot be booked: with FAIL if it is any of them, with SKIP if it is all.
    """
    wanted = series.lesson
    student_id = checks.whom_to_book_for(actor, wanted.student_id)
    checks.require_bookable_time(wanted.starts_at, now)
    with writing() as session:
        gig = checks.bookable_gig(session, wanted.gig_id, actor)
        require_as_seen(gig._mapping, wanted.seen)
        checks.lock_people(session, student_id, gig.teacher_id)
        require_room(session, limits, actor, student_id, gig, now=now, series=True)
        rules = rules_for(session, gig, wanted.starts_at)
        planned = plan(session, gig, student_id, rules, wanted.starts_at, series.weeks, now)
        skipped = [lesson for lesson in planned if lesson.obstacle]
        if len(skipped) == len(planned) or (skipped and series.on_conflict == FAIL):
            raise SeriesConflict([(lesson.starts_at, str(lesson.reason)) for lesson in skipped])
        free = [lesson.place for lesson in planned if lesson.place]
        return Booked(_insert(session, gig, student_id, actor, free, wanted.note, now), skipped)


def change_later(booking_id: int, step: StatusChange, *, actor: Actor, now: datetime) -> Changed:
    """Bring a lesson of a series and all later ones into another state, as far as possible.

    The step's fee is that of all of them. Raises NotFound if there is no such series, or if it is not visible to the
    user, FeeChanged; if no lesson can be changed, what `change_status` raises for the first.
    """
    with writing() as session:
        booking = records.read(session, booking_id)
        if booking.series_id is None or not booking.parties(actor):
            raise NotFound
        lock_all(session, booking.teacher_id, {booking.student_id})
        lessons = _later(session, booking.series_id, booking.starts_at)
        changing = [lesson for lesson in lessons if judge(lesson, actor, step.to, now) == Verdict.ALLOWED]
        for lesson in changing or [booking]:
            service.change(session, lesson, replace(step, fee_cents=None), actor=actor, now=now)
        possible = [lesson.id for lesson in changing]
        if step.fee_cents not in (None, owed := _fees(session, possible)) and not step.waive_fee:
            raise FeeChanged({"fee_cents": owed})
        return Changed(booking.series_id, possible)


def steps(booking: BookingRecord, viewer: Actor, now: datetime) -> Steps | None:
    """Tell what can be done with a lesson of a series and all later ones.

    Returns None if it is in no series.
    """
    if booking.series_id is None:
        return None
    possible: Counter[str] = Counter()
    fees: Counter[str] = Counter()
    with reading() as connection:
        later = _later(connection, booking.series_id, booking.starts_at)
    for lesson in later:
        owed = cancellation.fee_cents(lesson, by_student=viewer.id == lesson.student_id, now=now)
        for step in allowed_transitions(lesson, viewer, now):
            possible[step] += 1
            fees[step] += owed
    several = {step: number for step, number in possible.items() if number > 1}
    return Steps(lessons=series_lessons(booking.series_id), possible=several, fees=fees)


def _insert(
    session: Session, gig: Row[Any], student_id: int, actor: Actor, places: Sequence[Place], note: str, now: datetime
) -> int:
    """Insert the lessons and return the series' id, which is that of its first lesson."""
    lessons = [writes.new_booking(gig, student_id, place, now) for place in places]
    for lesson in lessons:
        lesson.note = note
        lesson.status = BookingStatus.ACCEPTED if checks.confirms_at_once(gig) else BookingStatus.PENDING
    return writes.create(session, *lessons, by=actor, now=now, as_series=True)


def _fees(session: Session, ids: Sequence[int]) -> int:
    """Add up what these lessons have left owing."""
    return session.scalar(select(func.sum(Booking.cancellation_fee_cents)).where(Booking.id.in_(ids))) or 0


def _later(connection: Connection | Session, series_id: int, start: datetime) -> list[BookingRecord]:
    """Read the lessons of a series that begin at `start` or later, in order of time."""
    statement = select(*COLUMNS).where(Booking.series_id == series_id, Booking.starts_at >= start)
    rows = connection.execute(statement.order_by(Booking.starts_at, Booking.id)).all()
    return [BookingRecord.of(row) for row in rows]

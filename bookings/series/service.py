"""Weekly series of lessons: booking one, and answering or cancelling what of it is still to come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.orm import Session, aliased

from accounts.actors import Actor
from bookings import service, writes
from bookings.models import Booking, BookingEvent, BookingStatus
from bookings.queries import series_lessons
from bookings.rules import cancellation, checks
from bookings.rules.agreement import LessonRequest, StatusChange, require_as_seen
from bookings.rules.limits import DEFAULT_LIMITS, Limits, require_room
from bookings.series.plan import Planned, plan
from bookings.states import Verdict, allowed_transitions, judge
from bookings.waitlist import queue
from database import writing
from errors import FeeChanged, NotFound, SeriesConflict
from schedule.queries import rules_of

# What becomes of a series of which not every lesson can be booked.
FAIL, SKIP = "fail", "skip"


@dataclass(frozen=True, slots=True)
class Booked:
    """A series that has been booked, and the lessons that could not be."""

    series_id: int
    skipped: list[Planned]


@dataclass(frozen=True, slots=True)
class Changed:
    """The lessons of a series that have been changed, in order of time."""

    series_id: int
    ids: list[int]


def book_series(
    wanted: LessonRequest,
    weeks: int,
    *,
    on_conflict: str,
    actor: Actor,
    now: datetime,
    limits: Limits = DEFAULT_LIMITS,
) -> Booked:
    """Book a lesson every week at the same time of the teacher's clock; each is pending until the teacher answers.

    Raises what `create_booking` raises, but SeriesConflict where lessons cannot be booked: with FAIL if it is any of
    them, with SKIP if it is all.
    """
    student_id = checks.whom_to_book_for(actor, wanted.student_id)
    checks.require_bookable_time(wanted.starts_at, now)
    with writing() as session:
        gig = checks.bookable_gig(session, wanted.gig_id, actor)
        require_as_seen(gig._mapping, wanted.seen)
        checks.lock_people(session, student_id, gig.teacher_id)
        require_room(session, limits, actor, student_id, gig.teacher_id, series=True)
        rules = rules_of(session, [gig.teacher_id])[gig.teacher_id]
        planned = plan(session, gig, student_id, rules, wanted.starts_at, weeks, now)
        skipped = [lesson for lesson in planned if lesson.obstacle]
        if len(skipped) == len(planned) or (skipped and on_conflict == FAIL):
            raise SeriesConflict([(lesson.starts_at, str(lesson.reason)) for lesson in skipped])
        free = [lesson for lesson in planned if not lesson.obstacle]
        return Booked(_insert(session, gig, student_id, actor, free, wanted.note, now), skipped)


def change_later(booking_id: int, step: StatusChange, *, actor: Actor, now: datetime) -> Changed:
    """Bring a lesson of a series and all later ones into another state, those which it is possible for.

    The step's fee is that of all of them. Raises NotFound if there is no such series, or if it is none of their
    business, FeeChanged; if no lesson can be changed, what `change_status` raises for the first.
    """
    with writing() as session:
        series_id, ids = _this_and_later(session, booking_id)
        standings = {row_id: service.read_standing(session, row_id) for row_id in ids}
        if not ids or not standings[booking_id].parties(actor):
            raise NotFound
        queue.lock_all(session, standings[booking_id])
        possible = [row_id for row_id in ids if judge(standings[row_id], actor, step.to, now) == Verdict.ALLOWED]
        for row_id in possible or [booking_id]:
            service.change_status(row_id, replace(step, fee_cents=None), actor=actor, now=now)
        if step.fee_cents not in (None, owed := _fees(session, possible)) and not step.waive_fee:
            raise FeeChanged({"fee_cents": owed})
        return Changed(series_id, possible)


def steps(booking: Mapping[str, Any], viewer: Actor, now: datetime) -> dict[str, Any] | None:
    """Describe the series of a lesson, as its page shows it: all lessons, what can be done from this one on, its cost.

    Returns None if the lesson, which `booking_detail` has described, is in no series.
    """
    if booking["series_id"] is None:
        return None
    lessons = series_lessons(booking["series_id"])
    possible: Counter[str] = Counter()
    fees: Counter[str] = Counter()
    for standing, terms in cancellation.later_in_series(booking["series_id"], booking["starts_at"]):
        owed = cancellation.fee_cents(terms, by_student=viewer.id == standing.student_id, now=now)
        for step in allowed_transitions(standing, viewer, now):
            possible[step] += 1
            fees[step] += owed
    several = {step: number for step, number in possible.items() if number > 1}
    return {"lessons": lessons, "possible": several, "fees": fees}


def _insert(
    session: Session,
    gig: Row[Any],
    student_id: int,
    actor: Actor,
    planned: Sequence[Planned],
    note: str,
    now: datetime,
) -> int:
    """Insert the lessons and return the series' id, which is that of its first lesson."""
    lessons = [writes.new_booking(gig, student_id, lesson.starts_at, now) for lesson in planned]
    for lesson, place in zip(lessons, planned, strict=True):
        lesson.note, lesson.seat = note, place.seat
    writes.insert(session, *lessons)
    series_id = lessons[0].id
    session.execute(update(Booking).where(Booking.id.in_([it.id for it in lessons])).values(series_id=series_id))
    session.add_all(
        BookingEvent(booking_id=lesson.id, actor_id=actor.id, at=now, to_status=BookingStatus.PENDING)
        for lesson in lessons
    )
    writes.invalidate_lists(student_id, gig.teacher_id)
    return series_id


def _fees(session: Session, ids: Sequence[int]) -> int:
    """Add up what these lessons have left owing."""
    return session.scalar(select(func.sum(Booking.cancellation_fee_cents)).where(Booking.id.in_(ids))) or 0


def _this_and_later(session: Session, booking_id: int) -> tuple[int, list[int]]:
    """Return a lesson's series, and its own and the later lessons' ids in order of time; none if it is in no series."""
    this = aliased(Booking)
    later = (Booking.series_id == this.series_id, Booking.starts_at >= this.starts_at)
    statement = select(Booking.id, Booking.series_id).join(this, this.id == booking_id).where(*later)
    rows = session.execute(statement.order_by(Booking.starts_at, Booking.id)).all()
    return (rows[0].series_id, [row.id for row in rows]) if rows else (0, [])

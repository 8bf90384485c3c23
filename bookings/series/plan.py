"""Which lessons of a weekly series can be booked, for the preview and for the booking alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.orm import Session

from accounts.actors import Actor
from bookings.records import Place
from bookings.rules import checks
from bookings.rules.agreement import LessonRequest
from bookings.rules.occupancy import lessons_of, wanted
from bookings.rules.offered import has_timetable, in_session, reaches
from bookings.sessions.places import Places, sessions_between
from database import reading
from errors import LecternError, SlotTaken, SlotUnavailable
from gigs.queries import gig_to_book
from schedule.queries import rules_for
from schedule.times.free_time import Lesson, bookable, relevant
from schedule.times.rules import Rules
from schedule.times.weekly import Occurrence, weekly

# More than a year ahead nobody knows their timetable.
FEWEST, MOST = 2, 52


@dataclass(frozen=True, slots=True)
class Planned:
    """One lesson of a series: its place, or else what is in its way.

    `obstacle` is the error that booking it alone would raise.
    """

    starts_at: datetime
    ends_at: datetime
    place: Place | None = None
    obstacle: LecternError | None = None

    @property
    def reason(self) -> str | None:
        """Name what is in the way."""
        return self.obstacle.slug if self.obstacle else None


def preview(wanted: LessonRequest, weeks: int, *, actor: Actor, now: datetime) -> tuple[list[Planned], str]:
    """Plan a series without booking anything.

    Returns it with the name of the teacher's time zone. Raises what booking the first lesson raises, as far as it is
    not about the time being taken.
    """
    student_id = checks.whom_to_book_for(actor, wanted.student_id)
    checks.require_bookable_time(wanted.starts_at, now)
    with reading() as connection:
        gig = checks.require_bookable(gig_to_book(connection, wanted.gig_id), actor)
        rules = rules_for(connection, gig, wanted.starts_at)
        return plan(connection, gig, student_id, rules, wanted.starts_at, weeks, now), str(rules.zone)


def plan(
    connection: Connection | Session,
    gig: Row[Any],
    student_id: int,
    rules: Rules,
    starts_at: datetime,
    weeks: int,
    now: datetime,
) -> list[Planned]:
    """Say of each lesson of a series whether it can be booked, if those before it are.

    Of a gig with a timetable those can be booked that are sessions of it. It takes two statements in all, or three.
    """
    occurrences = list(weekly(starts_at, weeks, rules.zone))
    first, last = starts_at, occurrences[-1].starts_at
    others = checks.lessons_near(connection, gig, student_id, first, last)
    if has_timetable(gig):
        held = sessions_between(connection, gig.id, first, last + timedelta.resolution)
        sessions = {places.starts_at: places for places in held}
        return [_in_session(sessions.get(it.starts_at), it, gig, student_id, rules, others, now) for it in occurrences]
    span = relevant(rules, timedelta(minutes=gig.duration_minutes), first, last)
    lessons = lessons_of(connection, [gig.teacher_id], *span)[gig.teacher_id]
    planned = []
    for occurrence in occurrences:
        lesson = _planned(occurrence, gig, student_id, rules, others, lessons, now)
        planned.append(lesson)
        if not lesson.obstacle:
            lessons.append(Lesson(gig_id=gig.id, starts_at=lesson.starts_at, ends_at=lesson.ends_at))
    return planned


def _in_session(
    places: Places | None,
    occurrence: Occurrence,
    gig: Row[Any],
    student_id: int,
    rules: Rules,
    others: Iterable[Row[Any]],
    now: datetime,
) -> Planned:
    starts_at = occurrence.starts_at
    if places is None or not reaches(rules, places, now):
        return Planned(starts_at, starts_at + timedelta(minutes=gig.duration_minutes), obstacle=SlotUnavailable())
    try:
        seat = checks.seat_among(others, in_session(gig, places), student_id, starts_at)
    except SlotTaken as error:
        return Planned(starts_at, places.ends_at, obstacle=error)
    place = Place(starts_at=starts_at, ends_at=places.ends_at, seat=seat, session_id=places.id)
    return Planned(starts_at, places.ends_at, place)


def _planned(
    occurrence: Occurrence,
    gig: Row[Any],
    student_id: int,
    rules: Rules,
    others: Iterable[Row[Any]],
    lessons: Iterable[Lesson],
    now: datetime,
) -> Planned:
    starts_at = occurrence.starts_at
    ends_at = starts_at + timedelta(minutes=gig.duration_minutes)
    try:
        seat = checks.seat_among(others, gig, student_id, starts_at)
    except SlotTaken as error:
        return Planned(starts_at, ends_at, obstacle=error)
    if not occurrence.on_its_day or not bookable(rules, wanted(gig), lessons, starts_at, now):
        return Planned(starts_at, ends_at, obstacle=SlotUnavailable())
    return Planned(starts_at, ends_at, Place(starts_at=starts_at, ends_at=ends_at, seat=seat))

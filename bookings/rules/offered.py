"""What a gig offers: free times of its teacher or, with a timetable, places in its sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.orm import Session

from bookings.rules.occupancy import lessons_of, wanted
from bookings.sessions.places import Places, session_at, sessions_between
from errors import SlotUnavailable
from gigs.models import Times
from schedule.queries import rules_for
from schedule.times.free_time import bookable, relevant, within_reach
from schedule.times.intervals import overlaps
from schedule.times.rules import HORIZON_DAYS, Rules

# As far ahead as lessons can be booked.
HORIZON = timedelta(days=HORIZON_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class AsBooked:
    """A gig as one of its bookings has it, whatever has become of the gig's length since.

    In a session it has the session's length and places.
    """

    id: int
    teacher_id: int
    schedule_id: int | None
    duration_minutes: int
    capacity: int
    times: Times
    session_id: int | None = None


Offer = Row[Any] | AsBooked


def has_timetable(gig: Offer) -> bool:
    """Tell whether lessons of a gig take place in sessions that its teacher has set."""
    return bool(gig.times == Times.TIMETABLE)


def offer_at(connection: Connection | Session, gig: Offer, starts_at: datetime) -> Offer:
    """Return a gig as it is offered at this start: of one with a timetable that is a session.

    Raises SlotUnavailable if it has none then.
    """
    if not has_timetable(gig):
        return gig
    places = session_at(connection, gig.id, starts_at)
    if places is None:
        raise SlotUnavailable("This takes place at the times of its timetable only.")
    return in_session(gig, places)


def in_session(gig: Offer, places: Places) -> AsBooked:
    """Return a gig as one of its sessions has it."""
    return AsBooked(
        id=gig.id,
        teacher_id=gig.teacher_id,
        schedule_id=gig.schedule_id,
        duration_minutes=places.duration_minutes,
        capacity=places.capacity,
        times=Times.TIMETABLE,
        session_id=places.id,
    )


def reaches(rules: Rules, places: Places, now: datetime) -> bool:
    """Tell whether a place in a session can still be booked now.

    The teacher has chosen its time, so that neither their hours nor how far ahead they give lessons matter. The
    school's holidays do.
    """
    is_open = not overlaps(rules.holidays, places.starts_at, places.ends_at)
    return is_open and within_reach(places.starts_at, now, rules.notice, HORIZON)


def is_bookable(
    connection: Connection | Session, gig: Offer, starts_at: datetime, now: datetime, *, without: int | None = None
) -> bool:
    """Tell whether a lesson can be booked now for this start, as far as that is not about the student.

    Nothing here comes from a cache. `without` is the id of a booking that is about to be moved.
    """
    rules, lesson = rules_for(connection, gig, starts_at), wanted(gig)
    if has_timetable(gig):
        sessions = sessions_between(connection, gig.id, starts_at, starts_at + timedelta.resolution, without=without)
        return any(places.left and reaches(rules, places, now) for places in sessions)
    near = relevant(rules, lesson.length, starts_at, starts_at)
    lessons = lessons_of(connection, [gig.teacher_id], *near, without=without)[gig.teacher_id]
    return bookable(rules, lesson, lessons, starts_at, now)


def is_offered(connection: Connection | Session, gig: Offer, starts_at: datetime, now: datetime) -> bool:
    """Tell whether it could be booked if nobody had booked anything."""
    rules = rules_for(connection, gig, starts_at)
    if has_timetable(gig):
        places = session_at(connection, gig.id, starts_at)
        return places is not None and reaches(rules, places, now)
    return bookable(rules, wanted(gig), [], starts_at, now)

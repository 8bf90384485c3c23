"""A person's lessons in a stretch of time, in order. What is past, today and to come is cached apart.

The past hardly ever changes and can be kept for long; today changes most. Where one ends and the next begins is a
midnight of the person's own clock. The parts are named by their instants, so at midnight other ones are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

import tags
from bookings.models import Booking
from bookings.queries import own_side, select_bookings, show_booking
from bookings.rules.occupancy import COUNTED
from caching import Answer, BoundRead, cache
from caching.envelope import digest
from jsontext import JsonObject
from schedule.times.wall_time import day_bounds, local_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """From when to when: start ≤ starts_at < end."""

    start: datetime
    end: datetime


# Invalidated by: the same as the lists of bookings.
@cache.stamped("schedule-past", ttl=86400, tag=tags.user_bookings, by="user_id")
def past(connection: Connection, user_id: int, role: str, stretch: Stretch) -> list[JsonObject]:
    """List the lessons of days that are over."""
    return _lessons(connection, user_id, role, stretch)


# Invalidated by: the same.
@cache.stamped("schedule-today", ttl=1800, tag=tags.user_bookings, by="user_id")
def today(connection: Connection, user_id: int, role: str, stretch: Stretch) -> list[JsonObject]:
    """List the lessons of the present day."""
    return _lessons(connection, user_id, role, stretch)


# Invalidated by: the same.
@cache.stamped("schedule-future", ttl=7200, tag=tags.user_bookings, by="user_id")
def future(connection: Connection, user_id: int, role: str, stretch: Stretch) -> list[JsonObject]:
    """List the lessons of days to come."""
    return _lessons(connection, user_id, role, stretch)


def lessons_between(user_id: int, role: str, zone: str, stretch: Stretch, now: datetime) -> Answer:
    """List a teacher's lessons, or what somebody else has booked, that start in a stretch which is not empty.

    What was declined or cancelled, or has expired, is not part of it.
    """
    parts = list(_parts(user_id, role, ZoneInfo(zone), stretch, now))
    answers = _look_up(parts)
    state = _state(answers)
    if len(parts) > 1 and state != "HIT":
        answers = _of_one_moment(parts) or [_whole(user_id, role, stretch)]
    body = b'{"data":[' + b",".join(it.body[1:-1] for it in answers if it.body != b"[]") + b"]}"
    return Answer(body, digest(body).decode(), state)


def _parts(user_id: int, role: str, zone: ZoneInfo, stretch: Stretch, now: datetime) -> Iterator[BoundRead]:
    """Name the reads that together make the stretch; those of which nothing is asked for are left out."""
    begins, ends = day_bounds(local_day(now, zone), zone)
    for read, start, end in (
        (past, stretch.start, min(stretch.end, begins)),
        (today, max(stretch.start, begins), min(stretch.end, ends)),
        (future, max(stretch.start, ends), stretch.end),
    ):
        if start < end:
            yield read.at(user_id, role, Stretch(start=start, end=end))


def _of_one_moment(parts: list[BoundRead]) -> list[Answer] | None:
    """Look again at parts of which some had to be loaded; None unless all of them are there now.

    A lesson that is moved from one part to another while they are loaded one by one could stand in both, or in none.
    Parts that are fresh at one and the same moment belong together: they hang on one tag.
    """
    answers = _look_up(parts)
    return answers if _state(answers) == "HIT" else None


def _whole(user_id: int, role: str, stretch: Stretch) -> Answer:
    """Read the whole stretch at once, past the cache."""
    return Answer(past.at(user_id, role, stretch).load(), "", "BYPASS")


def _look_up(parts: list[BoundRead]) -> list[Answer]:
    return [found.answer() for found in cache.look_up(*parts)]


def _state(answers: list[Answer]) -> Any:
    """Say where an answer made of these comes from: from the cache only if all of them do."""
    states = {answer.state for answer in answers}
    return next(state for state in ("BYPASS", "MISS", "HIT") if state in states)


def _lessons(connection: Connection, user_id: int, role: str, stretch: Stretch) -> list[JsonObject]:
    theirs = (own_side(role) == user_id, Booking.status.in_(COUNTED))
    within = (Booking.starts_at >= stretch.start, Booking.starts_at < stretch.end)
    statement = select_bookings().where(*theirs, *within).order_by(Booking.starts_at, Booking.id)
    return [show_booking(row) for row in connection.execute(statement)]

"""When new sessions begin, and what is in their way: for the preview and for saving alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from bookings.models import LONGEST_LESSON, HeldTime
from bookings.rules.checks import require_bookable_time
from bookings.rules.offered import HORIZON
from bookings.sessions.rights import managed_gig, require_timetable
from database import reading
from errors import Invalid
from gigs.queries import gig_to_book
from schedule.queries import rules_for
from schedule.times.wall_time import local_day
from schedule.times.weekly import weekly

# Two years of weeks.
MOST_SESSIONS = 104
MOST_WEEKS_APART = 8
MOST_EXCEPTIONS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """The same time of the clock every so many weeks, until a day that is the last one, without some days."""

    until: date
    every_weeks: int = 1
    without: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSessions:
    """A session to be set, or a row of them.

    Places that are None are the gig's, and so is the location.
    """

    starts_at: datetime
    capacity: int | None = None
    location: str | None = None
    repeat: Repeat | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """When one of them would begin, and whether something is in its way."""

    starts_at: datetime
    taken: bool


def preview(gig_id: int, wanted: NewSessions, *, actor: Actor, now: datetime) -> tuple[list[Planned], str]:
    """Plan sessions without setting any.

    Returns them with the name of the time zone in which they repeat. Raises what setting them raises, but for what is
    in their way.
    """
    with reading() as connection:
        gig = managed_gig(gig_to_book(connection, gig_id), actor)
        require_timetable(gig)
        zone = rules_for(connection, gig, now).zone
        starts = starts_of(wanted, zone, now)
        taken = set(in_the_way(connection, gig, timedelta(minutes=gig.duration_minutes), starts))
    return [Planned(start, start in taken) for start in starts], str(zone)


def starts_of(wanted: NewSessions, zone: ZoneInfo, now: datetime) -> list[datetime]:
    """Return when the sessions begin, at the same time of the clock in `zone`.

    A day that the zone leaves out has none. Raises Invalid if there is none at all, or if there are too many.
    """
    require_bookable_time(wanted.starts_at, now)
    if (repeat := wanted.repeat) is None:
        return [wanted.starts_at]
    first = local_day(wanted.starts_at, zone)
    _require_sensible(repeat, first, now)
    weeks = (repeat.until - first).days // 7 + 1
    occurrences = islice(weekly(wanted.starts_at, weeks, zone), 0, None, repeat.every_weeks)
    starts = [it.starts_at for it in occurrences if it.on_its_day]
    starts = [start for start in starts if local_day(start, zone) not in repeat.without]
    if not starts:
        raise Invalid({"repeat": ["No session is left: all of these days are left out."]})
    if len(starts) > MOST_SESSIONS:
        raise Invalid({"repeat": [f"These are {len(starts)} sessions; at most {MOST_SESSIONS} are set at once."]})
    return starts


def in_the_way(
    connection: Connection | Session,
    gig: Row[Any],
    length: timedelta,
    starts: Sequence[datetime],
    *,
    but: int | None = None,
) -> list[datetime]:
    """Return at which of these starts the teacher has something else.

    Lessons of the same gig that begin at the same time are not in the way, unless they are in a session already: the
    new one takes them in. Nor is what the session with the id `but` holds, which is to be moved. That one takes
    nothing in: its places may not suffice, and its students' seats are given.
    """
    meanwhile = (HeldTime.starts_at > starts[0] - LONGEST_LESSON, HeldTime.starts_at < starts[-1] + length)
    columns: list[Any] = [HeldTime.gig_id, HeldTime.starts_at, HeldTime.ends_at, HeldTime.holder]
    theirs = (HeldTime.teacher_id == gig.teacher_id, HeldTime.ends_at > starts[0])
    held = connection.execute(select(*columns).where(*theirs, *meanwhile)).all()
    own = None if but is None else -but
    others = [row for row in held if row.holder != own]
    takes_in = gig.id if but is None else None
    return [start for start in starts if _is_taken(start, length, takes_in, others)]


def _is_taken(start: datetime, length: timedelta, gig_id: int | None, others: Iterable[Row[Any]]) -> bool:
    meanwhile = (row for row in others if row.starts_at < start + length and row.ends_at > start)
    return any((row.gig_id, row.starts_at) != (gig_id, start) or row.holder < 0 for row in meanwhile)


def _require_sensible(repeat: Repeat, first: date, now: datetime) -> None:
    problems: dict[str, Collection[str]] = {}
    if repeat.until < first:
        problems["until"] = ["This is before the first session."]
    if repeat.until > (now + HORIZON).date():
        problems["until"] = ["Sessions can be set up to two years ahead."]
    if problems:
        raise Invalid({"repeat": problems})

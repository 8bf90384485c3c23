"""Reads of waitlists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, select
from sqlalchemy.orm import Session

import tags
from accounts.actors import Actor
from accounts.dependents import name_dependents
from accounts.models import User
from bookings.models import Booking
from bookings.rules.checks import lessons_near, why_not_bookable
from bookings.rules.occupancy import lessons_of, wanted
from bookings.rules.offered import HORIZON, has_timetable
from bookings.sessions.places import Places, sessions_between
from bookings.waitlist.models import OPEN, EntryStatus, WaitlistEntry
from caching import Tag, cache, invalidation_check
from database import reading
from errors import Forbidden, NotFound
from gigs.dependents import gig_dependents
from gigs.models import Gig
from gigs.queries import gig_to_book
from gigs.states import manager_of, shown_to_others
from jsontext import JsonObject
from schedule.queries import rules_for
from schedule.times.free_time import Lesson, Wanted, relevant, slot_at, within_reach
from schedule.times.intervals import merge, overlaps
from schedule.times.rules import Rules
from web.pagination import Position, page

NEWEST = "newest"

invalidation_check.watch(WaitlistEntry, {tags.user_waitlist: ("student_id", "teacher_id")})


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistQuery:
    """What one's own list can be narrowed to.

    Any of `statuses` (sorted, none means all).
    """

    statuses: tuple[str, ...] = ()
    limit: int = 20
    after: Position | None = None


# Invalidated by: joining, leaving, and whatever becomes of an entry; the teacher's name; a change of the gig.
@cache.stamped("waitlist", tag=tags.user_waitlist, by="student_id")
def waitlist_page(connection: Connection, student_id: int, query: WaitlistQuery) -> JsonObject:
    """List what a student waits for, or has waited for, the newest first."""
    found = _entries().where(WaitlistEntry.student_id == student_id)
    if query.statuses:
        found = found.where(WaitlistEntry.status.in_(query.statuses))
    if query.after:
        found = found.where(WaitlistEntry.id < query.after[1])
    rows = connection.execute(found.order_by(WaitlistEntry.id.desc()).limit(query.limit + 1)).all()
    return page(rows, limit=query.limit, order=NEWEST, position=lambda row: (0, row.id), show=_show)


def entry(entry_id: int, student_id: int) -> JsonObject:
    """Describe one of a student's own entries.

    Raises NotFound.
    """
    mine = (WaitlistEntry.id == entry_id, WaitlistEntry.student_id == student_id)
    with reading() as connection:
        row = connection.execute(_entries().where(*mine)).one_or_none()
    if row is None:
        raise NotFound
    return _show(row)


def entry_of_booking(booking_id: int, student_id: int) -> int:
    """Return the id of the entry for which this booking was made.

    Raises NotFound.
    """
    theirs = (WaitlistEntry.booking_id == booking_id, WaitlistEntry.student_id == student_id)
    with reading() as connection:
        entry_id = connection.scalar(select(WaitlistEntry.id).where(*theirs))
    if entry_id is None:
        raise NotFound
    return entry_id


def times_waited_for(student_id: int, gig_id: int) -> dict[datetime, int]:
    """Return which times of a gig a student waits for, with the entries' ids."""
    mine = (WaitlistEntry.student_id == student_id, WaitlistEntry.gig_id == gig_id)
    statement = select(WaitlistEntry.starts_at, WaitlistEntry.id).where(
        *mine, WaitlistEntry.status == EntryStatus.WAITING
    )
    with reading() as connection:
        return {row.starts_at: row.id for row in connection.execute(statement)}


def queues(gig_id: int, viewer: Actor, now: datetime) -> list[JsonObject]:
    """Count for the gig's teacher, or an administrator, who waits for which of its times.

    It is never cached. Raises NotFound if there is no such gig, or if this person may not see it; Forbidden if it is
    not theirs.
    """
    with reading() as connection:
        gig = gig_to_book(connection, gig_id)
        theirs = gig is not None and manager_of(gig.teacher_id, viewer.id, viewer.role)
        if gig is None or not (theirs or shown_to_others(gig.status, gig.visibility)):
            raise NotFound
        if not theirs:
            raise Forbidden
        waiting, offered = _number(EntryStatus.WAITING), _number(EntryStatus.OFFERED)
        columns: list[Any] = [WaitlistEntry.starts_at, waiting.label("waiting"), offered.label("offered")]
        coming = (WaitlistEntry.gig_id == gig_id, WaitlistEntry.status.in_(OPEN), WaitlistEntry.starts_at > now)
        rows = connection.execute(
            select(*columns).where(*coming).group_by(WaitlistEntry.starts_at).order_by(WaitlistEntry.starts_at)
        )
        return [dict(row._mapping) for row in rows]


def waiting_by_name(gig_id: int, now: datetime) -> dict[datetime, list[JsonObject]]:
    """List who waits for which of a gig's times, the first one first.

    The caller has to see to it that the reader may know.
    """
    columns: list[Any] = [WaitlistEntry.starts_at, WaitlistEntry.status, WaitlistEntry.student_id, User.name]
    coming = (WaitlistEntry.gig_id == gig_id, WaitlistEntry.status.in_(OPEN), WaitlistEntry.starts_at > now)
    statement = select(*columns).join(User, User.id == WaitlistEntry.student_id).where(*coming)
    waiting: dict[datetime, list[JsonObject]] = {}
    with reading() as connection:
        for row in connection.execute(statement.order_by(WaitlistEntry.starts_at, WaitlistEntry.id)):
            person = {"id": row.student_id, "name": row.name, "offered": row.status == EntryStatus.OFFERED}
            waiting.setdefault(row.starts_at, []).append(person)
    return waiting


def full_times(gig_id: int, student_id: int, start: datetime, end: datetime, *, now: datetime) -> list[datetime]:
    """List the starts of a gig's own lessons that have no place left, from `start` on.

    Times that nobody has booked are none, whatever the teacher's hours. Times at which the student has a lesson, and
    those that cannot be booked any more or not yet, are left out.
    """
    with reading() as connection:
        gig = gig_to_book(connection, gig_id)
        if gig is None or not gig.is_taught or why_not_bookable(gig):
            return []
        rules, lesson = rules_for(connection, gig, start), wanted(gig)
        sessions = sessions_between(connection, gig_id, start, end) if has_timetable(gig) else None
        lessons = lessons_of(connection, [gig.teacher_id], *relevant(rules, lesson.length, start, end))[gig.teacher_id]
        both = lessons_near(connection, gig, student_id, start, end)
    own = merge((row.starts_at, row.ends_at) for row in both if row.student_id == student_id)

    def is_open(places: Places) -> bool:
        return not overlaps(rules.holidays, places.starts_at, places.ends_at)

    horizon = rules.horizon if sessions is None else HORIZON
    full: Iterable[datetime] = (places.starts_at for places in sessions or () if not places.left and is_open(places))
    if sessions is None:
        full = _full_starts(rules, lesson, lessons)
    reach = partial(within_reach, now=now, notice=rules.notice, horizon=horizon)
    here = (at for at in full if start <= at < end)
    return [at for at in here if reach(at) and not overlaps(own, at, at + lesson.length)]


def _full_starts(rules: Rules, lesson: Wanted, lessons: list[Lesson]) -> Iterator[datetime]:
    """Yield the starts of the gig's own lessons to which nobody can be added."""
    own = sorted(it.starts_at for it in lessons if it.seats and it.gig_id == lesson.gig_id)
    yield from (at for at in own if slot_at(rules, lesson, [], at) and not slot_at(rules, lesson, lessons, at))


@name_dependents.add
def _lists_with_teacher(session: Session, user_id: int) -> Iterable[Tag]:
    """Name the lists in which this teacher's name stands."""
    return _lists_with(session, WaitlistEntry.teacher_id == user_id)


@gig_dependents.add
def _lists_with_gig(session: Session, gig_id: int) -> Iterable[Tag]:
    """Name the lists in which this gig's title stands."""
    return _lists_with(session, WaitlistEntry.gig_id == gig_id)


def _lists_with(session: Session, condition: ColumnElement[bool]) -> list[Tag]:
    statement = select(WaitlistEntry.student_id).distinct().where(condition)
    return [tags.user_waitlist(student_id) for student_id in session.scalars(statement)]


def _entries() -> Select[Any]:
    own = [getattr(WaitlistEntry, name) for name in ("id", "status", "gig_id", "teacher_id", "booking_id")]
    own += [WaitlistEntry.starts_at, WaitlistEntry.created_at]
    statement = select(*own, Gig.title, User.name, Booking.offered_until).select_from(WaitlistEntry)
    statement = statement.join(Gig, Gig.id == WaitlistEntry.gig_id).join(User, User.id == WaitlistEntry.teacher_id)
    return statement.outerjoin(Booking, Booking.id == WaitlistEntry.booking_id)


def _show(row: Row[Any]) -> JsonObject:
    return {
        "id": row.id,
        "status": row.status,
        "starts_at": row.starts_at,
        "gig": {"id": row.gig_id, "title": row.title},
        "teacher": {"id": row.teacher_id, "name": row.name},
        "booking_id": row.booking_id,
        "offered_until": row.offered_until,
        "created_at": row.created_at,
    }


def _number(status: EntryStatus) -> ColumnElement[int]:
    return func.sum(case((WaitlistEntry.status == status, 1), else_=0))

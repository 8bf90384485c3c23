"""A person's bookings at a glance: counts, rows of "My lessons", the next lesson."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Row,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute

import tags
from accounts.models import Role, User
from accounts.rights import runs_school
from bookings.models import LONGEST_LESSON, Booking, HeldTime
from bookings.my_lessons.lessons_query import LessonsQuery
from bookings.my_lessons.series import fold_series_of, show_later
from bookings.my_lessons.sessions import show_empty_session, with_empty_sessions
from bookings.queries import OLDEST_FIRST
from bookings.records import BookingRecord
from bookings.rules.cancellation import about_request
from bookings.sessions.places import where_it_is
from bookings.shown import PEOPLE, RECORD_COLUMNS, own_side, select_bookings, show_booking
from bookings.statuses import ACTIVE, AGREED, BookingStatus
from caching import BoundRead, cache
from database import Id, Instant
from gigs.models import Gig
from gigs.narrowing import narrowed_by
from jsontext import JsonObject
from web.pagination import from_microseconds, microseconds, page

# Who has more to do sees the others once these are done.
MOST_TO_DO = 200
STUCK_SHOWN = 5
HOUR = timedelta(hours=1)

# The time zones of both people, None for those who have left.
_ZONES = [case((person.active, person.time_zone)).label(f"{side}_zone") for side, person in PEOPLE]


def border(now: datetime) -> datetime:
    """Return where what is going on or to come is divided from what is over.

    It is a whole hour, so that a cached answer can be used again. Lessons that began a few hours ago may be going on,
    so they belong to the first.
    """
    return (now - LONGEST_LESSON).replace(minute=0, second=0, microsecond=0)


# Invalidated by: every change of one of the person's bookings.
@cache.stamped("user-stats", ttl=900, tag=tags.user_bookings, by="user_id")
def booking_counts(connection: Connection, user_id: int, role: str) -> JsonObject:
    """Count a person's bookings by status."""
    statement = (
        select(Booking.status, func.count().label("number")).where(own_side(role) == user_id).group_by(Booking.status)
    )
    found = {row.status: row.number for row in connection.execute(statement)}
    return {"statuses": dict.fromkeys(map(str, BookingStatus), 0) | found}


# Invalidated by: the same.
@cache.stamped("user-stats", ttl=900, tag=tags.user_bookings, by="user_id")
def waiting_count(connection: Connection, user_id: int, role: str) -> JsonObject:
    """Count what waits for a person's answer, without a look at what is over."""
    waiting = select(func.count()).where(is_active_of(user_id, role), _asks(role))
    return {"number": connection.scalar(waiting)}


def is_active_of(user_id: int, role: str) -> ColumnElement[bool]:
    """Return the condition that a booking holds a person's time.

    The ids come first, whatever PostgreSQL's planner thinks. It knows that they are among the newest bookings, expects
    to find one at once, and goes through all that there ever were.
    """
    side = HeldTime.teacher_id if role == Role.TEACHER else HeldTime.student_id
    held = select(HeldTime.booking_id).where(side == user_id, HeldTime.booking_id.is_not(None)).distinct()
    return Booking.id.in_(select(held.cte("active").prefix_with("MATERIALIZED")))


# Invalidated by: the same, the other people's names, and the gigs' titles.
@cache.stamped("user-stats", ttl=900, tag=tags.user_bookings, by="user_id")
def overview(connection: Connection, user_id: int, role: str, since: datetime) -> JsonObject:
    """Count what waits for a person, what they have from `since` on, and what before.

    It also names with whom, and what.

    The number beside "My lessons" on each page is from here, and so are the tabs and filters of that page.
    """
    other, coming = _other_side(role), Booking.starts_at >= since
    counts = (
        func.count().filter(_asks(role)).label("waiting"),
        func.count().filter(coming, Booking.status.in_(ACTIVE)).label("upcoming"),
        func.count().filter(~coming).label("past"),
    )
    named = (User.id.label("person_id"), User.name, Gig.id.label("gig_id"), Gig.title)
    statement = select(*named, *counts).select_from(Booking).join(Gig).join(User, User.id == other)
    rows = connection.execute(statement.where(own_side(role) == user_id).group_by(*named)).all()
    people, gigs = {row.person_id: row.name for row in rows}, {row.gig_id: row.title for row in rows}
    return {
        **{name: sum(getattr(row, name) for row in rows) for name in ("waiting", "upcoming", "past")},
        "people": [{"id": each, "name": people[each]} for each in sorted(people, key=lambda it: people[it].casefold())],
        "gigs": [{"id": each, "title": gigs[each]} for each in sorted(gigs, key=lambda it: gigs[it].casefold())],
    }


# Invalidated by: the same as the lists, and the other one's time zone.
@cache.stamped("bookings", tag=tags.user_bookings, by="user_id", shape=5)
def to_do(connection: Connection, user_id: int, role: str, until: datetime) -> JsonObject:
    """List what waits for a person, the earliest lesson first.

    These are the requests and the wishes for other times that they have to answer, and a teacher's lessons that
    begin before `until` and of which it is not said yet whether they took place.
    """
    begun = and_(Booking.status == BookingStatus.ACCEPTED, Booking.starts_at < until)
    theirs = (own_side(role) == user_id, or_(_asks(role), begun if role == Role.TEACHER else false()))
    statement = _select_rows(user_id).where(*theirs).order_by(Booking.starts_at, Booking.id).limit(MOST_TO_DO)
    return {"data": [_show_row(row) for row in connection.execute(statement)]}


# Invalidated by: the same, and every change of one of the teacher's sessions.
@cache.stamped("bookings", tag=tags.user_bookings, by="user_id", shape=4)
def lessons_page(connection: Connection, user_id: int, role: str, query: LessonsQuery) -> JsonObject:
    """List a person's lessons with all that a row of the page needs."""
    others = [_other_side(role) == query.person_id] if query.person_id else []
    return _page(connection, query, user_id, own_side(role) == user_id, *others)


# Invalidated by: every change of a booking, the names and time zones of their people, the gigs' titles.
@cache.stamped("bookings", tag=tags.all_bookings, shape=4)
def all_lessons_page(connection: Connection, query: LessonsQuery) -> JsonObject:
    """List everybody's lessons, for administrators."""
    somebody = or_(Booking.student_id == query.person_id, Booking.teacher_id == query.person_id)
    return _page(connection, query, None, *([somebody] if query.person_id else []))


def lessons_for(user_id: int, role: str, query: LessonsQuery) -> BoundRead:
    """Name the rows that a user with this role gets to see."""
    return all_lessons_page.at(query) if runs_school(role) else lessons_page.at(user_id, role, query)


# Invalidated by: the same.
@cache.stamped("bookings", tag=tags.all_bookings, shape=3)
def stuck_requests(connection: Connection, before: datetime) -> JsonObject:
    """List requests that were made before an instant and still wait, the earliest lesson first."""
    waiting = (Booking.status == BookingStatus.PENDING, Booking.created_at < before)
    rows = connection.execute(_select_rows(None).where(*waiting).order_by(Booking.starts_at).limit(MOST_TO_DO)).all()
    return {"data": [_show_row(row) for row in rows[:STUCK_SHOWN]], "count": len(rows)}


def open_lessons_of_teacher(teacher_id: int) -> int:
    """Return how many lessons a teacher has still to answer or to give, whatever their role is by now."""
    counts = booking_counts(teacher_id, Role.TEACHER).json()["statuses"]
    return sum(counts[status] for status in ACTIVE)


def _other_side(role: str) -> InstrumentedAttribute[int]:
    return Booking.student_id if role == Role.TEACHER else Booking.teacher_id


def _asks(role: str) -> ColumnElement[bool]:
    """Return the condition that a lesson waits for the answer of its side with this role.

    It is a request, or another time that is asked for.
    """
    return or_(
        and_(Booking.status == BookingStatus.PENDING, Booking.requested_by != role),
        and_(Booking.move_asked_by.is_not(None), Booking.move_asked_by != role),
    )


def _select_rows(reader: int | None) -> Select[Any]:
    return select_bookings(*RECORD_COLUMNS, where_it_is(), *_ZONES, reader=reader)


def _show_row(row: Row[Any]) -> JsonObject:
    return (
        show_booking(row)
        | about_request(BookingRecord.of(row))
        | {
            "requested_by": row.requested_by,
            "series_id": row.series_id,
            "session_id": row.session_id,
            "location": row.location if row.status in AGREED else "",
            "student_zone": row.student_zone,
            "teacher_zone": row.teacher_zone,
        }
    )


def _page(connection: Connection, query: LessonsQuery, reader: int | None, *whose: ColumnElement[bool]) -> JsonObject:
    oldest_first = query.order == OLDEST_FIRST
    place = (Booking.starts_at, Booking.id) if oldest_first else (Booking.starts_at.desc(), Booking.id.desc())
    by_words = narrowed_by(connection, query, Booking, Booking.gig_id)
    lessons = _select_rows(reader).where(*whose, *_conditions(query), *by_words).order_by(*place)
    if query.series_from and reader is not None:
        lessons = fold_series_of(lessons, reader, query.series_from, query)
    found: Select[Any] | CompoundSelect[Any] = lessons.limit(query.limit + 1)
    if query.sessions and reader is not None:
        found = with_empty_sessions(lessons, reader, query)
    return page(
        connection.execute(found).all(),
        limit=query.limit,
        order=query.order,
        position=lambda row: (microseconds(row.starts_at), row.id),
        show=lambda row: _show_row(row) | show_later(row) if row.id > 0 else show_empty_session(row),
    )


def _conditions(query: LessonsQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.statuses:
        found.append(Booking.status.in_(query.statuses))
    if query.start:
        found.append(Booking.starts_at >= query.start)
    if query.end:
        found.append(Booking.starts_at < query.end)
    if query.ending_after:
        found.append(Booking.ends_at > query.ending_after)
    if query.gig_id:
        found.append(Booking.gig_id == query.gig_id)
    if query.after:
        place = tuple_(Booking.starts_at, Booking.id)
        last = tuple_(literal(from_microseconds(query.after[0]), Instant), literal(query.after[1], Id))
        found.append(place > last if query.order == OLDEST_FIRST else place < last)
    return found

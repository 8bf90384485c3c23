"""Reads of calendars: schedules, feeds, and files of single lessons."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CompoundSelect, Connection, Row, Select, exists, func, or_, select, union_all

import tags
from accounts.actors import Actor
from accounts.models import Role, User
from accounts.rights import runs_school
from bookings.marks import ABOUT_WISHES
from bookings.models import Booking, BookingEvent
from bookings.sessions.places import beside, no_places, select_sessions_of, show_session, where_it_is
from bookings.shown import own_side, select_bookings, show_booking
from bookings.statuses import AGREED, COUNTED, BookingStatus
from caching import Answer, BoundRead, cache, invalidation_check
from calendars.feed import ical, tokens
from calendars.feed.sessions import events_of, sessions_since, these_sessions
from calendars.models import CalendarToken
from database import reading
from errors import NotFound
from jsontext import JsonObject
from schedule.models import Stretch
from schedule.queries import Blocked, Named, rules_of_all, said_and_holidays
from schedule.times.intervals import Interval, merge
from schedule.times.rules import Rules
from schedule.times.wall_time import day_bounds, local_day
from schedule.times.windows import runs

# A feed begins so long ago, and has at most so many lessons.
FEED_REACHES_BACK = timedelta(days=90)
LONGEST_FEED = 2000

invalidation_check.watch(CalendarToken, {tags.viewer: ("user_id",)})


# Invalidated by: the same as the lists of bookings.
@cache.stamped("schedule-past", ttl=86400, tag=tags.user_bookings, by="user_id", shape=3)
def past_lessons(connection: Connection, user_id: int, role: str, stretch: Stretch) -> JsonObject:
    """List the lessons of days that are over: start ≤ starts_at < end."""
    return _schedule(connection, user_id, role, stretch)


# Invalidated by: the same.
@cache.stamped("schedule-today", ttl=1800, tag=tags.user_bookings, by="user_id", shape=3)
def present_lessons(connection: Connection, user_id: int, role: str, stretch: Stretch) -> JsonObject:
    """List the lessons of a stretch that today belongs to."""
    return _schedule(connection, user_id, role, stretch)


# Invalidated by: the same.
@cache.stamped("schedule-future", ttl=7200, tag=tags.user_bookings, by="user_id", shape=3)
def coming_lessons(connection: Connection, user_id: int, role: str, stretch: Stretch) -> JsonObject:
    """List the lessons of days to come."""
    return _schedule(connection, user_id, role, stretch)


def lessons_between(user_id: int, role: str, zone: str, stretch: Stretch, now: datetime) -> BoundRead:
    """Name the read of the lessons of a stretch of time.

    For a teacher these are the lessons that they give, for others those that they booked. What was declined or
    cancelled, or has expired, is not part of it.
    """
    begins, ends = day_bounds(local_day(now, ZoneInfo(zone)), ZoneInfo(zone))
    # A stretch is one read, so that a lesson that is moved meanwhile stands in it once.
    if stretch.end <= begins:
        return past_lessons.at(user_id, role, stretch)
    return (coming_lessons if stretch.start >= ends else present_lessons).at(user_id, role, stretch)


# Invalidated by: a change of the teacher's schedules, blocks, busy times or their calendars' names, or time zone.
@cache.stamped("schedule-hours", ttl=7200, tag=tags.teacher_slots, by="teacher_id", shape=3)
def hours_between(connection: Connection, teacher_id: int, stretch: Stretch) -> JsonObject:
    """Tell when a teacher gives lessons in a stretch of time, and when they are away.

    `open` is None for somebody who gives them at any time. All of their schedules count. `busy`
    has when other calendars say that they are busy, each with the calendar's name; `blocks` are whole.
    """
    return _hours(*rules_of_all(connection, teacher_id, stretch.start), stretch)


def hours_and_holidays(connection: Connection, reads: Sequence[BoundRead]) -> list[JsonObject]:
    """Load a read of `hours_between` and the school's holidays, in one statement."""
    teacher_id, stretch = reads[0].args
    said, off = said_and_holidays(connection, teacher_id, stretch.start)
    return [_hours(*said.of_all(), stretch), off]


def _hours(
    schedules: Sequence[Rules], busy: Sequence[Named], blocks: Sequence[Blocked], stretch: Stretch
) -> JsonObject:
    found = merge(run for rules in schedules for run in runs(rules, stretch.start, stretch.end))
    always = any(rules.weekly is None and not rules.exceptions for rules in schedules)
    away = (off for off in schedules[0].time_off if off[0] < stretch.end and off[1] > stretch.start)
    return {
        "open": None if always else [list(_within(run, stretch)) for run in found],
        "away": [list(_within(off, stretch)) for off in away],
        "busy": [[*_within(each, stretch), name] for each, name in sorted(busy) if each[0] < stretch.end],
        "blocks": [
            {"id": block_id, "starts_at": start, "ends_at": end, "note": note}
            for (start, end), block_id, note in sorted(blocks)
            if start < stretch.end
        ],
    }


def _within(interval: Interval, stretch: Stretch) -> Interval:
    return max(interval[0], stretch.start), min(interval[1], stretch.end)


def _schedule(connection: Connection, user_id: int, role: str, stretch: Stretch) -> JsonObject:
    theirs = (own_side(role) == user_id, Booking.status.in_(COUNTED))
    within = (Booking.starts_at >= stretch.start, Booking.starts_at < stretch.end)
    lessons = select_bookings(no_places("capacity"), no_places("taken"), reader=user_id).where(*theirs, *within)
    found: Select[Any] | CompoundSelect[Any] = lessons
    if role == Role.TEACHER:
        # In one statement, because a page has two more of its own.
        found = union_all(lessons, beside(lessons, select_sessions_of(user_id, stretch.start, stretch.end)))
    rows = connection.execute(found.order_by("starts_at", "id")).all()
    return {
        "data": [show_booking(row) for row in rows if row.capacity is None],
        "sessions": [show_session(row) for row in rows if row.capacity is not None],
    }


# Invalidated by: a new token or none, a new password, deactivation, change of time zone.
@cache.stamped("calendar-owner", ttl=1800, tag=tags.viewer, by="user_id", kind="entity")
def feed_owner(connection: Connection, user_id: int) -> JsonObject | None:
    """Describe a person who has a feed, with the digest of its token.

    None if they have none (any more).
    """
    statement = select(User.time_zone, CalendarToken.digest).join(CalendarToken).where(User.id == user_id, User.active)
    row = connection.execute(statement).one_or_none()
    return dict(row._mapping) if row else None


# Invalidated by: every change of one of the person's bookings; the other one's name or leaving; a gig's title
# or location.
@cache.stamped("calendar", ttl=3600, tag=tags.user_bookings, by="user_id", shape=2)
def feed_file(connection: Connection, user_id: int, zone: str, since: datetime, lessons_url: str) -> str:
    """Write a user's lessons from `since` on, in the time of their zone.

    Those that they give and those that they booked are both in it. A session is one event for its teacher.
    """
    theirs = or_(Booking.student_id == user_id, Booking.teacher_id == user_id)
    statement = _select_lessons().where(theirs, Booking.starts_at >= since)
    rows = connection.execute(statement.order_by(Booking.starts_at, Booking.id).limit(LONGEST_FEED)).all()
    alone, in_sessions = _apart(rows, user_id)
    sessions = sessions_since(connection, user_id, since, LONGEST_FEED)
    events = [_lesson(row, user_id, lessons_url) for row in alone]
    events += events_of(sessions, in_sessions, _sessions_url(lessons_url))
    return ical.write(sorted(events, key=lambda it: it.starts_at), ZoneInfo(zone)).decode()


def feed(token: str, lessons_url: str, now: datetime) -> Answer:
    """Answer the holder of a token, with a file.

    Raises NotFound if the token opens nothing (any more).
    """
    user_id = tokens.owner_of(token)
    # Wrong tokens for one person are compared with the same cached record, so that guessing fills no cache.
    owner = feed_owner(user_id).json() if user_id else None
    if user_id is None or owner is None or not hmac.compare_digest(owner["digest"], tokens.digest(token)):
        raise NotFound("This address of a calendar is not, or no longer, valid.")
    # On a whole day, so that an answer can be used again.
    since = (now - FEED_REACHES_BACK).replace(hour=0, minute=0, second=0, microsecond=0)
    return feed_file(user_id, owner["time_zone"], since, lessons_url)


def lesson_file(booking_id: int, viewer: Actor, zone: str, lessons_url: str) -> str:
    """Write one lesson for one of its people or an administrator.

    It is not cached. Raises NotFound if there is no such lesson, or if it is not visible to the viewer.
    """
    with reading() as connection:
        rows = connection.execute(_select_lessons().where(Booking.id == booking_id)).all()
        people = (rows[0].student_id, rows[0].teacher_id) if rows else ()
        if not rows or (viewer.id not in people and not runs_school(viewer.role)):
            raise NotFound
        return ical.write(_as_events(connection, rows, viewer.id, lessons_url), ZoneInfo(zone)).decode()


def known_lessons(booking_ids: Collection[int], reader_id: int, lessons_url: str) -> list[ical.Lesson]:
    """Describe those of these lessons that were ever agreed on, in order of time.

    No other one is in anybody's calendar, except in a feed. As there, a session is one event for its teacher.
    """
    accepted = (BookingEvent.booking_id == Booking.id, BookingEvent.to_status == BookingStatus.ACCEPTED)
    agreed = or_(Booking.status.in_(AGREED), exists().where(*accepted))
    statement = _select_lessons().where(Booking.id.in_(booking_ids), agreed)
    with reading() as connection:
        rows = connection.execute(statement.order_by(Booking.starts_at, Booking.id)).all()
        return _as_events(connection, rows, reader_id, lessons_url)


def known_sessions(session_ids: Collection[int], lessons_url: str) -> list[ical.Lesson]:
    """Describe sessions as their teacher's calendar shows them."""
    with reading() as connection:
        return _sessions_as_events(connection, session_ids, lessons_url)


def feed_began(user_id: int) -> datetime | None:
    """Return when a person got their feed's present token.

    None if they have none.
    """
    with reading() as connection:
        statement = select(CalendarToken.created_at).where(CalendarToken.user_id == user_id)
        return connection.execute(statement).scalar()


def _select_lessons() -> Select[Any]:
    # What is only asked for changes nothing in a calendar.
    agreed = or_(BookingEvent.what.is_(None), BookingEvent.what.not_in(ABOUT_WISHES))
    events = select(func.count(BookingEvent.id)).where(BookingEvent.booking_id == Booking.id, agreed)
    return select_bookings(Booking.session_id, where_it_is(), events.scalar_subquery().label("events"))


def _apart(rows: Iterable[Row[Any]], reader_id: int) -> tuple[list[Row[Any]], list[Row[Any]]]:
    """Part the lessons that the reader has one by one from places in sessions that the reader gives."""
    parted: tuple[list[Row[Any]], list[Row[Any]]] = ([], [])
    for row in rows:
        parted[row.session_id is not None and row.teacher_id == reader_id].append(row)
    return parted


def _sessions_url(lessons_url: str) -> str:
    return f"{lessons_url.removesuffix('/lessons')}/sessions"


def _as_events(connection: Connection, rows: Iterable[Row[Any]], reader_id: int, lessons_url: str) -> list[ical.Lesson]:
    """Write lessons as events, with the whole of a session for its teacher."""
    alone, in_sessions = _apart(rows, reader_id)
    events = [_lesson(row, reader_id, lessons_url) for row in alone]
    if ids := {row.session_id for row in in_sessions}:
        events += _sessions_as_events(connection, ids, lessons_url)
    return sorted(events, key=lambda it: it.starts_at)


def _sessions_as_events(connection: Connection, ids: Collection[int], lessons_url: str) -> list[ical.Lesson]:
    present = connection.execute(_select_lessons().where(Booking.session_id.in_(ids)).order_by(Booking.id)).all()
    return events_of(these_sessions(connection, ids), present, _sessions_url(lessons_url))


def _lesson(row: Row[Any], reader_id: int, lessons_url: str) -> ical.Lesson:
    others = {row.student_id: row.student_name, row.teacher_id: row.teacher_name}
    others.pop(reader_id, None)
    return ical.Lesson(
        id=row.id,
        status=row.status,
        title=row.title,
        people=" and ".join(others.values()),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        note=row.note,
        location=row.location if row.status in AGREED else "",
        # The first event is the request for the lesson.
        revision=max(row.events - 1, 0),
        created_at=row.created_at,
        updated_at=row.updated_at,
        url=f"{lessons_url}/{row.id}",
    )

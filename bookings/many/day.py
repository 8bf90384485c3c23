"""The rest of a teacher's day: what it has, and cancelling it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from accounts.actors import Actor
from bookings.many.service import REFUSALS, Outcome, end_all
from bookings.my_lessons.lessons_query import LessonsQuery
from bookings.my_lessons.queries import lessons_for
from bookings.my_lessons.rows import instant, with_actions
from bookings.queries import OLDEST_FIRST
from bookings.sessions import service as sessions
from bookings.sessions.places import sessions_of_teacher
from bookings.sessions.service import SessionChange
from bookings.sessions.states import Act
from bookings.statuses import ACTIVE, ENDINGS
from caching import cache
from database import reading
from jsontext import JsonObject
from schedule.blocks.queries import blocks_in
from schedule.blocks.service import block_time
from schedule.models import Stretch
from web.pagination import microseconds

# So many lessons are read at once; a day has all of them.
BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a teacher can still cancel: sessions, and lessons that belong to none of them.

    `people` are the names of all students who have a lesson then.
    """

    sessions: list[JsonObject]
    lessons: list[JsonObject]
    people: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelDay:
    """The sessions and lessons of a day to be cancelled, and why."""

    stretch: Stretch
    session_ids: Sequence[int]
    ids: Sequence[int]
    reason: str


def of_day(stretch: Stretch, viewer: Actor, now: datetime) -> Day:
    """List what a teacher can still cancel of a day."""
    with reading() as connection:
        coming = sessions_of_teacher(connection, viewer.id, max(stretch.start, now), stretch.end)
    coming = [session for session in coming if session["starts_at"] > now]
    shown = (with_actions(row, viewer, now) for row in _lessons(stretch, viewer))
    rows = [row for row in shown if any(to in row["allowed_transitions"] for to in ENDINGS)]
    starts = {(session["gig"]["id"], session["starts_at"]) for session in coming}
    return Day(
        sessions=coming,
        lessons=[row for row in rows if (row["gig"]["id"], instant(row["starts_at"])) not in starts],
        people=list(dict.fromkeys(row["student"]["name"] for row in rows)),
    )


def cancel(wanted: CancelDay, viewer: Actor, now: datetime) -> tuple[list[Outcome], list[Outcome]]:
    """Cancel sessions and lessons of a day, and offer nothing of the day any more.

    Returns what became of each session and of each lesson. Raises TooManyBlocks.
    """
    # First, so that the places that become free are offered to nobody who waits for one.
    _block(wanted.stretch, viewer.id, now)
    return cancel_all(wanted.session_ids, wanted.ids, wanted.reason, viewer, now)


def cancel_all(
    session_ids: Sequence[int], ids: Sequence[int], reason: str, viewer: Actor, now: datetime
) -> tuple[list[Outcome], list[Outcome]]:
    """Cancel these sessions and lessons, and return what became of each session and of each lesson."""
    ended = [_cancel_session(session_id, reason, viewer, now) for session_id in dict.fromkeys(session_ids)]
    return ended, end_all(ids, reason, actor=viewer, now=now)


def _cancel_session(session_id: int, reason: str, viewer: Actor, now: datetime) -> Outcome:
    try:
        sessions.change(session_id, SessionChange(act=Act.CANCEL, reason=reason), actor=viewer, now=now)
    except REFUSALS as error:
        return Outcome(session_id, error)
    return Outcome(session_id)


def _block(stretch: Stretch, teacher_id: int, now: datetime) -> None:
    """Block what is left of a stretch of time, unless a block covers it already."""
    start = max(stretch.start, now.replace(second=0, microsecond=0))
    if stretch.end <= now:
        return
    blocks = blocks_in(teacher_id, stretch).json()["data"]
    if any(instant(it["starts_at"]) <= start and stretch.end <= instant(it["ends_at"]) for it in blocks):
        return
    block_time(teacher_id, Stretch(start=start, end=stretch.end), "Cancelled day", now=now)


def _lessons(stretch: Stretch, viewer: Actor) -> list[JsonObject]:
    """Read all lessons of a stretch of time that are asked for or agreed on."""
    query = LessonsQuery(statuses=ACTIVE, order=OLDEST_FIRST, limit=BATCH, start=stretch.start, end=stretch.end)
    rows: list[JsonObject] = []
    while True:
        (found,) = cache.look_up(lessons_for(viewer.id, viewer.role, query))
        batch = found.answer().json()
        rows += batch["data"]
        if batch["next_cursor"] is None:
            return rows
        query = replace(query, after=(microseconds(instant(rows[-1]["starts_at"])), rows[-1]["id"]))

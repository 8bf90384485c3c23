"""Reads of what teachers said about their time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, cast
from zoneinfo import ZoneInfo

from sqlalchemy import (
    JSON,
    Boolean,
    CompoundSelect,
    Connection,
    Date,
    Row,
    Select,
    String,
    column,
    func,
    null,
    select,
    table,
    union_all,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

import tags
from accounts.models import User
from caching import cache, invalidation_check
from database import Id, Instant, reading
from errors import NotFound
from jsontext import JsonObject
from schedule.holidays.queries import list_holidays
from schedule.models import Block, BusyTime, Holiday, Schedule
from schedule.times.intervals import Interval, merge
from schedule.times.rules import NOTHING_SAID, AvailabilityDocument, Entered, Rules, read_rules
from schedule.times.wall_time import bounds_of_days, earliest_day
from school.queries import time_zone

# Until a teacher says when they have time, the zone of their profile counts.
_ZONE = func.coalesce(Schedule.time_zone, User.time_zone)
# What other calendars are called; their model stands above, in `calendars/busy/`.
_CALENDARS = table("busy_calendars", column("id"), column("name", String))
_NO_DAYS = (sql_cast(null(), Date).label("first_day"), sql_cast(null(), Date).label("last_day"))

# A stretch of time, and the name of the calendar that says so.
Named = tuple[Interval, str]
# What a teacher blocked, with the block's id and note.
Blocked = tuple[Interval, int, str]

invalidation_check.watch(Schedule, {tags.teacher_slots: ("teacher_id",)}, unseen=["offered_until"])
invalidation_check.watch(BusyTime, {tags.teacher_slots: ("teacher_id",)})


class HasSchedule(Protocol):
    """A gig, as far as its hours are concerned."""

    @property
    def teacher_id(self) -> int:
        """Return whose it is."""

    @property
    def schedule_id(self) -> int | None:
        """Return the schedule that was chosen for it, None for the default one."""


# Invalidated by: every change of one of the teacher's schedules; a new zone in their profile.
@cache.stamped("schedules", tag=tags.teacher_slots, by="teacher_id")
def schedules(connection: Connection, teacher_id: int) -> JsonObject:
    """List a teacher's schedules, the default one first."""
    statement = _schedules().where(User.id == teacher_id).order_by(Schedule.is_default.desc(), Schedule.id)
    return {"data": [_show(row) for row in connection.execute(statement)], "next_cursor": None}


def schedule(teacher_id: int, schedule_id: int | None = None) -> JsonObject:
    """Describe one of a teacher's schedules, or else the default one.

    Raises NotFound.
    """
    # It is not cached, because forms are filled with it.
    which = Schedule.is_default if schedule_id is None else Schedule.id == schedule_id
    with reading() as connection:
        row = connection.execute(_schedules().where(User.id == teacher_id, which)).one_or_none()
    if row is None:
        raise NotFound
    return _show(row)


def availability(teacher_id: int) -> JsonObject:
    """Describe a teacher's default schedule without what makes it one of several."""
    shown = schedule(teacher_id)
    return {"time_zone": shown["time_zone"], **document_of(shown)}


def document_of(shown: JsonObject) -> AvailabilityDocument:
    """Take what was entered about times from a schedule that `schedule` described."""
    document: Any = {name: shown[name] for name in NOTHING_SAID}
    return cast("AvailabilityDocument", document)


def names(teacher_id: int) -> dict[int, str]:
    """Return the names of a teacher's schedules that gigs can choose, by id.

    The default one is not among them: gigs have it that choose none.
    """
    theirs = select(Schedule.id, Schedule.name).where(Schedule.teacher_id == teacher_id, ~Schedule.is_default)
    with reading() as connection:
        return {row.id: row.name for row in connection.execute(theirs.order_by(Schedule.id))}


def has_said_when(teacher_id: int, schedule_id: int | None) -> bool:
    """Tell whether anything was entered into a teacher's schedule, or else the default one."""
    which = Schedule.is_default if schedule_id is None else Schedule.id == schedule_id
    said = select(Schedule.id).where(Schedule.teacher_id == teacher_id, which, Schedule.time_zone.is_not(None))
    with reading() as connection:
        return connection.scalar(said) is not None


# Invalidated by: every change of one of the teacher's schedules.
@cache.stamped("absences", tag=tags.teacher_slots, by="teacher_id")
def absences(connection: Connection, teacher_id: int) -> JsonObject:
    """List when a teacher is away, by the time off of all of their schedules."""
    documents = connection.scalars(select(Schedule.rules).where(Schedule.teacher_id == teacher_id))
    off = (row for document in documents for row in document["time_off"])
    found = merge((datetime.fromisoformat(row["from"]), datetime.fromisoformat(row["to"])) for row in off)
    return {"data": [list(interval) for interval in found]}


def times_of(found: JsonObject) -> list[Interval]:
    """Return the intervals that `absences` found."""
    return [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in found["data"]]


def away_until(teacher_id: int, now: datetime) -> datetime | None:
    """Return when a teacher is back who is away at this time tomorrow.

    None if they are not. What begins later does not hide the days that come first.
    """
    return back_from(absences(teacher_id).json(), now)


def back_from(found: JsonObject, now: datetime) -> datetime | None:
    """Tell the same by what `absences` found."""
    tomorrow = now + timedelta(days=1)
    return next((end for start, end in times_of(found) if start <= tomorrow < end), None)


def rules_for(
    connection: Connection | Session, gig: HasSchedule, since: datetime, *, with_holidays: bool = True
) -> Rules:
    """Read the rules for lessons of a gig that begin at `since` or later.

    Cached reads leave the school's holidays out, which are cut off when they answer: see `schedule/holidays/`.
    """
    found = rules_of(connection, [gig], since, with_holidays=with_holidays)
    return found[gig.teacher_id, gig.schedule_id]


def rules_of(
    connection: Connection | Session, gigs: Iterable[HasSchedule], since: datetime, *, with_holidays: bool = True
) -> dict[tuple[int, int | None], Rules]:
    """Read the rules for lessons of these gigs that begin at `since` or later, in one statement.

    They are found under the gig's teacher and schedule, None being the teacher's default one.
    """
    wanted = {(gig.teacher_id, gig.schedule_id) for gig in gigs}
    said = _said(connection, {teacher_id for teacher_id, _ in wanted}, since, with_holidays=with_holidays)
    return {(teacher, chosen): said[teacher].rules(chosen) for teacher, chosen in wanted}


def rules_of_one(teacher_id: int, schedule_id: int, since: datetime) -> Rules:
    """Read the rules for gigs of a teacher that have this schedule, from `since` on."""
    with reading() as connection:
        return _said(connection, {teacher_id}, since)[teacher_id].rules(schedule_id)


def rules_of_all(
    connection: Connection, teacher_id: int, since: datetime
) -> tuple[list[Rules], list[Named], list[Blocked]]:
    """Read the rules of each of a teacher's schedules, from `since` on, in one statement.

    What other calendars say and what was blocked is no part of them, but stands beside them. The school's holidays are
    left out.
    """
    return _said(connection, {teacher_id}, since, with_holidays=False)[teacher_id].of_all()


@dataclass(slots=True)
class Said:
    """What one teacher said: their schedules, and what else is not offered.

    Schedules are found by their id, the default one under None.
    """

    schedules: dict[int | None, Entered] = field(default_factory=dict)
    blocks: list[Blocked] = field(default_factory=list)
    busy: list[Named] = field(default_factory=list)
    holidays: list[Interval] = field(default_factory=list)

    def rules(self, chosen: int | None, *, with_taken: bool = True) -> Rules:
        """Return the rules for gigs that have chosen this schedule."""
        # A gig may also name the default schedule by its id.
        own = chosen if chosen in self.schedules else None
        others = [each for other, each in self.schedules.items() if other != own]
        taken = [each[0] for each in self.blocks] + [each[0] for each in self.busy] if with_taken else []
        return read_rules(self.schedules[own], others, taken, self.holidays)

    def of_all(self) -> tuple[list[Rules], list[Named], list[Blocked]]:
        """Return the rules of each schedule, what other calendars say, and the blocks."""
        return [self.rules(chosen, with_taken=False) for chosen in self.schedules], self.busy, self.blocks


def said_and_holidays(connection: Connection, teacher_id: int, since: datetime) -> tuple[Said, JsonObject]:
    """Read what a teacher said, from `since` on, and list all holidays beside it, in one statement."""
    rows = connection.execute(_all_said([teacher_id], since, _holidays())).all()
    off = [row for row in rows if row.first_day is not None]
    return _sorted_out([row for row in rows if row.first_day is None], [teacher_id])[teacher_id], list_holidays(off)


def _said(
    connection: Connection | Session, teachers: set[int], since: datetime, *, with_holidays: bool = True
) -> dict[int, Said]:
    off = [_holidays().where(Holiday.last_day >= earliest_day(since))] if with_holidays else []
    return _sorted_out(connection.execute(_all_said(teachers, since, *off)), teachers)


def _sorted_out(rows: Iterable[Row[Any]], teachers: Iterable[int]) -> dict[int, Said]:
    holidays: list[Interval] = []
    found = {teacher_id: Said(holidays=holidays) for teacher_id in teachers}
    for row in rows:
        if row.first_day is not None:
            holidays.append(bounds_of_days(row.first_day, row.last_day, ZoneInfo(row.time_zone)))
            continue
        said = found[row.teacher_id]
        if row.starts_at is not None and row.schedule_id is not None:
            said.blocks.append(((row.starts_at, row.ends_at), row.schedule_id, row.calendar))
        elif row.starts_at is not None:
            said.busy.append(((row.starts_at, row.ends_at), row.calendar))
        else:
            said.schedules[row.schedule_id if row.is_default is False else None] = _entered(row)
    return found


def _entered(row: Row[Any]) -> Entered:
    return Entered(row.time_zone, NOTHING_SAID if row.rules is None else row.rules)


def _all_said(teachers: Iterable[int], since: datetime, *holidays: Select[Any]) -> CompoundSelect[Any]:
    """Select all schedules of these teachers, and what of the time from `since` on is not offered.

    That is what they blocked, when they are busy elsewhere, and the school's holidays. It is one statement, because a
    booking waits for it.
    """
    none = sql_cast(null(), String).label("calendar")
    own = select(
        User.id.label("teacher_id"),
        Schedule.id.label("schedule_id"),
        Schedule.is_default,
        _ZONE.label("time_zone"),
        Schedule.rules,
        sql_cast(null(), Instant).label("starts_at"),
        sql_cast(null(), Instant).label("ends_at"),
        none,
        *_NO_DAYS,
    )
    no_id, nothing = sql_cast(null(), Id), [sql_cast(null(), kind) for kind in (Boolean, String, JSON)]
    name = select(_CALENDARS.c.name).where(_CALENDARS.c.id == BusyTime.calendar_id).scalar_subquery()
    taken = [
        select(each.teacher_id, its_id, *nothing, each.starts_at, each.ends_at, named, *_NO_DAYS).where(
            each.teacher_id.in_(teachers), each.ends_at > since
        )
        for each, its_id, named in ((Block, Block.id, Block.note), (BusyTime, no_id, name))
    ]
    own = own.outerjoin(Schedule, Schedule.teacher_id == User.id).where(User.id.in_(teachers))
    return union_all(own, *taken, *holidays)


def _holidays() -> Select[Any]:
    """Select the school's holidays in the columns of `_all_said`, with the school's zone.

    Their ids and their names stand where a schedule's id and a calendar's name do.
    """
    nobody, no_flag, no_time = sql_cast(null(), Id), sql_cast(null(), Boolean), sql_cast(null(), Instant)
    what = (nobody, Holiday.id, no_flag, time_zone(), sql_cast(null(), JSON), no_time, no_time, Holiday.name)
    return select(*what, Holiday.first_day, Holiday.last_day)


def _schedules() -> Select[Any]:
    columns: list[Any] = [Schedule.id, Schedule.name, Schedule.is_default, _ZONE.label("time_zone"), Schedule.rules]
    return select(*columns).join(User, User.id == Schedule.teacher_id)


def _show(row: Row[Any]) -> JsonObject:
    return {"id": row.id, "name": row.name, "default": row.is_default, "time_zone": row.time_zone, **row.rules}

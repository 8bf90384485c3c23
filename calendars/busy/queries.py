"""Reads of busy calendars.

They are not cached: a form is filled with them, and each look changes what they say.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, or_, select

import tags
from accounts.models import Role, User
from caching import invalidation_check
from calendars.busy.models import BusyCalendar
from database import reading
from jsontext import JsonObject
from schedule.models import Schedule

# Cached reads show the name alone.
_OF_LOOKS = ("looked_at", "read_at", "failing_since", "problem", "told_at", "etag", "last_modified", "digest")
invalidation_check.watch(
    BusyCalendar,
    {tags.teacher_slots: ("teacher_id",)},
    unseen=[*_OF_LOOKS, "computed_at", "time_zone", "covers_until"],
    new_rows=False,
)

_SHOWN: list[Any] = [
    getattr(BusyCalendar, name)
    for name in ("id", "name", "url", "looked_at", "read_at", "failing_since", "problem", "covers_until")
]


def calendars_of(teacher_id: int) -> JsonObject:
    """List a teacher's busy calendars."""
    theirs = select(*_SHOWN).where(BusyCalendar.teacher_id == teacher_id).order_by(BusyCalendar.id)
    with reading() as connection:
        return {"data": [dict(row._mapping) for row in connection.execute(theirs)]}


def to_look_at(before: datetime, at_most: int) -> list[Row[Any]]:
    """Read the feeds of active teachers that were not looked at since `before`.

    The longest forgotten come first.
    """
    due = or_(BusyCalendar.looked_at.is_(None), BusyCalendar.looked_at < before)
    # PostgreSQL would put those last that were never looked at.
    first = (BusyCalendar.looked_at.is_not(None), BusyCalendar.looked_at, BusyCalendar.id)
    with reading() as connection:
        return list(connection.execute(_known().where(due).order_by(*first).limit(at_most)).all())


def one_to_look_at(calendar_id: int) -> Row[Any] | None:
    """Read one feed of an active teacher."""
    with reading() as connection:
        return connection.execute(_known().where(BusyCalendar.id == calendar_id)).one_or_none()


def _known() -> Select[Any]:
    """Select what is known of feeds, and the zone that events without one are meant in."""
    names = ("id", "teacher_id", "url", "etag", "last_modified", "digest", "computed_at", "time_zone")
    columns: list[Any] = [getattr(BusyCalendar, name) for name in names]
    columns.append(func.coalesce(Schedule.time_zone, User.time_zone).label("zone"))
    default = (Schedule.teacher_id == User.id) & Schedule.is_default
    people = select(*columns).join(User, User.id == BusyCalendar.teacher_id).outerjoin(Schedule, default)
    return people.where(User.active, User.role == Role.TEACHER)

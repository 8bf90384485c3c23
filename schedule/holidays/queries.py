"""Reads of the school's holidays.

The cached one names its family, its life time and the tag that makes it old.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select
from sqlalchemy.orm import Session

import tags
from caching import cache, invalidation_check
from errors import NotFound
from jsontext import JsonObject
from schedule.models import Holiday
from schedule.times.intervals import Interval, merge, overlaps
from schedule.times.wall_time import bounds_of_days, earliest_day, latest_day
from school.queries import time_zone

invalidation_check.watch(Holiday, {tags.holidays: ()})


@dataclass(frozen=True, slots=True)
class Closed:
    """Some days on which the school is closed, and what they are called."""

    interval: Interval
    name: str


# Invalidated by: every change of the holidays, and of the school's time zone.
@cache.stamped("holidays", ttl=86_400, tag=tags.holidays)
def holidays(connection: Connection) -> JsonObject:
    """List the school's holidays in order, with the instants that they are by its clock."""
    # They are called as in the statement of a teacher's hours, which can have them beside the hours.
    names = (Holiday.id.label("schedule_id"), Holiday.name.label("calendar"), time_zone().label("time_zone"))
    return list_holidays(connection.execute(select(*names, Holiday.first_day, Holiday.last_day)))


def list_holidays(rows: Iterable[Row[Any]]) -> JsonObject:
    """List holidays of a statement in order."""
    found = []
    for row in sorted(rows, key=lambda it: (it.first_day, it.last_day, it.schedule_id)):
        starts_at, ends_at = bounds_of_days(row.first_day, row.last_day, ZoneInfo(row.time_zone))
        days = {"first_day": row.first_day, "last_day": row.last_day}
        found.append({"id": row.schedule_id, "name": row.calendar, **days, "starts_at": starts_at, "ends_at": ends_at})
    return {"data": found, "next_cursor": None}


def holiday(holiday_id: int) -> JsonObject:
    """Describe one of them.

    Raises NotFound.
    """
    for row in holidays().json()["data"]:
        if row["id"] == holiday_id:
            return dict(row)
    raise NotFound


def closed_days(found: JsonObject) -> list[Closed]:
    """Return when the school is closed, by what `holidays` found."""
    return [
        Closed((datetime.fromisoformat(row["starts_at"]), datetime.fromisoformat(row["ends_at"])), row["name"])
        for row in found["data"]
    ]


def closed_times(found: JsonObject) -> list[Interval]:
    """Return the same as merged intervals."""
    return merge(each.interval for each in closed_days(found))


def name_of_holiday(days: Sequence[Closed], start: datetime, end: datetime) -> str | None:
    """Name the first holiday that has an instant of this interval, None if there is none."""
    return next((each.name for each in days if each.interval[0] < end and each.interval[1] > start), None)


def is_school_closed(connection: Connection | Session, start: datetime, end: datetime) -> bool:
    """Tell, in the caller's transaction, whether the school is closed at an instant of this interval."""
    near = (Holiday.first_day <= latest_day(end), Holiday.last_day >= earliest_day(start))
    rows = connection.execute(select(Holiday.first_day, Holiday.last_day, time_zone().label("zone")).where(*near))
    days = merge(bounds_of_days(row.first_day, row.last_day, ZoneInfo(row.zone)) for row in rows)
    return overlaps(days, start, end)

"""Pages with calendars: a teacher's week and day, and a user's month.

Times are those of the viewer's own zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template

from accounts.models import Role
from accounts.sign_in.identity import Viewer, require_viewer
from bookings.slots.week import week_title
from caching import BoundRead, cache
from caching.reads import answer_at_once
from calendars import lessons_by_day as days
from calendars.day_grid import Grid, Hours, grid_of
from calendars.lessons_by_day import Day
from calendars.month_days import month_days
from calendars.queries import hours_and_holidays, hours_between, lessons_between
from calendars.schemas import CalendarPageSchema, is_within_reach
from jsontext import JsonObject
from schedule.holidays.queries import Closed, closed_days, holidays
from schedule.times.intervals import Interval
from schedule.times.wall_time import local_day
from web.clock import now
from web.forms import from_address
from web.pages import PageBlueprint

pages = PageBlueprint("calendar_pages", __name__)


@pages.get("/schedule")
def week() -> str:
    """Show a week of a teacher's lessons."""
    viewer = require_viewer(Role.TEACHER)
    asked = days.week_of(_asked_day(viewer))
    around = _around(viewer, asked, asked[0] - timedelta(days=7), asked[-1] + timedelta(days=1))
    title = week_title(asked[0], asked[-1], _today(viewer))
    return render_template("calendars/week.html", title=title, grid=_grid(viewer, asked), **around)


@pages.get("/schedule/day")
def day() -> str:
    """Show a day of a teacher's lessons."""
    viewer = require_viewer(Role.TEACHER)
    asked = _asked_day(viewer)
    around = _around(viewer, [asked], asked - timedelta(days=1), asked + timedelta(days=1))
    return render_template("calendars/day.html", grid=_grid(viewer, [asked]), **around)


@pages.get("/calendar")
def month() -> str:
    """Show a month of one's own lessons."""
    viewer = require_viewer(Role.STUDENT, Role.TEACHER)
    asked = _asked_day(viewer)
    weeks = days.weeks_of_month(asked)
    days_shown = [each for week in weeks for each in week]
    shown = iter(month_days(*_with_hours(viewer, days_shown), ZoneInfo(viewer.time_zone)))
    return render_template(
        "calendars/month.html",
        month=asked.replace(day=1),
        weeks=[[next(shown) for _ in week] for week in weeks],
        **_around(viewer, days_shown, days.month_before(asked), days.month_after(asked)),
    )


def _asked_day(viewer: Viewer) -> date:
    """Return the day that the address asks for, else the present one.

    Raises Invalid.
    """
    asked: date | None = from_address(CalendarPageSchema(), "date")["date"]
    return asked or _today(viewer)


def _today(viewer: Viewer) -> date:
    return local_day(now(), ZoneInfo(viewer.time_zone))


def _around(viewer: Viewer, asked: Sequence[date], earlier: date, later: date) -> dict[str, Any]:
    """Name today, the stretch that a page shows, and its neighbours that are within reach."""
    reached = {name: each if is_within_reach(each) else None for name, each in (("earlier", earlier), ("later", later))}
    return {"today": _today(viewer), "stretch": days.stretch_of(asked, ZoneInfo(viewer.time_zone)), **reached}


def _grid(viewer: Viewer, asked: Sequence[date]) -> Grid:
    return grid_of(*_with_hours(viewer, asked), ZoneInfo(viewer.time_zone), now())


def _with_hours(viewer: Viewer, asked: Sequence[date]) -> tuple[list[Day], Hours]:
    """Look up lessons, a teacher's hours and the school's holidays, in one round trip."""
    zone = ZoneInfo(viewer.time_zone)
    hours_then = [hours_between.at(viewer.id, days.stretch_of(asked, zone))] if viewer.role == Role.TEACHER else []
    looked_up, *beside = cache.look_up(_lessons(viewer, asked), *hours_then, holidays.at())
    lessons = looked_up.answer().json()
    shown = days.sort_into_days(lessons["data"], asked, zone, lessons["sessions"])
    if not hours_then:
        return shown, Hours(None, [], holidays=closed_days(beside[0].answer().json()))
    hours, off = (answer.json() for answer in answer_at_once(beside, hours_and_holidays))
    return shown, _hours(hours, closed_days(off))


def _lessons(viewer: Viewer, asked: Sequence[date]) -> BoundRead:
    zone = viewer.time_zone
    shown = days.with_the_night_before(days.stretch_of(asked, ZoneInfo(zone)))
    return lessons_between(viewer.id, viewer.role, zone, shown, now())


def _hours(found: JsonObject, closed: Sequence[Closed]) -> Hours:
    busy = [((_instant(start), _instant(end)), name) for start, end, name in found["busy"]]
    offered = None if found["open"] is None else _intervals(found["open"])
    return Hours(offered, _intervals(found["away"]), busy, closed, found["blocks"])


def _intervals(rows: Iterable[Sequence[str]]) -> list[Interval]:
    return [(_instant(start), _instant(end)) for start, end in rows]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)

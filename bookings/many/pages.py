"""Buttons that change several lessons at once, and the page on which a teacher cancels a whole day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.models import Role
from accounts.sign_in.identity import Viewer, require_viewer
from bookings.many import service, words
from bookings.many.schemas import MOST_AT_ONCE, DaySchema, EndedSchema, ManyFormSchema
from bookings.many.service import ManyChanges
from bookings.my_lessons.queries import LessonsQuery, lessons_for
from bookings.my_lessons.rows import with_actions
from bookings.queries import OLDEST_FIRST
from bookings.statuses import ACTIVE, ENDINGS, BookingStatus
from caching import cache
from jsontext import JsonObject
from schedule.times.wall_time import day_bounds
from web.clock import now
from web.forms import from_address, from_form
from web.pages import Page, PageBlueprint, go_back

pages = PageBlueprint("many_pages", __name__)


@pages.form("/lessons/many", of="booking_pages.mine")
def change() -> Response:
    """Give the lessons that a page names another status, and say what became of each."""
    viewer = require_viewer()
    wanted: ManyChanges = from_form(ManyFormSchema(), "ids", "status", "reason")
    outcomes = service.change_all(wanted, actor=viewer, now=now())
    words.tell_of_status(outcomes, BookingStatus(wanted.step.to), viewer)
    return go_back(url_for("booking_pages.mine"))


@pages.get("/schedule/day/cancel")
def ask_to_cancel_day() -> Page:
    """Say which lessons of a day a teacher cancels, and who is told."""
    viewer = require_viewer(Role.TEACHER)
    day: date = from_address(DaySchema(), "date")["date"]
    lessons = _of_day(day, viewer, now())
    if not lessons:
        flash("There is nothing to cancel on this day.", "error")
        return redirect(url_for("calendar_pages.day", date=day))
    people = list(dict.fromkeys(lesson["student"]["name"] for lesson in lessons))
    return render_template("bookings/cancel_day.html", day=day, lessons=lessons, people=people)


@pages.post("/schedule/day/cancel")
def cancel_day() -> Response:
    """Cancel the lessons that the page named, and decline the requests among them.

    Nobody owes anything for it.
    """
    viewer, at = require_viewer(Role.TEACHER), now()
    _end(from_form(EndedSchema(), "ids", "reason"), viewer, at)
    day: date = from_address(DaySchema(), "date")["date"]
    return redirect(url_for("calendar_pages.day", date=day))


@pages.form("/lessons/end", of="booking_pages.mine")
def end() -> Response:
    """Cancel the lessons that are ticked, and decline the requests among them."""
    _end(from_form(EndedSchema(), "ids", "reason"), require_viewer(Role.TEACHER), now())
    return go_back(url_for("booking_pages.mine"))


def _end(sent: Mapping[str, Any], viewer: Viewer, at: datetime) -> None:
    outcomes = service.end_all(sent["ids"], sent["reason"], actor=viewer, now=at)
    number = sum(outcome.error is None for outcome in outcomes)
    ended = "The lesson is cancelled. Its student is told."
    if number > 1:
        ended = f"{number} lessons are cancelled. Their students are told."
    words.tell(outcomes, ended, viewer)


def _of_day(day: date, viewer: Viewer, at: datetime) -> list[JsonObject]:
    """List what a teacher can still end of a day in their own zone."""
    start, end = day_bounds(day, ZoneInfo(viewer.time_zone))
    query = LessonsQuery(statuses=ACTIVE, order=OLDEST_FIRST, limit=MOST_AT_ONCE, start=start, end=end)
    (found,) = cache.look_up(lessons_for(viewer.id, viewer.role, query))
    rows = found.answer().json()["data"]
    shown = (with_actions(row, viewer, at) for row in rows)
    return [row for row in shown if any(to in row["allowed_transitions"] for to in ENDINGS)]

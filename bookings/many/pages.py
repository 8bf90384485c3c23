"""Buttons that change several lessons at once, and the page on which a teacher cancels a whole day."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.models import Role
from accounts.sign_in.identity import Viewer, require_viewer
from bookings.many import service, words
from bookings.many.schemas import MOST_AT_ONCE, CancelledDaySchema, DaySchema, ManyFormSchema
from bookings.many.service import ManyChanges, Outcome
from bookings.my_lessons.queries import LessonsQuery, lessons_for
from bookings.my_lessons.rows import with_actions
from bookings.queries import OLDEST_FIRST
from bookings.rules.agreement import StatusChange
from bookings.statuses import ACTIVE, BookingStatus
from caching import cache
from jsontext import JsonObject
from schedule.times.wall_time import day_bounds
from web.clock import now
from web.forms import from_address, from_form
from web.pages import Page, PageBlueprint, go_back

pages = PageBlueprint("many_pages", __name__)

# By what a teacher ends a lesson: it is cancelled, or a request for it declined.
ENDS = (BookingStatus.CANCELLED, BookingStatus.REJECTED)


@pages.form("/lessons/many", of="booking_pages.mine")
def change() -> Response:
    """Give the lessons that a page names another status, and say what became of each."""
    viewer = require_viewer()
    wanted: ManyChanges = from_form(ManyFormSchema(), "ids", "status", "reason", "free")
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
    sent = from_form(CancelledDaySchema(), "ids", "reason")
    day: date = from_address(DaySchema(), "date")["date"]
    steps = {lesson["id"]: _end_of(lesson) for lesson in _of_day(day, viewer, at)}
    outcomes: list[Outcome] = []
    for to in ENDS:
        # What is not of this day any more is refused by its own present state.
        ids = [number for number in sent["ids"] if steps.get(number, BookingStatus.CANCELLED) == to]
        step = StatusChange(to=to, reason=sent["reason"], waive_fee=True)
        outcomes += service.change_all(ManyChanges(ids=ids, step=step), actor=viewer, now=at)
    number = sum(outcome.error is None for outcome in outcomes)
    lessons = "The lesson is cancelled" if number == 1 else f"{number} lessons are cancelled"
    words.tell(outcomes, f"{lessons}. {'Its student is' if number == 1 else 'Their students are'} told.", viewer)
    return redirect(url_for("calendar_pages.day", date=request.args["date"]))


def _of_day(day: date, viewer: Viewer, at: datetime) -> list[JsonObject]:
    """List what a teacher can still end of a day in their own zone."""
    start, end = day_bounds(day, ZoneInfo(viewer.time_zone))
    query = LessonsQuery(statuses=ACTIVE, order=OLDEST_FIRST, limit=MOST_AT_ONCE, start=start, end=end)
    (found,) = cache.look_up(lessons_for(viewer.id, viewer.role, query))
    rows = found.answer().json()["data"]
    shown = (with_actions(row, viewer, at) for row in rows)
    return [row for row in shown if any(end in row["allowed_transitions"] for end in ENDS)]


def _end_of(lesson: JsonObject) -> BookingStatus:
    return next(end for end in ENDS if end in lesson["allowed_transitions"])

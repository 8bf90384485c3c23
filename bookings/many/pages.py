"""Buttons that change several lessons at once, and the page on which a teacher cancels a whole day."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.models import Role
from accounts.sign_in.identity import Viewer, require_viewer
from bookings.many import day as days
from bookings.many import moving, service, words
from bookings.many.day import CancelDay
from bookings.many.moving import ManyMoves
from bookings.many.schemas import (
    MOST_AT_ONCE,
    CancelDaySchema,
    DaySchema,
    EndedSchema,
    ManyFormSchema,
    MovesFormSchema,
)
from bookings.many.service import ManyChanges
from bookings.statuses import BookingStatus
from schedule import outside
from schedule.models import Stretch
from schedule.schemas import SchedulePageSchema
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
    found = days.of_day(_stretch(day, viewer), viewer, now())
    if not found.lessons and not found.sessions:
        flash("There is nothing to cancel on this day.", "error")
        return redirect(url_for("calendar_pages.day", date=day))
    return render_template("bookings/cancel_day.html", day=day, found=found)


@pages.post("/schedule/day/cancel")
def cancel_day() -> Response:
    """Cancel the sessions and lessons that the page named, and decline the requests among them.

    Nobody owes anything for it, and nothing else of the day can be booked any more.
    """
    viewer = require_viewer(Role.TEACHER)
    day: date = from_address(DaySchema(), "date")["date"]
    sent = from_form(CancelDaySchema(), "sessions", "ids", "reason")
    wanted = CancelDay(
        stretch=_stretch(day, viewer), session_ids=sent["sessions"], ids=sent["ids"], reason=sent["reason"]
    )
    sessions, lessons = days.cancel(wanted, viewer, now())
    words.tell_of_day(sessions, lessons, viewer)
    return redirect(url_for("calendar_pages.day", date=day))


@pages.form("/lessons/end", of="booking_pages.mine")
def end() -> Response:
    """Cancel the lessons that are ticked, and decline the requests among them."""
    viewer, sent = require_viewer(Role.TEACHER), from_form(EndedSchema(), "ids", "reason")
    outcomes = service.end_all(sent["ids"], sent["reason"], actor=viewer, now=now())
    number = sum(outcome.error is None for outcome in outcomes)
    ended = "The lesson is cancelled. Its student is told."
    if number > 1:
        ended = f"{number} lessons are cancelled. Their students are told."
    words.tell(outcomes, ended, viewer)
    return go_back(url_for("booking_pages.mine"))


@pages.get("/availability/outside/move")
def ask_to_move() -> Page:
    """Propose other times for the lessons outside of one's hours."""
    viewer = require_viewer(Role.TEACHER)
    schedule_id = _schedule_in_address()
    lessons = outside.lessons_outside(viewer.id, schedule_id, now())[:MOST_AT_ONCE]
    if not lessons:
        flash("No booked lesson lies outside these hours.")
        return redirect(url_for("schedule_pages.availability", schedule=schedule_id))
    found = moving.proposals([lesson.id for lesson in lessons], viewer, now())
    return render_template("bookings/move_outside.html", lessons=lessons, found=found, schedule_id=schedule_id)


@pages.post("/availability/outside/move")
def move() -> Response:
    """Move lessons to the times that were chosen for them, and say what became of each."""
    viewer, schedule_id = require_viewer(Role.TEACHER), _schedule_in_address()
    wanted: ManyMoves = from_form(MovesFormSchema(), "moves", "reason")
    if not wanted.to:
        flash("No lesson was moved: a new time was chosen for none.", "error")
        return redirect(url_for(".ask_to_move", schedule=schedule_id))
    words.tell_of_moves(moving.move_all(wanted, actor=viewer, now=now()), viewer)
    return redirect(url_for("schedule_pages.availability", schedule=schedule_id))


def _schedule_in_address() -> int | None:
    found: int | None = from_address(SchedulePageSchema(), "schedule")["schedule"]
    return found


def _stretch(day: date, viewer: Viewer) -> Stretch:
    """Return this day of the teacher's own zone."""
    start, end = day_bounds(day, ZoneInfo(viewer.time_zone))
    return Stretch(start=start, end=end)

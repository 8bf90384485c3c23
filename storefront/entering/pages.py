"""Enter a lesson for a student, from the week, a student's page or the list of all lessons."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.models import Role
from accounts.rights import STAFF, runs_school
from accounts.sign_in.identity import Viewer, require_viewer
from bookings.entering import service
from bookings.entering.service import Entry
from bookings.forms import OTHER
from bookings.queries import find_booking
from bookings.rules.agreement import LessonRequest
from caching import cache
from errors import (
    Busy,
    Conflict,
    EmailUnconfirmed,
    Invalid,
    SeriesConflict,
    SlotTaken,
    SlotUnavailable,
    TooManyAttempts,
)
from gigs.models import Enrolment, GigStatus, Visibility
from gigs.queries import MyGigsQuery, my_gigs_page
from gigs.search.filters import GigsQuery
from gigs.search.queries import gigs_page
from schedule.blocks import queries as blocks
from schedule.blocks import service as blocks_service
from schedule.blocks.schemas import NewBlockSchema
from schedule.models import Stretch
from storefront.entering.forms import NEW, EntryForm
from students.queries import StudentsQuery, list_for
from web.clock import now
from web.fields import QueryId, QueryInstant, StrictSchema
from web.filters import day, moment, time_range
from web.forms import from_address, from_form
from web.pages import Page, PageBlueprint, go_back, shown
from web.ratelimits import count_entry

pages = PageBlueprint("entering_pages", __name__)

HOUR = timedelta(hours=1)
# Who has more of them finds the others by name and address, or enters from the student's page.
MOST_OFFERED = 100


class EnterAddressSchema(StrictSchema):
    """What the address of the page may say: when, and for whom."""

    at = QueryInstant(load_default=None)
    student = QueryId(load_default=None)


@pages.route("/lessons/enter", methods=["GET", "POST"])
def enter() -> Page:
    """Enter a lesson that is agreed on, or block an hour instead."""
    viewer = require_viewer(Role.TEACHER, *STAFF)
    asked = from_address(EnterAddressSchema(), "at", "student")
    form = EntryForm(data=_filled_in(asked, viewer))
    form.offer(_gigs(viewer))
    form.know(_students(viewer))
    starts_at = form.resolve(viewer.time_zone) if form.validate_on_submit() else None
    if starts_at is not None and (made := _enter(form, starts_at, viewer)):
        return _entered(made, form, viewer)
    hour: datetime | None = asked["at"]
    until = hour + HOUR if hour and viewer.role == Role.TEACHER and hour + HOUR > now() else None
    return shown(render_template("storefront/enter.html", form=form, hour=hour, until=until), form)


@pages.form("/schedule/block", of="calendar_pages.week")
def block() -> Response:
    """Block an hour of the week."""
    viewer = require_viewer(Role.TEACHER)
    sent = from_form(NewBlockSchema(), "starts_at", "ends_at", "note")
    start, end = sent["starts_at"], sent["ends_at"]
    blocks_service.block_time(viewer.id, Stretch(start=start, end=end), sent["note"], now=now())
    flash(f"{day(start)}, {time_range(start, end)}, is blocked: nothing is offered then.")
    local = start.astimezone(ZoneInfo(viewer.time_zone))
    return redirect(url_for("calendar_pages.week", date=local.date()))


@pages.form("/schedule/block/<id:block_id>/delete", of="calendar_pages.week")
def unblock(block_id: int) -> Response:
    """Take a block away."""
    viewer = require_viewer(Role.TEACHER)
    found = blocks.block(viewer.id, block_id)
    blocks_service.unblock(viewer.id, block_id)
    flash(f"The time from {moment(found['starts_at'])} on is not blocked any more. Your hours count again.")
    local = found["starts_at"].astimezone(ZoneInfo(viewer.time_zone))
    return go_back(url_for("calendar_pages.week", date=local.date()))


def _enter(form: EntryForm, starts_at: datetime, viewer: Viewer) -> int | None:
    """Enter what the form says and return the lesson's id.

    None, with an error in the form, if that is not possible.
    """
    student_id = None if form.student_id.data == NEW else int(form.student_id.data)
    lesson = LessonRequest(
        gig_id=form.loaded["gig_id"], note=form.loaded["note"], starts_at=starts_at, student_id=student_id
    )
    try:
        count_entry(viewer.id, by_address=form.person is not None)
        entry = Entry(lesson=lesson, student=form.person, agreed=True, weeks=form.weeks.data)
        return service.enter(entry, actor=viewer, now=now())
    except Invalid as error:
        form.refuse(error.errors)
    except SeriesConflict as error:
        times = ", ".join(moment(starts_at) for starts_at, _ in error.conflicts)
        form.refuse({"starts_at": [f"These times are taken, so nothing was entered: {times}."]})
    except (SlotTaken, SlotUnavailable):
        form.refuse({"starts_at": ["There is another lesson at this time. Please choose another one."]})
    except (Busy, Conflict, EmailUnconfirmed, TooManyAttempts) as error:
        form.form_errors.append(error.detail)
    return None


def _entered(booking_id: int, form: EntryForm, viewer: Viewer) -> Response:
    detail = find_booking(booking_id, viewer)
    when = f"{day(detail.record.starts_at)}, {time_range(detail.record.starts_at, detail.record.ends_at)}"
    lessons = (
        f"{form.weeks.data} lessons are entered, the first on {when}" if form.weeks.data > 1 else f"{when} is entered"
    )
    flash(f"{lessons}. {detail.row.student_name} is told.")
    return redirect(url_for("lesson_page.show", booking_id=booking_id))


def _filled_in(asked: dict[str, Any], viewer: Viewer) -> dict[str, Any]:
    filled: dict[str, Any] = {"starts_at": OTHER, "student_id": str(asked["student"] or NEW)}
    if asked["at"]:
        local = asked["at"].astimezone(ZoneInfo(viewer.time_zone))
        filled |= {"date": local.date(), "time": local.time()}
    return filled


def _students(viewer: Viewer) -> dict[int, str]:
    (found,) = cache.look_up(list_for(viewer.id, viewer.role, StudentsQuery(limit=MOST_OFFERED)))
    return {student["id"]: student["name"] for student in found.answer().json()["data"]}


def _gigs(viewer: Viewer) -> dict[int, str]:
    """Return the titles of the gigs that can be booked, by id, to an administrator with their teachers."""
    if runs_school(viewer.role):
        found = gigs_page(GigsQuery(limit=MOST_OFFERED)).json()
        return {gig["id"]: f"{gig['title']}, {gig['teacher']['name']}" for gig in found["data"]}
    found = my_gigs_page(viewer.id, MyGigsQuery(statuses=(GigStatus.PUBLISHED,), limit=MOST_OFFERED, after=None)).json()
    bookable = (
        gig
        for gig in found["data"]
        if gig["visibility"] != Visibility.PRIVATE and gig["enrolment"] == Enrolment.BOOKING
    )
    return {gig["id"]: gig["title"] for gig in bookable}

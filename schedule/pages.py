"""The pages on which teachers say when they can be booked."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for

from accounts.models import Role
from accounts.sign_in.identity import Viewer, require_viewer
from errors import DefaultSchedule, NotFound, ScheduleInUse, TooManyGigs, TooManySchedules, WrongState
from gigs.queries import gig
from jsontext import JsonObject
from schedule import outside, queries, service, words
from schedule.forms import ANY_TIME, AvailabilityForm
from schedule.models import Hours
from schedule.schemas import SchedulePageSchema
from schedule.times.rules import NOTHING_SAID, WORKING_WEEK, AvailabilityDocument, Weekday
from web.clock import now
from web.forms import from_address
from web.pages import Page, PageBlueprint, refused, tell

pages = PageBlueprint("schedule_pages", __name__)


@pages.route("/availability", methods=["GET", "POST"])
def availability() -> Page:
    """Say when one can be booked, in the schedule that the address names or else the default one.

    A button that adds, copies or removes a row saves nothing yet.
    """
    viewer = require_viewer(Role.TEACHER)
    asked = from_address(SchedulePageSchema(), "schedule")["schedule"]
    shown = queries.schedule(viewer.id, asked)
    stored = queries.document_of(shown)
    form = AvailabilityForm.of(stored, shown["time_zone"], shown["name"])
    asking: list[str] = []
    if wish := request.form.get("row"):
        form.sheet.change(wish)
    elif form.validate_on_submit() and not (asking := _questions(form, stored)):
        service.replace_schedule(viewer.id, shown["id"], form.hours, now=now())
        tell(f"Saved. {_what_holds(form)}{_left_outside(viewer, asked)}", url=url_for("gig_pages.mine"), link="My gigs")
        return redirect(url_for(".availability", schedule=asked))
    page = render_template(
        "schedule/availability.html",
        form=form,
        schedule=shown,
        asked=asked,
        **_rows(form, asking),
        **_around(viewer, shown, stored),
    )
    return refused(page) if form.errors or form.problems or asking else page


@pages.post("/availability/schedules")
def add_schedule() -> Page:
    """Add a schedule that begins as an empty week."""
    viewer = require_viewer(Role.TEACHER)
    try:
        made = service.create_schedule(viewer.id, Hours(rules=NOTHING_SAID, name="More hours"), now=now())
    except TooManySchedules as error:
        flash(error.detail)
        return redirect(url_for(".availability"))
    flash("This schedule is new. Give it a name and its hours, then choose it for the gigs that it is meant for.")
    return redirect(url_for(".availability", schedule=made))


@pages.post("/availability/schedules/<id:schedule_id>/delete")
def delete_schedule(schedule_id: int) -> Page:
    """Delete a schedule that no gig uses."""
    viewer = require_viewer(Role.TEACHER)
    try:
        service.delete_schedule(viewer.id, schedule_id)
    except (DefaultSchedule, ScheduleInUse) as error:
        tell(f"{error.detail} Nothing was deleted.", url=url_for("gig_pages.mine"), link="My gigs")
        return redirect(url_for(".availability", schedule=schedule_id))
    flash("The schedule is deleted.")
    return redirect(url_for(".availability"))


@pages.route("/gigs/<id:gig_id>/hours", methods=["GET", "POST"])
def first_hours(gig_id: int) -> Page:
    """Say when one has time, and publish one's first gig.

    A working week is filled in.
    """
    viewer = require_viewer(Role.TEACHER)
    shown = _own_gig(gig_id, viewer)
    if queries.has_said_when(viewer.id, shown["schedule_id"]):
        return redirect(url_for("gig_pages.edit", gig_id=gig_id))
    filled_in: AvailabilityDocument = {**NOTHING_SAID, "weekly": WORKING_WEEK}
    form = AvailabilityForm.of(filled_in, viewer.time_zone)
    asking: list[str] = []
    if wish := request.form.get("row"):
        form.sheet.change(wish)
    elif form.validate_on_submit() and not (asking := _questions(form, filled_in)):
        try:
            service.publish_with_hours(gig_id, form.hours, actor=viewer, now=now())
        except (WrongState, TooManyGigs) as error:
            form.form_errors.append(error.detail)
        else:
            told = f"“{shown['title']}” is published. {_what_holds(form)}"
            tell(told, url=url_for("gig_page.show", gig_id=gig_id), link="See the gig")
            return redirect(url_for("gig_pages.edit", gig_id=gig_id))
    page = render_template("schedule/first_hours.html", form=form, gig=shown, **_rows(form, asking))
    return refused(page) if form.errors or form.problems or asking else page


def _own_gig(gig_id: int, viewer: Viewer) -> JsonObject:
    """Return a gig of the viewer's.

    Raises NotFound.
    """
    found: JsonObject | None = gig(gig_id).json()
    if found is None or found["teacher"]["id"] != viewer.id:
        raise NotFound
    return found


def _rows(form: AvailabilityForm, asking: list[str]) -> JsonObject:
    return {"sheet": form.sheet, "weekdays": list(Weekday), "asking": asking}


def _around(viewer: Viewer, shown: JsonObject, stored: AvailabilityDocument) -> JsonObject:
    """Collect what stands around the form."""
    others = queries.schedules(viewer.id).json()["data"]
    return {
        "schedules": others,
        "summary": words.summary(stored),
        "preview": words.preview(queries.rules_of_one(viewer.id, shown["id"], now()), now()),
        "outside": outside.lessons_outside(viewer.id, shown["id"], now()),
    }


def _questions(form: AvailabilityForm, stored: AvailabilityDocument) -> list[str]:
    """Ask about times that are probably a slip and have not been confirmed."""
    return [] if request.form.get("meant") == "yes" else words.questions(form.loaded, stored)


def _left_outside(viewer: Viewer, schedule_id: int | None) -> str:
    number = len(outside.lessons_outside(viewer.id, schedule_id, now()))
    if not number:
        return ""
    lie = "1 booked lesson lies outside them" if number == 1 else f"{number} booked lessons lie outside them"
    return f" {lie}, see below."


def _what_holds(form: AvailabilityForm) -> str:
    if form.mode.data == ANY_TIME:
        return "Students can ask for lessons at any time that is free."
    if not form.loaded["weekly"] and not any(day["windows"] for day in form.loaded["exceptions"]):
        return "You have entered no times, so nobody can ask for a lesson at present."
    return "Students can ask for lessons at these times from now on."

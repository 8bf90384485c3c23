"""The pages on which teachers say when they can be booked."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for

from accounts.models import Role
from accounts.sign_in.identity import Viewer, require_viewer
from errors import NotFound, TooManyGigs, WrongState
from gigs.queries import gig
from jsontext import JsonObject
from schedule import queries, service
from schedule.availability_sheet import long_nights, number_of_times, tidy
from schedule.forms import ANY_TIME, AvailabilityForm
from schedule.models import Hours
from schedule.times.rules import NOTHING_SAID, WORKING_WEEK, Weekday
from web.clock import now
from web.pages import Page, PageBlueprint, refused, tell

pages = PageBlueprint("schedule_pages", __name__)


@pages.route("/availability", methods=["GET", "POST"])
def availability() -> Page:
    """Say when one can be booked.

    A button that adds or removes a row saves nothing yet.
    """
    viewer = require_viewer(Role.TEACHER)
    stored = queries.schedule(viewer.id)
    form = AvailabilityForm.of(queries.document_of(stored), stored["time_zone"])
    nights: list[str] = []
    if wish := request.form.get("row"):
        form.sheet.change(wish)
    elif form.validate_on_submit() and not (nights := _to_be_confirmed(form)):
        service.replace_schedule(viewer.id, None, Hours(rules=tidy(form.loaded)), now=now())
        tell(_saved(form), url=url_for("gig_pages.mine"), link="My gigs")
        return redirect(url_for(".availability"))
    around = {"sheet": form.sheet, "weekdays": list(Weekday), "nights": nights, "schedule": stored}
    page = render_template("schedule/availability.html", form=form, **around)
    return refused(page) if form.errors or form.problems or nights else page


@pages.route("/gigs/<id:gig_id>/hours", methods=["GET", "POST"])
def first_hours(gig_id: int) -> Page:
    """Say when one has time, and publish one's first gig.

    A working week is filled in.
    """
    viewer = require_viewer(Role.TEACHER)
    shown = _own_gig(gig_id, viewer)
    if queries.has_said_when(viewer.id, shown["schedule_id"]):
        return redirect(url_for("gig_pages.edit", gig_id=gig_id))
    form = AvailabilityForm.of({**NOTHING_SAID, "weekly": WORKING_WEEK}, viewer.time_zone)
    nights: list[str] = []
    if wish := request.form.get("row"):
        form.sheet.change(wish)
    elif form.validate_on_submit() and not (nights := _to_be_confirmed(form)):
        hours = Hours(rules=tidy(form.loaded), time_zone=viewer.time_zone)
        try:
            service.publish_with_hours(gig_id, hours, actor=viewer, now=now())
        except (WrongState, TooManyGigs) as error:
            form.form_errors.append(error.detail)
        else:
            told = f"“{shown['title']}” is published. {_what_holds(form)}"
            tell(told, url=url_for("gig_page.show", gig_id=gig_id), link="See the gig")
            return redirect(url_for("gig_pages.edit", gig_id=gig_id))
    around = {"sheet": form.sheet, "weekdays": list(Weekday), "nights": nights, "gig": shown}
    page = render_template("schedule/first_hours.html", form=form, **around)
    return refused(page) if form.errors or form.problems or nights else page


def _own_gig(gig_id: int, viewer: Viewer) -> JsonObject:
    """Return a gig of the viewer's.

    Raises NotFound.
    """
    found: JsonObject | None = gig(gig_id).json()
    if found is None or found["teacher"]["id"] != viewer.id:
        raise NotFound
    return found


def _to_be_confirmed(form: AvailabilityForm) -> list[str]:
    """Name the times that are probably a slip and have not been confirmed."""
    return [] if request.form.get("nights") == "meant" else long_nights(form.loaded)


def _saved(form: AvailabilityForm) -> str:
    """Say what holds from now on, and whether times have been put together."""
    together = number_of_times(tidy(form.loaded)) < number_of_times(form.loaded)
    return f"Saved. {_what_holds(form)}" + (" Times that touched or overlapped are one now." if together else "")


def _what_holds(form: AvailabilityForm) -> str:
    if form.mode.data == ANY_TIME:
        return "Students can ask for lessons at any time that is free."
    if not form.loaded["weekly"] and not any(day["windows"] for day in form.loaded["exceptions"]):
        return "You have entered no times, so nobody can ask for a lesson at present."
    return "Students can ask for lessons at these times from now on."

"""The page on which teachers say when they can be booked."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for

from accounts.models import Role
from accounts.sign_in.identity import require_viewer
from schedule import queries, service
from schedule.availability_sheet import long_nights, number_of_times, tidy
from schedule.forms import ANY_TIME, AvailabilityForm
from schedule.times.rules import Weekday
from web.clock import now
from web.pages import Page, PageBlueprint, refused, tell

pages = PageBlueprint("schedule_pages", __name__)


@pages.route("/availability", methods=["GET", "POST"])
def availability() -> Page:
    """Say when one can be booked.

    A button that adds or removes a row saves nothing yet.
    """
    viewer = require_viewer(Role.TEACHER)
    nights: list[str] = []
    form = AvailabilityForm.of(queries.availability(viewer.id), viewer.time_zone)
    if wish := request.form.get("row"):
        form.sheet.change(wish)
    elif form.validate_on_submit() and not (nights := _to_be_confirmed(form)):
        service.replace_availability(viewer.id, tidy(form.loaded), now=now())
        tell(_saved(form), url=url_for("gig_pages.mine"), link="My gigs")
        return redirect(url_for(".availability"))
    around = {"sheet": form.sheet, "weekdays": list(Weekday), "nights": nights}
    page = render_template("schedule/availability.html", form=form, **around)
    return refused(page) if form.errors or form.problems or nights else page


def _to_be_confirmed(form: AvailabilityForm) -> list[str]:
    """Name the times that are probably a slip and have not been confirmed."""
    return [] if request.form.get("nights") == "meant" else long_nights(form.loaded)


def _saved(form: AvailabilityForm) -> str:
    """Say what holds from now on, and whether times have been put together."""
    together = number_of_times(tidy(form.loaded)) < number_of_times(form.loaded)
    return _what_holds(form) + (" Times that touched or overlapped are one now." if together else "")


def _what_holds(form: AvailabilityForm) -> str:
    if form.mode.data == ANY_TIME:
        return "Saved. Students can ask for lessons at any time that is free."
    if not form.loaded["weekly"] and not any(day["windows"] for day in form.loaded["exceptions"]):
        return "Saved. You have entered no times, so nobody can ask for a lesson at present."
    return "Saved. Students can ask for lessons at these times from now on."

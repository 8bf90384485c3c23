"""The page on which teachers name their other calendars."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for

from accounts.models import Role
from accounts.sign_in.identity import require_viewer
from calendars.busy import queries, service
from calendars.busy.forms import BusyCalendarForm
from calendars.busy.schemas import MOST_CALENDARS
from errors import Invalid
from web.clock import now
from web.pages import Page, PageBlueprint, shown

pages = PageBlueprint("busy_pages", __name__)


@pages.route("/availability/calendars", methods=["GET", "POST"])
def show() -> Page:
    """Show one's busy calendars, and add one."""
    viewer = require_viewer(Role.TEACHER)
    form = BusyCalendarForm()
    if form.validate_on_submit():
        try:
            service.add_calendar(viewer.id, form.loaded, now=now())
        except Invalid as error:
            form.refuse({"url": error.errors["url"]})
        else:
            flash(f"“{form.loaded.name}” is added. It is read within a minute, and every ten minutes from then on.")
            return redirect(url_for(".show"))
    calendars = queries.calendars_of(viewer.id)["data"]
    page = render_template("calendars/busy.html", form=form, calendars=calendars, most=MOST_CALENDARS)
    return shown(page, form)


@pages.form("/availability/calendars/<id:calendar_id>/remove", of="busy_pages.show")
def remove(calendar_id: int) -> Page:
    """Remove a busy calendar."""
    service.remove_calendar(require_viewer(Role.TEACHER).id, calendar_id)
    flash("The calendar is removed. What takes place in it is free again.")
    return redirect(url_for(".show"))

"""Pages of weekly series: preview, booking, answering and cancelling."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.rights import runs_school
from accounts.sign_in.identity import Viewer, require_viewer
from bookings import kept_notes
from bookings.forms import ANOTHER_FEE, new_price
from bookings.queries import booking_detail
from bookings.rules.agreement import TERMS, LessonRequest, StatusChange
from bookings.rules.limits import Limits
from bookings.schemas import StepSchema
from bookings.series import plan as series_plan
from bookings.series import service as series
from bookings.series.plan import Planned
from bookings.series.schemas import SeriesFormSchema
from bookings.statuses import FACTS, BookingStatus
from errors import Busy, FeeChanged, Invalid, LecternError, PriceChanged, SeriesConflict, TooManyOpen, WrongState
from gigs import queries
from gigs.states import shown_to
from web.clock import now
from web.filters import day
from web.forms import from_address, from_form
from web.pages import PageBlueprint, go_back, tell
from web.settings import chosen

pages = PageBlueprint("series_pages", __name__)

# The lesson's page lists those that there are.
MOST_NAMED = 5

BOOKED_MEANWHILE = "Something has been booked meanwhile, so nothing was asked for. Below is how things stand now."
FIELDS = ("starts_at", "weeks")


@pages.get("/gigs/<id:gig_id>/series")
def preview(gig_id: int) -> str | Response:
    """Show each lesson of a weekly series, and what is in the way of those that cannot be booked."""
    return _show(gig_id, require_viewer(), from_address(SeriesFormSchema(), *FIELDS, note=kept_notes.kept(gig_id)))


@pages.post("/gigs/<id:gig_id>/series")
def book(gig_id: int) -> str | tuple[str, int] | Response:
    """Ask for all lessons of a series, or for those that are free."""
    viewer = require_viewer()
    asked = from_form(SeriesFormSchema(), *FIELDS, "note", "on_conflict", *(f"seen_{name}" for name in TERMS))
    wanted = series.series_in(asked | {"gig_id": gig_id})
    try:
        booked = series.book_series(wanted, actor=viewer, now=now(), limits=Limits.of(chosen()))
    except (SeriesConflict, Busy, PriceChanged, TooManyOpen) as error:
        flash(_why_not(error), "error")
        kept_notes.keep(gig_id, asked["note"])
        again = {"starts_at": asked["starts_at"].isoformat(), "weeks": asked["weeks"]}
        return redirect(url_for(".preview", gig_id=gig_id, **again))
    kept_notes.keep(gig_id, "")
    number = asked["weeks"] - len(booked.skipped)
    agreed = booking_detail(booked.series_id, viewer, now())["status"] == BookingStatus.ACCEPTED
    done = f"You {'booked' if agreed else 'asked for'} {number} {'lesson' if number == 1 else 'lessons'}."
    flash(f"{done} {_left_out(booked.skipped)}".strip())
    return redirect(url_for("lesson_page.show", booking_id=booked.series_id))


@pages.form("/lessons/<id:booking_id>/series", of="lesson_page.show")
def change(booking_id: int) -> Response:
    """Accept, decline or cancel a lesson of a series and all later ones."""
    viewer = require_viewer()
    step: StatusChange = from_form(StepSchema(exclude=("seen",)), "status", "reason", "fee_cents", "waive_fee")
    lesson_url = url_for("lesson_page.show", booking_id=booking_id)
    try:
        changed = series.change_later(booking_id, step, actor=viewer, now=now())
    except FeeChanged:
        flash(ANOTHER_FEE, "error")
    except WrongState:
        flash("That was not possible any more. Below is how things stand now.", "error")
    else:
        tell(
            f"{len(changed.ids)} {FACTS[BookingStatus(step.to)].done_for_series}",
            url=url_for("booking_pages.mine"),
            link="See all lessons" if runs_school(viewer.role) else "See my lessons",
        )
        return go_back(lesson_url)
    return redirect(lesson_url)


def _left_out(skipped: list[Planned]) -> str:
    """Name the weeks of a series that have no lesson."""
    if not skipped:
        return ""
    days = [day(lesson.starts_at) for lesson in skipped[:MOST_NAMED]]
    if more := len(skipped) - len(days):
        days.append(f"{more} more {'week' if more == 1 else 'weeks'}")
    named = days[0] if len(days) == 1 else f"{', '.join(days[:-1])} and {days[-1]}"
    return f"{named} {'is' if len(skipped) == 1 else 'are'} left out."


def _why_not(error: LecternError) -> str:
    """Say why nothing was asked for."""
    if isinstance(error, PriceChanged):
        return new_price(error)
    return error.detail if isinstance(error, TooManyOpen) else BOOKED_MEANWHILE


def _show(gig_id: int, viewer: Viewer, asked: dict[str, Any]) -> str | Response:
    gig = shown_to(queries.gig(gig_id).json(), viewer)
    wanted = LessonRequest(gig_id=gig_id, starts_at=asked["starts_at"])
    try:
        lessons, place = series_plan.preview(wanted, asked["weeks"], actor=viewer, now=now())
    except Invalid:
        flash("This time cannot be booked. Please choose another one.", "error")
        return redirect(url_for("gig_page.show", gig_id=gig_id))
    free = sum(lesson.obstacle is None for lesson in lessons)
    return render_template("gigs/series.html", gig=gig, asked=asked, lessons=lessons, free=free, place=place)

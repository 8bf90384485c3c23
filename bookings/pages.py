"""Pages of bookings: "My lessons", a lesson with its history, and asking for one."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.models import Role
from accounts.queries import profile
from accounts.sign_in.identity import require_viewer
from bookings import kept_notes, queries, service
from bookings.forms import ANOTHER_FEE, BookingForm, new_price, seen_in_form, why_not
from bookings.models import BookingStatus
from bookings.my_lessons import lesson_list
from bookings.proposals import may_propose
from bookings.rules import cancellation
from bookings.rules.agreement import LessonRequest, StatusChange
from bookings.rules.limits import Limits
from bookings.schemas import StepSchema
from bookings.series.service import steps as series_steps
from bookings.slots.week import written
from bookings.states import move_of
from errors import Busy, FeeChanged, Invalid, PriceChanged, SlotTaken, SlotUnavailable, TooManyOpen, WrongState
from reviews.queries import review_of_booking
from schedule.times.wall_time import Kind, resolve
from storefront import gig_page
from web.clock import now
from web.filters import day, time_range, zone_name
from web.forms import from_form
from web.pages import PageBlueprint, go_back, refused, tell
from web.settings import chosen

pages = PageBlueprint("booking_pages", __name__)

Page = str | tuple[str, int] | Response

SENTENCES = {
    BookingStatus.ACCEPTED: "The lesson is agreed on.",
    BookingStatus.REJECTED: "The lesson is declined.",
    BookingStatus.CANCELLED: "The lesson is cancelled.",
    BookingStatus.COMPLETED: "The lesson is marked as completed.",
    BookingStatus.NO_SHOW: "The lesson is noted as a no-show.",
}


@pages.get("/lessons")
def mine() -> str:
    """List the lessons of whoever asks, as student or as teacher; administrators see all."""
    return render_template("bookings/list.html", **lesson_list.load(now()))


@pages.get("/lessons/<id:booking_id>")
def show(booking_id: int) -> str:
    """Show a lesson, with its history and what the reader may do now."""
    viewer = require_viewer()
    booking = queries.booking_detail(booking_id, viewer, now())
    other = booking["student"] if viewer.id == booking["teacher"]["id"] else booking["teacher"]
    person = profile(other["id"]).json()
    completed = booking["status"] == BookingStatus.COMPLETED
    review = review_of_booking(booking_id) if completed else None
    costs = cancellation.preview(booking_id, viewer, now())
    about = cancellation.about_request(booking_id)
    is_student = viewer.role == Role.STUDENT and viewer.id == booking["student"]["id"]
    return render_template(
        "bookings/detail.html",
        booking=booking | about | {"other_time_zone": person["time_zone"] if person else None},
        history=queries.booking_history(booking_id),
        review=review,
        can_review=completed and is_student and review is None,
        can_move=move_of(queries.standing_of(booking), viewer, now()) is not None,
        can_propose=may_propose(viewer, booking),
        costs=costs,
        series=series_steps(booking, viewer, now()),
    )


@pages.form("/gigs/<id:gig_id>/lessons", of="gig_pages.show")
def create(gig_id: int) -> Page:
    """Ask for a lesson; who is not signed in does that first, and finds again what was chosen."""
    page = gig_page.find(gig_id)
    seen = seen_in_form()
    form = BookingForm()
    wanted = form.resolve(page.zone) if form.validate() else None
    if wanted is None:
        return refused(gig_page.show_again(page, form))
    note = form.loaded["note"]
    series = _preview_of_series(gig_id, wanted, form.weeks.data)
    if page.viewer is None or series:
        kept_notes.keep(gig_id, note)
        return redirect(series) if page.viewer and series else _sign_in_first(gig_id, wanted, series)
    request = LessonRequest(gig_id=gig_id, starts_at=wanted, note=note, seen=seen)
    try:
        booking_id = service.create_booking(request, actor=page.viewer, now=now(), limits=Limits.of(chosen()))
    except PriceChanged as error:
        form.form_errors.append(new_price(error))
    except Invalid as error:
        form.refuse(error.errors)
    except (SlotTaken, SlotUnavailable) as error:
        form.refuse({"starts_at": [why_not(error)]})
    except (WrongState, TooManyOpen, Busy) as error:
        form.form_errors.append(error.detail)
    else:
        kept_notes.keep(gig_id, "")
        return _asked(booking_id, wanted)
    return refused(gig_page.show_again(gig_page.find(gig_id), form))


@pages.form("/lessons/<id:booking_id>/status", of="booking_pages.show")
def change_status(booking_id: int) -> Response:
    """Accept, decline, cancel or complete a lesson, or note that the student did not come."""
    viewer = require_viewer()
    change = from_form(StepSchema(), "status", "reason", "seen", "fee_cents", "waive_fee")
    step = StatusChange(to=change.pop("status"), **change)
    lesson_url = url_for(".show", booking_id=booking_id)
    try:
        service.change_status(booking_id, step, actor=viewer, now=now())
    except FeeChanged:
        flash(ANOTHER_FEE, "error")
        return redirect(lesson_url)
    except WrongState:
        flash("That was not possible any more. Below is how things stand now.", "error")
        return redirect(lesson_url)
    tell(SENTENCES[BookingStatus(step.to)], url=lesson_url, link="See the lesson")
    return go_back(lesson_url)


def _preview_of_series(gig_id: int, first: datetime, weeks: int) -> str | None:
    """Return the address that shows a weekly series before it is booked; None for a single lesson."""
    if weeks == 1:
        return None
    return url_for("series_pages.preview", gig_id=gig_id, starts_at=written(first), weeks=weeks)


def _sign_in_first(gig_id: int, wanted: datetime, series: str | None) -> Response:
    flash("Please sign in to ask for this lesson. The time you chose is kept.")
    gig_url = url_for("gig_pages.show", gig_id=gig_id, starts_at=wanted.isoformat())
    return redirect(url_for("account_pages.sign_in", next=series or gig_url))


def _asked(booking_id: int, wanted: datetime) -> Response:
    """Say which time was asked for, in full, and which one of two if it comes twice."""
    viewer = require_viewer()
    booking = queries.booking_detail(booking_id, viewer, now())
    times = time_range(booking["starts_at"], booking["ends_at"])
    text = f"You asked {booking['teacher']['name']} for {day(booking['starts_at'])}, {times}"
    flash(f"{text} ({zone_name(viewer.time_zone)}).{_which_of_two(wanted, ZoneInfo(viewer.time_zone))}")
    return redirect(url_for(".show", booking_id=booking_id))


def _which_of_two(instant: datetime, zone: ZoneInfo) -> str:
    there = instant.astimezone(zone)
    found = resolve(there.replace(tzinfo=None), zone)
    if found.kind != Kind.FOLD:
        return ""
    which = "earlier" if found.instant == instant else "later"
    return f" {there:%H:%M} comes twice that day, because the clocks are put back; the {which} one is meant."

"""Pages of bookings: "My lessons", a lesson with its history, and asking for one."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.sign_in.identity import require_viewer
from bookings import service
from bookings.forms import ANOTHER_FEE
from bookings.models import BookingStatus
from bookings.my_lessons import lesson_list
from bookings.rules.agreement import StatusChange
from bookings.schemas import StepSchema
from errors import FeeChanged, WrongState
from web.clock import now
from web.forms import from_form
from web.pages import PageBlueprint, go_back, tell

pages = PageBlueprint("booking_pages", __name__)

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


@pages.form("/lessons/<id:booking_id>/status", of="lesson_page.show")
def change_status(booking_id: int) -> Response:
    """Accept, decline, cancel or complete a lesson, or note that the student did not come."""
    viewer = require_viewer()
    change = from_form(StepSchema(), "status", "reason", "seen", "fee_cents", "waive_fee")
    step = StatusChange(to=change.pop("status"), **change)
    lesson_url = url_for("lesson_page.show", booking_id=booking_id)
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

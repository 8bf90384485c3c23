"""Pages of bookings: "My lessons", and the buttons that answer, end and complete a lesson."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.sign_in.identity import require_viewer
from accounts.sign_in.page_viewer import shown_around
from bookings import service
from bookings.forms import ANOTHER_FEE
from bookings.my_lessons import lesson_list
from bookings.rules.agreement import StatusChange
from bookings.schemas import StepSchema
from bookings.statuses import FACTS, BookingStatus
from errors import FeeChanged, WrongState
from web.clock import now
from web.forms import from_form
from web.pages import PageBlueprint, go_back, tell

pages = PageBlueprint("booking_pages", __name__)


@pages.app_context_processor
def _facts() -> dict[str, object]:
    """Let templates know what is said of each status, what waits, and when it is."""
    own = shown_around("lessons")
    return {"status_facts": FACTS, "waiting_lessons": own and own["waiting"], "shown_at": now().isoformat()}


@pages.get("/lessons")
def mine() -> str:
    """List the viewer's lessons, as student or as teacher.

    Administrators see all.
    """
    return render_template("bookings/list.html", **lesson_list.load(now()))


@pages.form("/lessons/<id:booking_id>/status", of="lesson_page.show")
def change_status(booking_id: int) -> Response:
    """Accept, decline, cancel or complete a lesson, or note that the student did not come."""
    viewer = require_viewer()
    step: StatusChange = from_form(StepSchema(), "status", "reason", "seen", "fee_cents", "waive_fee")
    lesson_url = url_for("lesson_page.show", booking_id=booking_id)
    try:
        service.change_status(booking_id, step, actor=viewer, now=now())
    except FeeChanged:
        flash(ANOTHER_FEE, "error")
        return redirect(lesson_url)
    except WrongState:
        flash("That was not possible any more. Below is how things stand now.", "error")
        return redirect(lesson_url)
    tell(FACTS[BookingStatus(step.to)].done, url=lesson_url, link="See the lesson")
    return go_back(lesson_url)

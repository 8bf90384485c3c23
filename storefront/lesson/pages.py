"""A lesson's page: its history, its review, and what the viewer can do now."""

from __future__ import annotations

from flask import render_template

from accounts.models import Role
from accounts.queries import profile
from accounts.sign_in.identity import require_viewer
from bookings import queries
from bookings.models import BookingStatus
from bookings.proposals import may_propose
from bookings.rules import cancellation
from bookings.series.service import steps as series_steps
from bookings.states import move_of
from reviews.queries import review_of_booking
from web.clock import now
from web.pages import PageBlueprint

pages = PageBlueprint("lesson_page", __name__)


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
        "storefront/lesson.html",
        booking=booking | about | {"other_time_zone": person["time_zone"] if person else None},
        history=queries.booking_history(booking_id),
        review=review,
        can_review=completed and is_student and review is None,
        can_move=move_of(queries.standing_of(booking), viewer, now()) is not None,
        can_propose=may_propose(viewer, booking),
        costs=costs,
        series=series_steps(booking, viewer, now()),
    )

"""A lesson's page: its history, its review, and what the viewer can do now."""

from __future__ import annotations

from flask import render_template

from accounts.models import Role
from accounts.queries import profile
from accounts.sign_in.identity import require_viewer
from bookings import queries, service
from bookings.rules.cancellation import about_request, preview
from bookings.series.service import steps as series_steps
from bookings.states import can_move
from bookings.statuses import BookingStatus
from reviews.queries import review_of_booking
from web.clock import now
from web.pages import PageBlueprint

pages = PageBlueprint("lesson_page", __name__)


@pages.get("/lessons/<id:booking_id>")
def show(booking_id: int) -> str:
    """Show a lesson, with its history and what the reader may do now."""
    viewer, at = require_viewer(), now()
    detail = queries.find_booking(booking_id, viewer)
    record, booking = detail.record, detail.shown_to(viewer, at)
    person = profile(record.student_id if viewer.id == record.teacher_id else record.teacher_id).json()
    completed = record.status == BookingStatus.COMPLETED
    review = review_of_booking(booking_id) if completed else None
    return render_template(
        "storefront/lesson.html",
        booking=booking | about_request(record) | {"other_time_zone": person["time_zone"] if person else None},
        history=queries.booking_history(booking_id),
        review=review,
        can_review=completed and viewer.role == Role.STUDENT and viewer.id == record.student_id and review is None,
        can_move=can_move(record, viewer, at),
        can_propose=service.may_propose(viewer, record),
        costs=preview(record, viewer, at),
        series=series_steps(record, viewer, at),
    )

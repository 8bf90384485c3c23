"""A lesson's page: its history, its review, and what the viewer can do now."""

from __future__ import annotations

from datetime import datetime

from flask import flash, redirect, render_template, url_for

from accounts.models import Role
from accounts.queries import profile
from accounts.sign_in.identity import Viewer, require_viewer
from accounts.sign_in.page_version import renew_page_version
from accounts.sign_in.page_viewer import shown_around
from bookings import queries, service
from bookings.history import booking_history
from bookings.messages import service as messages
from bookings.messages.forms import MessageForm
from bookings.messages.queries import MessagesQuery, talks
from bookings.messages.schemas import MessagesQuerySchema
from bookings.my_lessons.rows import is_near, join_url
from bookings.records import BookingRecord
from bookings.rules.cancellation import Costs, about_request, preview
from bookings.series.service import steps as series_steps
from bookings.states import answers_open, can_move
from bookings.statuses import BookingStatus
from errors import NotFound, TooManyAttempts, WrongState
from jsontext import JsonObject
from payments.queries import balance_now
from reviews.queries import review_of_lessons
from storefront.lesson.talk import between
from web.clock import now
from web.forms import from_address
from web.pages import Page, PageBlueprint, refused
from web.ratelimits import count_message

pages = PageBlueprint("lesson_page", __name__)


@pages.app_context_processor
def _unread_messages() -> JsonObject:
    """Let `unread_mark` know of the messages that wait for the viewer of a page."""
    return {"unread_messages": shown_around("messages") or {}}


@pages.get("/lessons/<id:booking_id>")
def show(booking_id: int) -> str:
    """Show a lesson, with its history, what was written beside it, and what the reader may do now."""
    return _page(booking_id, MessageForm(formdata=None))


@pages.form("/lessons/<id:booking_id>/messages", of="lesson_page.show")
def write(booking_id: int) -> Page:
    """Write to the other one of the lesson's two people."""
    viewer, form = require_viewer(), MessageForm()
    if form.validate():
        try:
            count_message(viewer.id)
            messages.write_message(booking_id, form.loaded["text"], author_id=viewer.id, now=now())
        except (TooManyAttempts, WrongState) as error:
            form.refuse({"text": [error.detail]})
        else:
            flash("Your message is sent.")
            return redirect(url_for(".show", booking_id=booking_id, _anchor="talk"))
    if not talks(viewer.id, booking_id).json():
        raise NotFound
    return refused(_page(booking_id, form))


def _page(booking_id: int, message_form: MessageForm) -> str:
    viewer, at = require_viewer(), now()
    after: MessagesQuery = from_address(MessagesQuerySchema(), "cursor")
    detail = queries.find_booking(booking_id, viewer)
    record, booking = detail.record, detail.shown_to(viewer, at)
    other = profile(record.student_id if viewer.id == record.teacher_id else record.teacher_id).json()
    completed = record.status == BookingStatus.COMPLETED
    review = review_of_lessons(booking) if completed else None
    history = booking_history(booking_id)
    costs = preview(record, viewer, at)
    talk = between(record, viewer, after=after.after, now=at)
    _note_seen(booking, talk, viewer, at)
    return render_template(
        "storefront/lesson.html",
        booking=booking | about_request(record) | {"other_time_zone": other and other["time_zone"]},
        history=history,
        changed_by=_who_changed(booking, history),
        answers=answers_open(record, viewer, at),
        review=review,
        can_review=completed and viewer.role == Role.STUDENT and viewer.id == record.student_id and review is None,
        can_move=can_move(record, viewer, at),
        can_propose=service.may_propose(viewer, record),
        costs=costs,
        balance=balance_now(viewer.id, viewer.role, booking_id),
        entered_for_me=_may_object(record, viewer, costs, at),
        series=series_steps(record, viewer, at),
        talk=talk,
        message_form=message_form,
        join_url=join_url(booking.get("location", "")) if is_near(record.starts_at, record.ends_at, at) else None,
    )


def _note_seen(booking: JsonObject, talk: JsonObject | None, viewer: Viewer, at: datetime) -> None:
    """Note that the reader has seen what was changed and written: it is marked as new once."""
    if booking["changed_for_you"]:
        service.see(booking["id"], actor=viewer, now=at)
    if booking["changed_for_you"] or (talk and any(message["unread"] for message in talk["messages"])):
        renew_page_version()


def _may_object(record: BookingRecord, viewer: Viewer, costs: Costs, at: datetime) -> bool:
    """Tell whether the student can still cancel for nothing what somebody has entered for them."""
    entered = record.entered_at is not None and viewer.id == record.student_id
    return entered and costs.allowed and not costs.fee_cents and (costs.free_until is None or at < costs.free_until)


def _who_changed(booking: JsonObject, history: list[JsonObject]) -> JsonObject | None:
    """Find who made the change that the reader has not seen yet."""
    if (change := booking["changed_for_you"]) is None:
        return None
    made = (event for event in history if (event["what"], event["at"]) == (change["what"], change["at"]))
    return next((event["actor"] for event in made), None)

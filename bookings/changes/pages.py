"""Pages on which plans change: moving a lesson, cancelling it, proposing another one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.models import Role
from accounts.queries import profile
from accounts.sign_in.identity import Viewer, require_viewer
from bookings import queries, service
from bookings.changes.schemas import AnswerFormSchema
from bookings.forms import ANOTHER_FEE, OTHER, MoveForm, ProposalForm, why_not_moved
from bookings.many import words
from bookings.moves import service as moves
from bookings.records import BookingRecord
from bookings.rules.agreement import LessonRequest, MoveAnswer, NewTime, StatusChange
from bookings.rules.cancellation import preview
from bookings.schemas import CalledOffSchema, FeeShownSchema
from bookings.series import rest
from bookings.series.rest import RestChange
from bookings.slots.queries import Moved
from bookings.slots.week import Sought, Week, day_asked_for, free_week, week_name, written
from bookings.states import Means, can_move
from bookings.statuses import FACTS, BookingStatus
from errors import Busy, FeeChanged, Forbidden, Invalid, NotFound, SlotTaken, SlotUnavailable, TooManyOpen, WrongState
from gigs.models import Enrolment, GigStatus, Visibility
from gigs.queries import MyGigsQuery, my_gigs_page
from jsontext import JsonObject
from web.clock import now
from web.filters import day, time_range, zone_name
from web.forms import from_form
from web.pages import Page, PageBlueprint, go_back, refused, shown

pages = PageBlueprint("change_pages", __name__)

ANSWERED = {
    Means.AGREEING: "The lesson has the new time.",
    Means.REFUSING: "The lesson keeps its old time.",
    Means.WITHDRAWING: "You no longer ask for another time. The lesson stays as agreed.",
}
TOO_LATE = "That was not possible any more. Below is how things stand now."
# A teacher who offers more than these finds the others by moving the lesson's time, not by a longer list.
GIGS_OFFERED = 100


@pages.route("/lessons/<id:booking_id>/move", methods=["GET", "POST"])
def move(booking_id: int) -> Page:
    """Choose another time for a lesson."""
    viewer = require_viewer()
    detail = queries.find_booking(booking_id, viewer)
    if not can_move(detail.record, viewer, now()):
        return _not_movable(booking_id)
    form, fee_shown = MoveForm(), from_form(FeeShownSchema(), "fee_cents")
    starts_at = form.resolve(viewer.time_zone) if form.validate_on_submit() else None
    if starts_at is not None:
        try:
            wanted = NewTime(starts_at=starts_at, reason=form.loaded["reason"], **fee_shown)
            if form.rest.data and detail.record.series_id:
                return _move_rest(detail.record, detail.record.series_id, wanted, viewer)
            moves.move(booking_id, wanted, actor=viewer, now=now())
        except FeeChanged:
            form.form_errors.append(ANOTHER_FEE)
        except Invalid as error:
            form.refuse(error.errors)
        except (SlotTaken, SlotUnavailable) as error:
            form.refuse({"starts_at": [why_not_moved(error, detail.shown_to(viewer, now()), viewer)]})
        except Busy as error:
            form.form_errors.append(error.detail)
        except WrongState:
            flash(TOO_LATE, "error")
            return redirect(_lesson(booking_id))
        else:
            return _moved(detail.record, viewer)
    return _move_page(detail, viewer, form)


@pages.form("/lessons/<id:booking_id>/move/answer", of="lesson_page.show")
def answer_move(booking_id: int) -> Response:
    """Accept, decline or withdraw another time that is asked for."""
    given: MoveAnswer = from_form(AnswerFormSchema(), "move", "seen", "reason")
    try:
        moves.answer(booking_id, given, actor=require_viewer(), now=now())
    except WrongState:
        flash(TOO_LATE, "error")
    except SlotUnavailable as error:
        flash(error.detail, "error")
    else:
        flash(ANSWERED[given.by])
    return go_back(_lesson(booking_id))


@pages.get("/lessons/<id:booking_id>/cancel")
def ask_to_cancel(booking_id: int) -> Page:
    """Say what cancelling a lesson costs now, before it is done."""
    return _cancel_page(booking_id, require_viewer(), "")


@pages.post("/lessons/<id:booking_id>/cancel")
def cancel(booking_id: int) -> Page:
    """Cancel a lesson, for exactly what the page said."""
    viewer = require_viewer()
    step: StatusChange = from_form(CalledOffSchema(), "reason", "fee_cents", "waive_fee")
    try:
        service.change_status(booking_id, step, actor=viewer, now=now())
    except FeeChanged:
        flash(ANOTHER_FEE, "error")
        page = _cancel_page(booking_id, viewer, step.reason)
        return refused(page) if isinstance(page, str) else page
    except WrongState:
        flash(TOO_LATE, "error")
    else:
        flash(FACTS[BookingStatus.CANCELLED].done)
    return redirect(_lesson(booking_id))


@pages.route("/lessons/<id:booking_id>/propose", methods=["GET", "POST"])
def propose(booking_id: int) -> Page:
    """Propose a lesson to the student of an earlier one."""
    viewer = require_viewer()
    detail = queries.find_booking(booking_id, viewer)
    if not service.may_propose(viewer, detail.record):
        raise Forbidden("Only a teacher proposes a lesson, to a student who has agreed on one with them.")
    booking = detail.shown_to(viewer, now())
    form = ProposalForm(data={"gig_id": booking["gig"]["id"], "starts_at": OTHER})
    form.offer(_gigs_to_propose(viewer.id))
    starts_at = form.resolve(viewer.time_zone) if form.validate_on_submit() else None
    if starts_at is not None and (made := _proposed(form, booking, starts_at, viewer)):
        flash(f"You proposed {_when(queries.find_booking(made, viewer).record, viewer)}.")
        return redirect(_lesson(made))
    person = profile(booking["student"]["id"]).json()
    page = render_template(
        "bookings/propose.html", booking=booking, form=form, other_time_zone=person and person["time_zone"]
    )
    return shown(page, form)


def _proposed(form: ProposalForm, booking: JsonObject, starts_at: datetime, viewer: Viewer) -> int | None:
    """Propose what a form says, and return the new lesson's id, or None with the reason in the form."""
    chosen = {"gig_id": form.loaded["gig_id"], "note": form.loaded["note"], "starts_at": starts_at}
    wanted = LessonRequest(student_id=booking["student"]["id"], **chosen)
    try:
        return service.propose(wanted, actor=viewer, now=now())
    except Invalid as error:
        form.refuse(error.errors)
    except SlotTaken as error:
        form.refuse({"starts_at": [why_not_moved(error, booking, viewer)]})
    except (WrongState, TooManyOpen, Busy) as error:
        form.form_errors.append(error.detail)
    return None


def _cancel_page(booking_id: int, viewer: Viewer, reason: str) -> str | Response:
    detail = queries.find_booking(booking_id, viewer)
    costs = preview(detail.record, viewer, now())
    if not costs.allowed:
        flash("This lesson cannot be cancelled any more.", "error")
        return redirect(_lesson(booking_id))
    return render_template("bookings/cancel.html", booking=detail.shown_to(viewer, now()), costs=costs, reason=reason)


def _move_page(detail: queries.BookingDetail, viewer: Viewer, form: MoveForm) -> Page:
    try:
        week = _free_week(detail.record, viewer)
    except NotFound:
        # The teacher has left.
        return _not_movable(detail.record.id)
    if form.starts_at.data == written(detail.record.starts_at):
        form.starts_at.data = ""
    booking, costs = detail.shown_to(viewer, now()), preview(detail.record, viewer, now())
    asks = detail.record.status == BookingStatus.ACCEPTED and viewer.id == detail.record.student_id
    page = render_template(
        "bookings/move.html",
        booking=booking,
        form=form,
        week=week,
        costs=costs,
        later=rest.later(detail.record),
        present=written(detail.record.starts_at),
        # Whether the student only asks for the other time, and keeps the old one until the answer.
        asks=asks and not detail.confirms_at_once,
    )
    return refused(page) if form.errors else page


def _move_rest(booking: BookingRecord, series_id: int, wanted: NewTime, viewer: Viewer) -> Response:
    outcomes = rest.change_rest(series_id, RestChange(first_id=booking.id, change=wanted), actor=viewer, now=now())
    number = sum(outcome.error is None for outcome in outcomes)
    asked = any(queries.find_booking(outcome.booking_id, viewer).record.move_starts_at for outcome in outcomes)
    lessons = "1 lesson" if number == 1 else f"{number} lessons"
    have = "has" if number == 1 else "have"
    done = f"Another time is asked for {lessons}." if asked else f"{lessons} of the series {have} a new time."
    words.tell(outcomes, done, viewer)
    return redirect(_lesson(booking.id))


def _not_movable(booking_id: int) -> Response:
    flash("This lesson cannot be moved any more.", "error")
    return redirect(_lesson(booking_id))


def _free_week(booking: BookingRecord, viewer: Viewer) -> Week:
    """Find the times to which the lesson can be moved.

    Where the teacher's windows do not matter, any other time can be typed.
    """
    sought = Sought(
        teacher_id=booking.teacher_id,
        gig_id=booking.gig_id,
        viewer=viewer,
        time_zone=viewer.time_zone,
        now=now(),
        moved=Moved(booking.id, booking.duration_minutes),
    )
    asked = day_asked_for(request.values.get("day"))
    name = request.values.get("week") or (None if asked else week_name(booking.starts_at, viewer.time_zone))
    week = free_week(sought, name, asked)
    asks = viewer.id == booking.teacher_id and booking.status == BookingStatus.PENDING
    return replace(week, any_minute=True) if asks else week


def _gigs_to_propose(teacher_id: int) -> dict[int, str]:
    """Return the titles of the gigs that can be booked, by id."""
    found = my_gigs_page(
        teacher_id, MyGigsQuery(statuses=(GigStatus.PUBLISHED,), limit=GIGS_OFFERED, after=None)
    ).json()
    return {
        gig["id"]: gig["title"]
        for gig in found["data"]
        if gig["visibility"] != Visibility.PRIVATE and gig["enrolment"] == Enrolment.BOOKING
    }


def _moved(before: BookingRecord, viewer: Viewer) -> Response:
    """Say where the lesson is now, and who has to agree."""
    detail = queries.find_booking(before.id, viewer)
    booking, when = detail.record, _when(detail.record, viewer)
    if booking.move_starts_at and booking.move_starts_at != before.move_starts_at:
        flash(f"{detail.row.teacher_name} is asked whether {_wished(booking, viewer)} suits them. Until then it stays.")
    elif booking.starts_at == before.starts_at:
        flash(f"The lesson stays where it is: {when}.")
    elif booking.status == BookingStatus.ACCEPTED:
        flash(f"The lesson is moved to {when}.")
    else:
        asked = detail.row.student_name if booking.requested_by == Role.TEACHER else detail.row.teacher_name
        flash(f"{asked} is asked whether {when} suits them.")
    return redirect(_lesson(booking.id))


def _when(booking: BookingRecord, viewer: Viewer) -> str:
    when = time_range(booking.starts_at, booking.ends_at)
    return f"{day(booking.starts_at)}, {when} ({zone_name(viewer.time_zone)})"


def _wished(booking: BookingRecord, viewer: Viewer) -> str:
    assert booking.move_starts_at is not None
    assert booking.move_ends_at is not None
    return _when(replace(booking, starts_at=booking.move_starts_at, ends_at=booking.move_ends_at), viewer)


def _lesson(booking_id: int) -> str:
    return url_for("lesson_page.show", booking_id=booking_id)

"""Pages on which plans change: moving a lesson, calling it off, and a teacher's proposal of another one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.models import Role
from accounts.queries import profile
from accounts.sign_in.identity import Viewer, require_viewer
from bookings import moving, proposals, queries, service
from bookings.forms import ANOTHER_FEE, OTHER, MoveForm, ProposalForm, why_not_moved
from bookings.models import BookingStatus
from bookings.proposals import may_propose
from bookings.rules import cancellation
from bookings.rules.agreement import LessonRequest, StatusChange
from bookings.schemas import CalledOffSchema, FeeShownSchema
from bookings.slots.queries import Moved
from bookings.slots.week import Sought, Week, free_week, week_name, written
from bookings.states import move_of
from errors import Busy, FeeChanged, Forbidden, Invalid, NotFound, SlotTaken, SlotUnavailable, TooManyOpen, WrongState
from gigs.models import Enrolment, GigStatus, Visibility
from gigs.queries import MyGigsQuery, my_gigs_page
from web.clock import now
from web.filters import day, time_range, zone_name
from web.forms import from_form
from web.pages import Page, PageBlueprint, refused, shown

pages = PageBlueprint("change_pages", __name__)

TOO_LATE = "That was not possible any more. Below is how things stand now."
# A teacher who offers more than these finds the others by moving the lesson's time, not by a longer list.
GIGS_OFFERED = 100


@pages.route("/lessons/<id:booking_id>/move", methods=["GET", "POST"])
def move(booking_id: int) -> Page:
    """Choose another time for a lesson."""
    viewer = require_viewer()
    booking = queries.booking_detail(booking_id, viewer, now())
    if move_of(queries.standing_of(booking), viewer, now()) is None:
        return _not_movable(booking_id)
    form, fee_shown = MoveForm(), from_form(FeeShownSchema(), "fee_cents")
    starts_at = form.resolve(viewer.time_zone) if form.validate_on_submit() else None
    if starts_at is not None:
        try:
            change = {"starts_at": starts_at, "reason": form.loaded["reason"]} | fee_shown
            moving.move(booking_id=booking_id, actor=viewer, now=now(), **change)
        except FeeChanged:
            form.form_errors.append(ANOTHER_FEE)
        except Invalid as error:
            form.refuse(error.errors)
        except (SlotTaken, SlotUnavailable) as error:
            form.refuse({"starts_at": [why_not_moved(error, booking, viewer)]})
        except Busy as error:
            form.form_errors.append(error.detail)
        except WrongState:
            flash(TOO_LATE, "error")
            return redirect(_lesson(booking_id))
        else:
            return _moved(booking, viewer)
    return _move_page(booking, viewer, form)


@pages.get("/lessons/<id:booking_id>/cancel")
def ask_to_cancel(booking_id: int) -> Page:
    """Say what calling a lesson off costs now, before it is done."""
    return _cancel_page(booking_id, require_viewer(), "")


@pages.post("/lessons/<id:booking_id>/cancel")
def cancel(booking_id: int) -> Page:
    """Call a lesson off, for exactly what was said."""
    viewer, at = require_viewer(), now()
    queries.booking_detail(booking_id, viewer, at)
    agreed = from_form(CalledOffSchema(), "reason", "fee_cents", "waive_fee")
    try:
        service.change_status(booking_id, StatusChange(to=BookingStatus.CANCELLED, **agreed), actor=viewer, now=at)
    except FeeChanged:
        flash(ANOTHER_FEE, "error")
        page = _cancel_page(booking_id, viewer, agreed["reason"])
        return refused(page) if isinstance(page, str) else page
    except WrongState:
        flash(TOO_LATE, "error")
    else:
        flash("The lesson is cancelled.")
    return redirect(_lesson(booking_id))


@pages.route("/lessons/<id:booking_id>/propose", methods=["GET", "POST"])
def propose(booking_id: int) -> Page:
    """Propose a lesson to the student of an earlier one."""
    viewer = require_viewer()
    booking = queries.booking_detail(booking_id, viewer, now())
    if not may_propose(viewer, booking):
        raise Forbidden("Only a teacher proposes a lesson, to a student who has agreed on one with them.")
    form = ProposalForm(data={"gig_id": booking["gig"]["id"], "starts_at": OTHER})
    form.offer(_gigs_to_propose(viewer.id))
    starts_at = form.resolve(viewer.time_zone) if form.validate_on_submit() else None
    if starts_at is not None:
        chosen = {"gig_id": form.loaded["gig_id"], "note": form.loaded["note"], "starts_at": starts_at}
        wanted = LessonRequest(student_id=booking["student"]["id"], **chosen)
        try:
            made = proposals.propose(wanted, actor=viewer, now=now())
        except Invalid as error:
            form.refuse(error.errors)
        except SlotTaken as error:
            form.refuse({"starts_at": [why_not_moved(error, booking, viewer)]})
        except (WrongState, TooManyOpen, Busy) as error:
            form.form_errors.append(error.detail)
        else:
            flash(f"You proposed {_when(queries.booking_detail(made, viewer, now()), viewer)}.")
            return redirect(_lesson(made))
    person = profile(booking["student"]["id"]).json()
    page = render_template(
        "bookings/propose.html", booking=booking, form=form, other_time_zone=person and person["time_zone"]
    )
    return shown(page, form)


def _cancel_page(booking_id: int, viewer: Viewer, reason: str) -> str | Response:
    booking = queries.booking_detail(booking_id, viewer, now())
    costs = cancellation.preview(booking_id, viewer, now())
    if not costs["allowed"]:
        flash("This lesson cannot be cancelled any more.", "error")
        return redirect(_lesson(booking_id))
    return render_template("bookings/cancel.html", booking=booking, costs=costs, reason=reason)


def _move_page(booking: dict[str, Any], viewer: Viewer, form: MoveForm) -> Page:
    costs = cancellation.preview(booking["id"], viewer, now())
    try:
        week = _free_week(booking, viewer)
    except NotFound:
        # The teacher has left.
        return _not_movable(booking["id"])
    if form.starts_at.data == written(booking["starts_at"]):
        form.starts_at.data = ""
    page = render_template("bookings/move.html", booking=booking, form=form, week=week, costs=costs)
    return refused(page) if form.errors else page


def _not_movable(booking_id: int) -> Response:
    flash("This lesson cannot be moved any more.", "error")
    return redirect(_lesson(booking_id))


def _free_week(booking: dict[str, Any], viewer: Viewer) -> Week:
    """Find the times to which the lesson can be moved; where no windows matter, any other can be typed."""
    teacher_id, minutes = booking["teacher"]["id"], (booking["ends_at"] - booking["starts_at"]) // timedelta(minutes=1)
    sought = Sought(
        teacher_id=teacher_id,
        gig_id=booking["gig"]["id"],
        viewer=viewer,
        time_zone=viewer.time_zone,
        now=now(),
        moved=Moved(booking["id"], minutes),
    )
    week = free_week(sought, request.values.get("week") or week_name(booking["starts_at"], viewer.time_zone))
    asks = viewer.id == teacher_id and booking["status"] == BookingStatus.PENDING
    return replace(week, any_minute=True) if asks else week


def _gigs_to_propose(teacher_id: int) -> dict[int, str]:
    """Return the titles of the gigs that can be booked, by id."""
    found = my_gigs_page(teacher_id, MyGigsQuery(status=GigStatus.PUBLISHED, limit=GIGS_OFFERED, after=None)).json()
    return {
        gig["id"]: gig["title"]
        for gig in found["data"]
        if gig["visibility"] != Visibility.PRIVATE and gig["enrolment"] == Enrolment.BOOKING
    }


def _moved(before: dict[str, Any], viewer: Viewer) -> Response:
    """Say where the lesson is now, and whether somebody has to agree."""
    booking = queries.booking_detail(before["id"], viewer, now())
    when = _when(booking, viewer)
    if booking["starts_at"] == before["starts_at"]:
        flash(f"The lesson stays where it is: {when}.")
    elif booking["status"] == BookingStatus.ACCEPTED:
        flash(f"The lesson is moved to {when}.")
    else:
        asked = booking["student" if booking["requested_by"] == Role.TEACHER else "teacher"]["name"]
        flash(f"{asked} is asked whether {when} suits them.")
    return redirect(_lesson(booking["id"]))


def _when(booking: dict[str, Any], viewer: Viewer) -> str:
    starts_at: datetime = booking["starts_at"]
    return f"{day(starts_at)}, {time_range(starts_at, booking['ends_at'])} ({zone_name(viewer.time_zone)})"


def _lesson(booking_id: int) -> str:
    return url_for("lesson_page.show", booking_id=booking_id)

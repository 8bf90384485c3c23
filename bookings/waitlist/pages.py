"""Pages of waitlists: which times are full, joining and leaving, and what to do with an offer."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.models import Role
from accounts.sign_in.identity import look_up_with_viewer, require_viewer
from accounts.sign_in.page_version import follow_also
from bookings.forms import new_price, seen_in_form
from bookings.rules.agreement import LessonRequest
from bookings.rules.limits import Limits
from bookings.standing.forms import WishForm
from bookings.standing.queries import wishes_for
from bookings.waitlist import queries as waitlist_queries
from bookings.waitlist import service as waitlist
from bookings.waitlist.full_times_page import full_times_page
from bookings.waitlist.schemas import FullTimeSchema
from caching import cache, watch
from errors import Conflict, Forbidden, Invalid, PriceChanged, TooManyOpen, WrongState
from gigs import queries
from gigs.states import manager_of, shown_to
from gigs.watched import of_gig, of_its_teacher
from web.clock import now
from web.filters import moment
from web.forms import from_form
from web.pages import PageBlueprint, go_back, tell
from web.settings import chosen

pages = PageBlueprint("waitlist_pages", __name__)


@pages.get("/gigs/<id:gig_id>/waitlist")
def full_times(gig_id: int) -> str:
    """List the lessons of a gig that are full, week by week.

    Students can wait for them, the teacher sees who does.
    """
    found, *seen = look_up_with_viewer(queries.gig.at(gig_id), *map(watch, of_gig(gig_id)))
    viewer = require_viewer()
    gig = shown_to(found.answer().json(), viewer)
    if manager_of(gig["teacher"]["id"], viewer.id, viewer.role):
        waiting = waitlist_queries.waiting_by_name(gig_id, now())
        return render_template("gigs/waiting.html", gig=gig, waiting=waiting, wishes=wishes_for(gig_id, now()))
    if viewer.role != Role.STUDENT:
        raise Forbidden("Only students wait for a place.")
    # What is full changes with what others book.
    follow_also((*seen, *cache.look_up(watch(of_its_teacher(gig["teacher"]["id"])))))
    return full_times_page(gig, viewer, WishForm(formdata=None))


@pages.post("/gigs/<id:gig_id>/waitlist")
def join(gig_id: int) -> Response:
    """Wait for a full time."""
    viewer = require_viewer()
    wanted = from_form(FullTimeSchema(), "starts_at")["starts_at"]
    try:
        waitlist.join(LessonRequest(gig_id=gig_id, starts_at=wanted), actor=viewer, now=now())
    except (Conflict, Invalid) as error:
        flash(error.detail if isinstance(error, Conflict) else "This time has passed.", "error")
    else:
        text = f"You wait for {moment(wanted)}. If a place becomes free, it is kept for you for a while."
        tell(text, url=url_for("booking_pages.mine"), link="See my lessons")
    return redirect(url_for(".full_times", gig_id=gig_id))


@pages.form("/waitlist/<id:entry_id>/leave", of="booking_pages.mine")
def leave(entry_id: int) -> Response:
    """Wait no longer."""
    try:
        waitlist.leave(entry_id=entry_id, actor=require_viewer(), now=now())
    except WrongState:
        flash("You were not waiting for this lesson any more.", "error")
    else:
        flash("You do not wait for this lesson any more.")
    return go_back(url_for("booking_pages.mine"))


@pages.form("/lessons/<id:booking_id>/offer", of="lesson_page.show")
def accept(booking_id: int) -> Response:
    """Take the place that the waitlist keeps."""
    viewer = require_viewer()
    lesson_url = url_for("lesson_page.show", booking_id=booking_id)
    entry_id = waitlist_queries.entry_of_booking(booking_id, viewer.id)
    try:
        waitlist.accept(entry_id=entry_id, actor=viewer, now=now(), seen=seen_in_form(), limits=Limits.of(chosen()))
    except PriceChanged as error:
        flash(new_price(error), "error")
    except TooManyOpen as error:
        flash(error.detail, "error")
    except WrongState:
        flash("This place is not kept for you any more.", "error")
    else:
        flash("The place is yours as soon as your teacher agrees.")
    return redirect(lesson_url)

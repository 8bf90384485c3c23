"""Pages of standing wishes: making one, and leaving it."""

from __future__ import annotations

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from accounts.models import Role
from accounts.sign_in.identity import require_viewer
from bookings.standing import service
from bookings.standing.forms import WishForm
from bookings.waitlist.full_times_page import full_times_page
from errors import Conflict, Invalid, WrongState
from gigs.queries import gig
from gigs.states import shown_to
from web.clock import now
from web.pages import Page, PageBlueprint, go_back, refused, tell

pages = PageBlueprint("wish_pages", __name__)


@pages.form("/gigs/<id:gig_id>/wish", of="waitlist_pages.full_times")
def make(gig_id: int) -> Page:
    """Wait for any time that suits."""
    viewer, form = require_viewer(Role.STUDENT), WishForm()
    if form.validate():
        try:
            service.wait(gig_id, form.loaded, actor=viewer, time_zone=viewer.time_zone, now=now())
        except Invalid:
            form.refuse({"until": ["Choose a day of the coming year."]})
        except Conflict as error:
            form.refuse({"weekdays": [error.detail]})
        else:
            text = "You wait. The first such time that becomes free is kept for you for a while."
            tell(text, url=url_for("booking_pages.mine"), link="See my lessons")
            return redirect(url_for("waitlist_pages.full_times", gig_id=gig_id))
    return refused(full_times_page(shown_to(gig(gig_id).json(), viewer), viewer, form))


@pages.form("/wishes/<id:wish_id>/leave", of="booking_pages.mine")
def leave(wish_id: int) -> Response:
    """Wait no longer."""
    try:
        service.leave(wish_id, actor=require_viewer())
    except WrongState:
        flash("You were not waiting for this any more.", "error")
    else:
        flash("You no longer wait for such a time.")
    return go_back(url_for("booking_pages.mine"))

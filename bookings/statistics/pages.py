"""Pages with figures: of a gig, and of all that a teacher does."""

from __future__ import annotations

from flask import render_template, request

from accounts.models import Role
from accounts.sign_in.identity import public_answer, require_viewer
from bookings.statistics.queries import Period, figures, months, of_gig
from errors import Forbidden, Unauthenticated
from gigs import queries
from gigs.queries import MyGigsQuery
from gigs.states import manager_of, shown_to
from web.clock import now
from web.pages import PageBlueprint

pages = PageBlueprint("statistics_pages", __name__)

_WORDS = {Period.WEEK: "7 days", Period.MONTH: "30 days", Period.QUARTER: "3 months", Period.YEAR: "A year"}
GIGS_SHOWN = 50


@pages.get("/gigs/<id:gig_id>/statistics")
def gig(gig_id: int) -> str:
    """Show a gig's teacher how it is doing."""
    viewer, answer = public_answer(queries.gig.at(gig_id))
    if viewer is None:
        raise Unauthenticated
    shown = shown_to(answer.json(), viewer)
    if manager_of(shown["teacher"]["id"], viewer.id, viewer.role) is None:
        raise Forbidden("Only its teacher sees how a gig is doing.")
    asked = request.args.get("period", "")
    period = Period(asked) if asked in list(_WORDS) else Period.MONTH
    return render_template(
        "statistics/gig.html", gig=shown, stats=of_gig(shown, period, now()), periods=_WORDS, period=period
    )


@pages.get("/statistics")
def mine() -> str:
    """Show a teacher how all of it is doing."""
    viewer = require_viewer(Role.TEACHER)
    stats = figures(viewer.id, viewer.role).json()
    gigs = queries.my_gigs_page(viewer.id, MyGigsQuery(limit=GIGS_SHOWN)).json()["data"]
    return render_template("statistics/mine.html", stats=stats, months=months(stats["by_month"], now()), gigs=gigs)

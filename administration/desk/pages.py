"""The page on which those who run the school look after all gigs."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.rights import STAFF
from accounts.sign_in.identity import require_viewer
from administration.desk.queries import AllGigsQuery, WhichGigs, all_gigs, featured_ids, moved
from administration.desk.schemas import AllGigsQuerySchema
from errors import WrongState
from gigs.discovery.schemas import MOST_FEATURED
from gigs.discovery.service import feature
from gigs.models import GigStatus
from gigs.service import set_status
from web.clock import now
from web.forms import from_address
from web.pages import PageBlueprint, go_back

pages = PageBlueprint("all_gigs_pages", __name__)

_TABS = {
    WhichGigs.ALL: "All",
    WhichGigs.PUBLISHED: "Published",
    WhichGigs.FEATURED: "On the start page",
    WhichGigs.DRAFT: "Drafts",
    WhichGigs.PAUSED: "Paused",
    WhichGigs.ARCHIVED: "Archived",
}


@pages.get("/admin/gigs")
def overview() -> str:
    """List all gigs, with what can be done about each."""
    require_viewer(*STAFF)
    query: AllGigsQuery = from_address(AllGigsQuerySchema(), "filter", "q", "teacher_id", "cursor")
    page = all_gigs(query)
    return render_template(
        "administration/gigs.html", gigs=page["data"], next_cursor=page["next_cursor"], query=query, tabs=_TABS
    )


@pages.form("/admin/gigs/<id:gig_id>/feature", of="all_gigs_pages.overview")
def set_featured(gig_id: int) -> Response:
    """Recommend a gig on the start page, or do so no more."""
    require_viewer(*STAFF)
    others = [each for each in featured_ids() if each != gig_id]
    if request.form.get("featured") != "true":
        feature(others)
        flash("The gig is not recommended any more.")
    elif len(others) >= MOST_FEATURED:
        flash(f"At most {MOST_FEATURED} gigs are recommended. Take another one away first.", "error")
    else:
        feature([*others, gig_id])
        flash("The gig is recommended on the start page, after the others.")
    return go_back(url_for(".overview"))


@pages.form("/admin/gigs/<id:gig_id>/place", of="all_gigs_pages.overview")
def move(gig_id: int) -> Response:
    """Recommend a gig before the one in front of it, or after the next."""
    require_viewer(*STAFF)
    before = featured_ids()
    after = moved(before, gig_id, -1 if request.form.get("by") == "up" else 1)
    if after != before:
        feature(after)
    return go_back(url_for(".overview", filter="featured"))


@pages.form("/admin/gigs/<id:gig_id>/archive", of="all_gigs_pages.overview")
def archive(gig_id: int) -> Response:
    """End a gig: students find and book it no more."""
    viewer = require_viewer(*STAFF)
    try:
        set_status(gig_id, GigStatus.ARCHIVED, actor=viewer, now=now())
    except WrongState as error:
        flash(error.detail, "error")
    else:
        flash("The gig is archived. Lessons that are agreed on stay.")
    return go_back(url_for(".overview"))

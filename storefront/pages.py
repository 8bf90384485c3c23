"""The start page, and a teacher's public page."""

from __future__ import annotations

from flask import render_template

from accounts.models import Role
from accounts.queries import profile
from accounts.sign_in.identity import answers_for
from accounts.sign_in.page_viewer import show_times_in
from errors import NotFound
from gigs.search.filters import GigsQuery
from gigs.search.queries import gigs_page
from reviews.queries import ReviewsQuery, reviews_of
from reviews.schemas import WrittenReviewsQuerySchema
from storefront.free_times import next_free
from storefront.start import start_page
from web.clock import now
from web.filters import FALLBACK_ZONE
from web.forms import from_address
from web.pages import PageBlueprint

pages = PageBlueprint("home", __name__)

# What a teacher's page shows of gigs, and of reviews at once.
GIGS_SHOWN, REVIEWS_SHOWN = 6, "10"
# Of so many gigs the next free time stands beside the text.
FREE_SHOWN = 3


@pages.get("/")
def index() -> str:
    """Show the start page."""
    return render_template("storefront/start.html", **start_page.load(now()))


@pages.get("/teachers/<id:user_id>")
def teacher(user_id: int) -> str:
    """Show a teacher's public page."""
    wanted: ReviewsQuery = from_address(WrittenReviewsQuerySchema(), "cursor", limit=REVIEWS_SHOWN)
    reads = (
        profile.at(user_id),
        gigs_page.at(GigsQuery(teacher_id=user_id, limit=GIGS_SHOWN)),
        reviews_of.at(user_id, wanted),
    )
    person, gigs, reviews = (answer.json() for answer in answers_for(lambda _: reads)[1])
    if person is None or person["role"] != Role.TEACHER:
        raise NotFound
    show_times_in(FALLBACK_ZONE)
    free = next_free([(user_id, gig["id"]) for gig in gigs["data"][:FREE_SHOWN]], now())
    return render_template(
        "storefront/teacher.html",
        teacher=person,
        gigs=gigs["data"],
        free=sorted(((free[gig["id"]], gig) for gig in gigs["data"] if gig["id"] in free), key=lambda row: row[0]),
        more_gigs=gigs["next_cursor"] is not None,
        reviews=reviews["data"] if reviews else [],
        next_cursor=reviews["next_cursor"] if reviews else None,
    )

"""The page on which those who run the school look after reviews."""

from __future__ import annotations

from flask import flash, render_template, url_for
from werkzeug.wrappers import Response

from accounts.rights import STAFF
from accounts.sign_in.identity import require_viewer
from reviews import queries
from reviews.moderation.forms import HidingForm
from reviews.moderation.queries import AllReviewsQuery, Which, all_reviews
from reviews.moderation.schemas import AllReviewsQuerySchema
from reviews.moderation.service import set_hidden
from web.clock import now
from web.forms import from_address
from web.pages import Page, PageBlueprint, go_back, refused

pages = PageBlueprint("moderation_pages", __name__)

_TABS = {Which.ALL: "All", Which.LOW: "One or two stars", Which.HIDDEN: "Hidden"}


@pages.get("/admin/reviews")
def overview() -> str:
    """List all reviews, newest first."""
    return _list_page(HidingForm(formdata=None))


@pages.form("/admin/reviews/<id:review_id>/hide", of="moderation_pages.overview")
def hide(review_id: int) -> Page:
    """Hide a review, with a reason that its two people read."""
    viewer, form = require_viewer(*STAFF), HidingForm()
    if not form.validate():
        return refused(_list_page(form, refused_id=review_id))
    set_hidden(review_id, viewer, hidden=True, reason=form.loaded.reason, now=now())
    flash("The review is hidden. Its student and its teacher are told why.")
    return go_back(url_for(".overview"))


@pages.form("/admin/reviews/<id:review_id>/restore", of="moderation_pages.overview")
def restore(review_id: int) -> Response:
    """Show a hidden review again."""
    set_hidden(review_id, require_viewer(*STAFF), hidden=False, now=now())
    flash("The review is public again, and counts.")
    return go_back(url_for(".overview"))


def _list_page(form: HidingForm, refused_id: int | None = None) -> str:
    """Render the list.

    A review whose reason was refused is on it in any case.
    """
    require_viewer(*STAFF)
    query: AllReviewsQuery = from_address(AllReviewsQuerySchema(), "filter", "teacher_id", "cursor")
    page = all_reviews(query)
    rows = page["data"]
    if refused_id is not None and refused_id not in [row["id"] for row in rows]:
        rows = [queries.review(refused_id), *rows]
    return render_template(
        "reviews/moderation.html",
        reviews=rows,
        next_cursor=page["next_cursor"],
        query=query,
        tabs=_TABS,
        form=form,
        refused_id=refused_id,
    )

"""Pages of reviews: a student reviews a lesson.

A teacher reads the reviews and replies.
"""

from __future__ import annotations

from dataclasses import replace

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.models import Role
from accounts.queries import profile
from accounts.sign_in.identity import own_answers, require_viewer
from bookings.queries import booking_detail
from bookings.statuses import BookingStatus
from errors import AlreadyReviewed, Forbidden, WrongState
from reviews import queries, service
from reviews.forms import ReplyForm, ReviewForm
from reviews.models import ReviewChanges
from reviews.queries import Filter, FilteredReviews, ReviewsQuery
from reviews.schemas import FilteredReviewsQuerySchema
from web.clock import now
from web.forms import from_address
from web.pages import Page, PageBlueprint, go_back, refused, shown

pages = PageBlueprint("review_pages", __name__)


@pages.route("/lessons/<id:booking_id>/review", methods=["GET", "POST"])
def new(booking_id: int) -> Page:
    """Review a completed lesson, or change the review of the lessons of this gig.

    One review says what a student thinks of a series of lessons, and goes on to say it.
    """
    viewer = require_viewer(Role.STUDENT)
    booking = booking_detail(booking_id, viewer, now())
    lesson_url = url_for("lesson_page.show", booking_id=booking_id)
    if booking["status"] != BookingStatus.COMPLETED:
        flash("A lesson can be reviewed once it is completed.", "error")
        return redirect(lesson_url)
    before = queries.review_of_lessons(booking)
    form = ReviewForm(data=before)
    form.booking_id = booking_id
    if not form.validate_on_submit():
        return shown(render_template("reviews/form.html", form=form, booking=booking, before=before), form)
    if before:
        changes = ReviewChanges(rating=form.loaded.rating, comment=form.loaded.comment)
        service.change_review(before["id"], viewer.id, changes, now=now())
        flash("Your review is changed.")
        return redirect(lesson_url)
    try:
        service.write_review(viewer.id, form.loaded, now=now())
    except (AlreadyReviewed, WrongState) as error:
        flash(error.detail, "error")
    else:
        flash("Thank you. Your review is published.")
    return redirect(lesson_url)


@pages.get("/reviews")
def mine() -> str:
    """Show a teacher the reviews they got."""
    return _list_page(ReplyForm(formdata=None))


@pages.form("/reviews/<id:review_id>/read", of="review_pages.mine")
def mark_read(review_id: int) -> Response:
    """Mark a review as read."""
    viewer = require_viewer(Role.TEACHER)
    service.change_review(review_id, viewer.id, ReviewChanges(read=True), now=now())
    flash("The review is marked as read.")
    return go_back(url_for(".mine"))


@pages.form("/reviews/<id:review_id>/reply", of="review_pages.mine")
def reply(review_id: int) -> Page:
    """Reply to a review, change the reply, or take it back by leaving it empty."""
    viewer = require_viewer(Role.TEACHER)
    form = ReplyForm()
    if form.validate():
        before = queries.review(review_id)["reply"]
        if form.loaded.reply or before:
            # A teacher who replies has read the review; a program says so itself.
            service.change_review(review_id, viewer.id, replace(form.loaded, read=True), now=now())
            flash("Your reply is published." if form.loaded.reply else "Your reply is taken back.")
            return go_back(url_for(".mine"))
        form.refuse({"reply": ["Please write a reply."]})
    return refused(_list_page(form, reply_to=review_id))


def _list_page(form: ReplyForm, reply_to: int | None = None) -> str:
    """Render the list.

    A review whose reply was refused is on it in any case.
    """
    wanted: FilteredReviews = from_address(FilteredReviewsQuerySchema(), "filter", "cursor")
    query = wanted.query(queries.recent_since(now()) if wanted.filter == Filter.RECENT else None)
    # The unread ones from the same place on: among them are all unread ones of this page.
    unread = replace(query, unread=True)
    hidden = ReviewsQuery(hidden=True, limit=1)
    viewer, answers = own_answers(
        lambda who: (profile.at(who.id), *(queries.reviews_of.at(who.id, each) for each in (query, unread, hidden)))
    )
    if viewer.role != Role.TEACHER:
        raise Forbidden("Only teachers get reviews.")
    teacher, page, not_read, some_hidden = (answer.json() for answer in answers)
    rows = page["data"]
    if reply_to is not None and reply_to not in [row["id"] for row in rows]:
        rows = [queries.review(reply_to), *rows]
    return render_template(
        "reviews/list.html",
        teacher=teacher,
        filter=wanted.filter,
        counts={"all": teacher["review_count"]},
        has_hidden=bool(some_hidden["data"]),
        reviews=rows,
        unread_ids=[row["id"] for row in not_read["data"]],
        next_cursor=page["next_cursor"],
        reply_form=form,
        reply_to=reply_to,
    )

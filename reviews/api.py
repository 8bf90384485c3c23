"""The JSON API of reviews."""

from __future__ import annotations

from functools import partial

from flask import Response

from accounts.models import Role
from accounts.rights import runs_school
from accounts.sign_in.cached_lists import ListBlueprint, Plain
from accounts.sign_in.identity import Who, own_answers, public_answer, require_viewer, signed_in
from caching import BoundRead
from errors import AlreadyReviewed, Forbidden, NotFound, WrongState
from reviews import queries, service
from reviews.models import NewReview, ReviewChanges
from reviews.moderation.service import set_hidden
from reviews.queries import Filter, ReviewsQuery, TeachersReviews
from reviews.schemas import (
    AnswerReviewSchema,
    NewReviewSchema,
    ReviewSchema,
    ReviewsPageSchema,
    ReviewsQuerySchema,
    WrittenReviewsQuerySchema,
)
from web.answers import json_response, list_response
from web.clock import now
from web.idempotency import idempotent

reviews = ListBlueprint("reviews", __name__, url_prefix="/api/reviews", description="What students say about lessons")


@reviews.cached_list("", ReviewsQuerySchema, ReviewsPageSchema, raises=(Forbidden, NotFound))
def list_reviews(asked: TeachersReviews) -> BoundRead | Plain:
    """List a teacher's reviews.

    `unread` for that teacher alone, `hidden` also for those who run the school.
    """
    match asked.filter:
        case Filter.RECENT:
            return partial(_list_recent, asked)
        case Filter.UNREAD:
            return partial(_list_unread, asked)
        case Filter.HIDDEN:
            return partial(_list_hidden, asked)
    return queries.reviews_of.at(asked.user_id, asked.query())


@reviews.cached_list("/by/<id:user_id>", WrittenReviewsQuerySchema, ReviewsPageSchema, own=True)
def list_reviews_by(who: Who, query: ReviewsQuery, user_id: int) -> BoundRead:
    """List what a student has written: to themselves and administrators."""
    if who.id != user_id and not runs_school(who.role):
        raise NotFound
    return queries.reviews_by.at(user_id, query)


@reviews.post("")
@signed_in(Role.STUDENT)
@reviews.arguments(NewReviewSchema)
@reviews.response(201, ReviewSchema)
@reviews.raises(AlreadyReviewed, NotFound, WrongState)
@idempotent(lambda: require_viewer().id)
def write_review(review: NewReview) -> Response:
    """Review a completed lesson, once."""
    service.write_review(require_viewer().id, review, now=now())
    return json_response(queries.review_of_booking(review.booking_id), 201)


@reviews.patch("/<id:review_id>")
@signed_in()
@reviews.arguments(AnswerReviewSchema)
@reviews.response(200, ReviewSchema)
def answer_review(changes: ReviewChanges, review_id: int) -> Response:
    """Mark a review as read, reply to it, or change it.

    The reviewed teacher does the first two (`read`, `reply`), its student the third (`rating`, `comment`). Those who
    run the school hide it with a `reason` and show it again (`hidden`).
    """
    viewer = require_viewer()
    if changes.hidden is None:
        service.change_review(review_id, viewer.id, changes, now=now())
    else:
        set_hidden(review_id, viewer, hidden=changes.hidden, reason=changes.reason or "", now=now())
    return json_response(queries.review(review_id))


def _list_recent(asked: TeachersReviews) -> Response:
    # Where they begin depends on the time of each request.
    recent = asked.query(queries.recent_since(now()))
    return list_response(public_answer(queries.reviews_of.at(asked.user_id, recent))[1])


def _list_hidden(asked: TeachersReviews) -> Response:
    viewer, (answer,) = own_answers(lambda _: [queries.reviews_of.at(asked.user_id, asked.query())])
    if viewer.id != asked.user_id and not runs_school(viewer.role):
        raise Forbidden
    return list_response(answer)


def _list_unread(asked: TeachersReviews) -> Response:
    viewer, (answer,) = own_answers(lambda _: [queries.reviews_of.at(asked.user_id, asked.query())])
    if viewer.id != asked.user_id:
        raise Forbidden
    return list_response(answer)

"""The JSON API of reviews: what students say about their teachers, and what those reply."""

from __future__ import annotations

from typing import Any

from flask import Response

from accounts.models import Role
from accounts.sign_in.identity import own_answer, public_answer, require_viewer, signed_in, signed_in_by_answer
from caching import Answer
from errors import AlreadyReviewed, Forbidden, NotFound, WrongState
from reviews import queries, service
from reviews.queries import Filter, ReviewsQuery
from reviews.schemas import (
    AnswerReviewSchema,
    NewReviewSchema,
    ReviewSchema,
    ReviewsPageSchema,
    ReviewsQuerySchema,
    WrittenReviewsQuerySchema,
)
from web.answers import json_response, list_response
from web.api import ApiBlueprint
from web.clock import now
from web.idempotency import idempotent

reviews = ApiBlueprint("reviews", __name__, url_prefix="/api/reviews", description="What students say about lessons")


@reviews.get("")
@reviews.arguments(ReviewsQuerySchema, location="query")
@reviews.response(200, ReviewsPageSchema, cached=True)
@reviews.raises(Forbidden, NotFound)
def list_reviews(query: dict[str, Any]) -> Response:
    """List a teacher's reviews; `unread` for that teacher alone."""
    wanted = ReviewsQuery(
        since=queries.recent_since(now()) if query["filter"] == Filter.RECENT else None,
        unread=query["filter"] == Filter.UNREAD,
        limit=query["limit"],
        after=query["cursor"],
    )
    return _list(_unread(query["user_id"], wanted) if wanted.unread else _public(query["user_id"], wanted))


@reviews.get("/by/<id:user_id>")
@signed_in_by_answer
@reviews.arguments(WrittenReviewsQuerySchema, location="query")
@reviews.response(200, ReviewsPageSchema, cached=True)
def list_reviews_by(query: dict[str, Any], user_id: int) -> Response:
    """List what a student has written: to themselves and administrators."""
    wanted = ReviewsQuery(limit=query["limit"], after=query["cursor"])
    viewer, answer = own_answer(lambda _: queries.reviews_by.at(user_id, wanted))
    if viewer.id != user_id and viewer.role != Role.ADMIN:
        raise NotFound
    return _list(answer)


@reviews.post("")
@signed_in(Role.STUDENT)
@reviews.arguments(NewReviewSchema)
@reviews.response(201, ReviewSchema)
@reviews.raises(AlreadyReviewed, NotFound, WrongState)
@idempotent(lambda: require_viewer().id)
def write_review(body: dict[str, Any]) -> Response:
    """Review a completed lesson, once."""
    service.write_review(require_viewer().id, **body, now=now())
    return json_response(queries.review_of_booking(body["booking_id"]), 201)


@reviews.patch("/<id:review_id>")
@signed_in()
@reviews.arguments(AnswerReviewSchema)
@reviews.response(200, ReviewSchema)
def answer_review(body: dict[str, Any], review_id: int) -> Response:
    """Mark a review as read, or reply to it: the reviewed teacher alone."""
    service.answer_review(review_id, require_viewer().id, **body, now=now())
    return json_response(queries.review(review_id))


def _public(user_id: int, wanted: ReviewsQuery) -> Answer:
    return public_answer(queries.reviews_of.at(user_id, wanted))[1]


def _unread(user_id: int, wanted: ReviewsQuery) -> Answer:
    viewer, answer = own_answer(lambda _: queries.reviews_of.at(user_id, wanted))
    if viewer.id != user_id:
        raise Forbidden
    return answer


def _list(answer: Answer) -> Response:
    if answer.body == b"null":
        raise NotFound
    return list_response(answer)

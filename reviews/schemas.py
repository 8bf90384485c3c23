"""What goes in and out of the API about reviews."""

from __future__ import annotations

from typing import ClassVar

from marshmallow import fields

from reviews.models import NewReview, ReviewChanges
from reviews.queries import Filter, FilteredReviews, ReviewsQuery, TeachersReviews
from web.fields import Choice, IdNumber, QueryId, StrictSchema, Text, TrueField, WholeNumber
from web.pagination import PageQuery, PageSchema

LONGEST_COMMENT = 5_000


class NewReviewSchema(StrictSchema):
    """A student's review of a completed lesson."""

    EXAMPLE = {"booking_id": 1, "rating": 5, "comment": "Clear, kind and well prepared."}

    MAKES = NewReview

    booking_id = IdNumber(required=True)
    rating = WholeNumber(at_least=1, at_most=5, required=True)
    comment = Text(at_most=LONGEST_COMMENT, load_default="")


class AnswerReviewSchema(StrictSchema):
    """What becomes of a review.

    Its teacher reads it and replies; an empty reply takes the reply back. Its student changes rating and comment.
    """

    EXAMPLE = {"read": True, "reply": "Thank you. See you next week."}

    MAKES = ReviewChanges

    read = TrueField()
    reply = Text(at_most=LONGEST_COMMENT)
    rating = WholeNumber(at_least=1, at_most=5)
    comment = Text(at_most=LONGEST_COMMENT)


class PersonSchema(StrictSchema):
    """A person by name.

    Students are shown to strangers as first name and initial.
    """

    id = fields.Integer(required=True)
    name = fields.String(required=True)


class ReviewSchema(StrictSchema):
    """A review."""

    id = fields.Integer(required=True)
    booking_id = fields.Integer(required=True)
    rating = fields.Integer(required=True)
    comment = fields.String(required=True)
    reply = fields.String(required=True)
    reviewer = fields.Nested(PersonSchema, required=True)
    reviewed = fields.Nested(PersonSchema, required=True)
    created_at = fields.AwareDateTime(required=True)


class ReviewsPageSchema(PageSchema):
    """A page of reviews."""

    data = fields.List(fields.Nested(ReviewSchema), required=True)


class WrittenReviewsQuerySchema(PageQuery):
    """The query of a student's own list."""

    MAKES = ReviewsQuery


class FilteredReviewsQuerySchema(PageQuery):
    """Which reviews of a teacher."""

    MAKES: ClassVar[type[FilteredReviews]] = FilteredReviews

    filter = Choice(Filter, load_default=Filter.ALL, metadata={"description": "`recent` means the last 30 days."})


class ReviewsQuerySchema(FilteredReviewsQuerySchema):
    """Whose reviews, and which of them."""

    MAKES = TeachersReviews

    user_id = QueryId(required=True)

"""What goes in and out of the API about reviews."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from reviews.models import LONGEST_REASON, NewReview, ReviewChanges
from reviews.queries import Filter, FilteredReviews, ReviewsQuery, TeachersReviews
from web.fields import Choice, Flag, IdNumber, QueryId, StrictSchema, Text, TrueField, WholeNumber
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
    Those who run the school hide it, with a reason that its two people read, or show it again.
    """

    EXAMPLE = {"read": True, "reply": "Thank you. See you next week."}

    MAKES = ReviewChanges

    read = TrueField()
    reply = Text(at_most=LONGEST_COMMENT)
    rating = WholeNumber(at_least=1, at_most=5)
    comment = Text(at_most=LONGEST_COMMENT)
    hidden = Flag()
    reason = Text(at_most=LONGEST_REASON, metadata={"description": "Why it is hidden."})

    @validates_schema
    def _hiding_is_a_step_of_its_own(self, data: dict[str, Any], **_: Any) -> None:
        if "reason" in data and not data.get("hidden"):
            raise ValidationError("A reason belongs to a review that is hidden.", "reason")
        if data.get("hidden") and not data.get("reason"):
            raise ValidationError("Please say why, for its student and teacher.", "reason")
        if "hidden" in data and data.keys() - {"hidden", "reason"}:
            raise ValidationError("A review is hidden or shown again without any other change.", "hidden")


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
    hidden = fields.Boolean(metadata={"description": "Only there if it is so; then the public does not see it."})
    hidden_reason = fields.String()


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

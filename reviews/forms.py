"""Forms about reviews.

What is allowed in them, the API's schemas say.
"""

from __future__ import annotations

from wtforms import RadioField
from wtforms.validators import InputRequired

from reviews.schemas import AnswerReviewSchema, NewReviewSchema
from web.forms import Lines, SchemaForm, choices


class ReviewForm(SchemaForm):
    """What a student says about a lesson."""

    schema = NewReviewSchema()

    # The lesson that is reviewed; the page's address names it.
    booking_id: int

    rating = RadioField(
        "Your rating",
        [InputRequired("Please choose a rating.")],
        choices=choices({"5": "5 stars", "4": "4 stars", "3": "3 stars", "2": "2 stars", "1": "1 star"}),
        coerce=int,
    )
    comment = Lines("Comment")

    def entered(self) -> dict[str, object]:
        """Add the lesson that is reviewed."""
        return super().entered() | {"booking_id": self.booking_id}


class ReplyForm(SchemaForm):
    """What the teacher answers.

    Empty, it takes an answer back.
    """

    schema = AnswerReviewSchema(only=("reply",))

    reply = Lines("Your reply")

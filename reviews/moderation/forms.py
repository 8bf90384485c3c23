"""The form with which a review is hidden."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired

from reviews.schemas import AnswerReviewSchema
from web.forms import SchemaForm


class HidingForm(SchemaForm):
    """Why a review is hidden."""

    schema = AnswerReviewSchema(only=("hidden", "reason"))

    reason = StringField("Why?", [InputRequired("Please say why, for its student and teacher.")])

    def entered(self) -> dict[str, object]:
        """Add what is done."""
        return super().entered() | {"hidden": True}

"""The form with which the school says no to a teacher."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired

from administration.teaching.schemas import TeachingDecisionSchema
from web.forms import SchemaForm


class DecisionForm(SchemaForm):
    """What is decided, and why."""

    schema = TeachingDecisionSchema()

    status = StringField("What", [InputRequired("Please choose one.")])
    reason = StringField("Why?")

    def entered(self) -> dict[str, object]:
        """Leave out a reason that was left empty."""
        return {name: value for name, value in super().entered().items() if value}

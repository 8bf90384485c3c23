"""The form with which a teacher asks the school."""

from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import InputRequired

from accounts.teaching.schemas import AskToTeachSchema
from web.forms import SchemaForm


class AskToTeachForm(SchemaForm):
    """What a teacher writes to the school."""

    schema = AskToTeachSchema()

    message = TextAreaField("About you", [InputRequired("Please write a few words about you.")])

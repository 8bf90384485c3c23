"""Forms about busy calendars."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired

from calendars.busy.schemas import FeedSchema
from web.forms import SchemaForm


class BusyCalendarForm(SchemaForm):
    """A calendar to add."""

    schema = FeedSchema()

    name = StringField("Name")
    url = StringField("Address", [InputRequired("Please enter an address.")])

"""The form of a standing wish."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, SelectMultipleField, TimeField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from bookings.standing.schemas import NewWishSchema
from schedule.times.rules import Weekday
from web.forms import SchemaForm, choices


class WishForm(SchemaForm):
    """Which times would suit."""

    schema = NewWishSchema()

    weekdays = SelectMultipleField(
        "Days",
        [InputRequired("Please choose a day.")],
        choices=choices({str(day): day.title() for day in Weekday}),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    after = TimeField("From", [Optional()], invalid_value_message="There is no such time.")
    before = TimeField("Before", [Optional()], invalid_value_message="There is no such time.")
    until = DateField("Until", [InputRequired("Please choose a day.")], invalid_value_message="There is no such day.")

    def entered(self) -> dict[str, Any]:
        """Write days and times as the API has them."""
        given = super().entered()
        for name, pattern in (("after", "%H:%M"), ("before", "%H:%M"), ("until", "%Y-%m-%d")):
            field = self[name].data
            given.pop(name, None)
            if field is not None:
                given[name] = field.strftime(pattern)
        return given

"""The form of a holiday.

What is allowed in it, the API's schema says.
"""

from __future__ import annotations

from wtforms import DateField, StringField
from wtforms.validators import InputRequired

from administration.holidays.schemas import NewHolidaySchema
from web.forms import SchemaForm

_NO_DAY = "There is no such day."


class HolidayForm(SchemaForm):
    """On which days the school is closed, and why."""

    schema = NewHolidaySchema()

    name = StringField("Name", [InputRequired("Please enter a name.")])
    first_day = DateField("First day", [InputRequired("Please choose a day.")], invalid_value_message=_NO_DAY)
    last_day = DateField("Last day", [InputRequired("Please choose a day.")], invalid_value_message=_NO_DAY)

    def entered(self) -> dict[str, object]:
        """Write days as the schema reads them."""
        return {name: str(value) for name, value in super().entered().items()}

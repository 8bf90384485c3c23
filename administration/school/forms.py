"""The form of the school's settings.

What is allowed in it, the API's schema says.
"""

from __future__ import annotations

from wtforms import RadioField, StringField
from wtforms.validators import InputRequired

from administration.school.schemas import SchoolSchema
from school.models import Registration, Teaching
from web.forms import SchemaForm, choices
from web.zones import ZoneField

_WHO: dict[str, str] = {
    Registration.OPEN: "Everybody",
    Registration.INVITATION: "Only people who are invited",
    Registration.CLOSED: "Nobody by themselves",
}
_TEACHES: dict[str, str] = {
    Teaching.OPEN: "Everybody who has a teacher’s account",
    Teaching.APPROVED: "Only teachers whom the school has approved",
}
_OPTIONAL = ("accent_colour", "imprint_url", "privacy_url")


class SchoolForm(SchemaForm):
    """What the school is called and looks like, and who can make an account and teach."""

    schema = SchoolSchema()

    name = StringField("Name", [InputRequired("Please enter a name.")])
    accent_colour = StringField("Colour")
    imprint_url = StringField("Imprint")
    privacy_url = StringField("Privacy")
    currency = StringField("Currency", [InputRequired("Please enter a currency.")])
    time_zone = ZoneField("Time zone", [InputRequired("Please choose a time zone.")])
    registration = RadioField("Who can make an account?", [InputRequired("Please choose one.")], choices=choices(_WHO))
    teaching = RadioField("Who can teach?", [InputRequired("Please choose one.")], choices=choices(_TEACHES))

    def entered(self) -> dict[str, object]:
        """Leave out what was left empty."""
        given = dict(super().entered())
        return {name: value for name, value in given.items() if value or name not in _OPTIONAL}

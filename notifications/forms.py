"""The form about what people want to be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from wtforms import RadioField, SelectMultipleField

from jsontext import JsonObject
from notifications.models import Digest
from notifications.schemas import SettingsSchema
from notifications.types import TYPES, NotificationType
from web.forms import SchemaForm, choices

# What the page offers; a program may choose any number of minutes.
OFFERED = (10, 30, 60, 120, 1440, 2880, 10080)


class SettingsForm(SchemaForm):
    """Which types are mailed, when lessons are reminded of, and whether there is a digest."""

    schema = SettingsSchema()
    fields_of = {"reminders_minutes": "reminders"}

    digest = RadioField(
        "How mails come", choices=choices({Digest.NONE: "One by one", Digest.DAILY: "A summary each morning"})
    )
    reminders = SelectMultipleField("Reminders", coerce=int)
    mail = SelectMultipleField("Mails")

    shown_types: Sequence[NotificationType] = ()

    @classmethod
    def of(cls, chosen: JsonObject, role: str) -> Self:
        """Fill the form with what is chosen now, as the API shows it, and with what a role is told about."""
        wanted = [name for name, is_wanted in chosen["mail"].items() if is_wanted]
        form = cls(data={"digest": chosen["digest"], "reminders": chosen["reminders_minutes"], "mail": wanted})
        form.shown_types = [type_ for type_, facts in TYPES.items() if facts.role in (None, role)]
        form.mail.choices = list(form.shown_types)
        # What a program has chosen is offered, too, so that nothing is lost when the form is sent.
        minutes = sorted({*OFFERED, *chosen["reminders_minutes"]})
        form.reminders.choices = [(each, _before(each)) for each in minutes]
        return form

    def entered(self) -> dict[str, Any]:
        """Return the choices as the API takes them."""
        shown = [type_ for type_ in self.shown_types if TYPES[type_].optional]
        return {
            "mail": {str(type_): type_ in (self.mail.data or ()) for type_ in shown},
            "reminders_minutes": self.reminders.data or [],
            "digest": self.digest.data,
        }


def _before(minutes: int) -> str:
    """Write how long before: "1 hour", "2 days"."""
    for length, unit in ((10080, "week"), (1440, "day"), (60, "hour")):
        if minutes % length == 0:
            number = minutes // length
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{minutes} minutes"

"""The form about a webhook.

What is allowed in it, the API's schema says.
"""

from __future__ import annotations

from itertools import groupby
from typing import Self

from wtforms import SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from events.catalogue import MEANINGS
from events.types import EventType
from jsontext import JsonObject
from operators.webhooks.schemas import NewWebhookSchema
from web.forms import SchemaForm

# What events are about, as their types begin.
_SUBJECTS = {
    "booking": "Lessons",
    "waitlist": "Waitlists",
    "session": "Sessions of groups",
    "gig": "Gigs",
    "user": "Accounts",
    "review": "Reviews",
    "application": "Applications",
    "assignment": "Courses",
    "task": "Tasks",
    "submission": "Work handed in",
    "payment": "Payments",
    "package": "Packages",
}


class WebhookForm(SchemaForm):
    """Where to, what, and what it is for."""

    schema = NewWebhookSchema()

    url = StringField("Address", [InputRequired("Please enter the address.")])
    description = StringField("What is it for?")
    types = SelectMultipleField("What it gets", choices=[SelectChoice(it, it) for it in MEANINGS])

    @classmethod
    def of(cls, webhook: JsonObject) -> Self:
        """Fill the form with what is known of a webhook."""
        return cls(data={name: webhook[name] for name in ("url", "description", "types")})

    def subjects(self) -> list[tuple[str, list[tuple[EventType, str]]]]:
        """Return what can be chosen, by what it is about."""
        groups = groupby(MEANINGS.items(), key=lambda item: item[0].partition(".")[0])
        return [(_SUBJECTS.get(subject, subject.capitalize()), list(types)) for subject, types in groups]

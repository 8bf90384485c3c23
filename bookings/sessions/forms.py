"""Forms about sessions.

What is allowed in them, the API's schemas and the time zone's rules say.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from wtforms import DateField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional

from bookings.forms import MoveForm, TimeForm
from bookings.sessions.plan import NewSessions, Repeat
from bookings.sessions.schemas import SessionFormSchema
from web.forms import Whole

ONCE = 0
_HOW_OFTEN = {ONCE: "Only once", 1: "Every week", 2: "Every second week", 3: "Every third week", 4: "Every fourth week"}


class SessionsForm(TimeForm):
    """A session, or a row of them.

    The time is always typed.
    """

    schema = SessionFormSchema()

    every_weeks = SelectField(
        "Repeat",
        choices=[SelectChoice(number, words) for number, words in _HOW_OFTEN.items()],
        coerce=int,
        default=ONCE,
        invalid_choice_message="Please choose how often.",
    )
    until = DateField("Until", [Optional()], invalid_value_message="There is no such day.")
    capacity = Whole("Places")
    location = StringField("Place or meeting link")

    def entered(self) -> dict[str, Any]:
        """Ask the schema about all but the repetition."""
        return {name: value for name, value in super().entered().items() if name not in ("every_weeks", "until")}

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the last day of a row."""
        valid = super().validate(extra_validators)
        if self.every_weeks.data and self.until.data is None:
            self.until.errors = ["Please choose the last day."]
            return False
        return valid

    def wanted(self, starts_at: datetime, without: Collection[date] = ()) -> NewSessions:
        """Return what is to be set, without these days."""
        repeat = None
        if self.every_weeks.data:
            repeat = Repeat(until=self.until.data, every_weeks=self.every_weeks.data, without=tuple(sorted(without)))
        location = self.loaded["location"] or None
        return NewSessions(starts_at=starts_at, capacity=self.loaded["capacity"], location=location, repeat=repeat)


class MoveSessionForm(MoveForm):
    """Another time for a session, always typed."""

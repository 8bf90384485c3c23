"""The form with which a lesson is entered for a student."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError
from wtforms import EmailField, SelectField, StringField
from wtforms.fields import SelectChoice

from accounts.invitations.service import Invited
from bookings.entering.schemas import InvitedSchema
from bookings.forms import ProposalForm
from bookings.series.plan import FEWEST, MOST

_ONCE = SelectChoice(1, "Only once")
_WEEKS = [_ONCE, *(SelectChoice(number, f"Every week, {number} lessons") for number in range(FEWEST, MOST + 1))]
# A student who is not in the list.
NEW = ""


class EntryForm(ProposalForm):
    """A lesson that is agreed on already.

    Its student is one of the list, or somebody with a name and an address.
    """

    student_id = SelectField("Student", default=NEW, invalid_choice_message="Please choose a student.")
    name = StringField("Name")
    email = EmailField("E-mail address")
    weeks = SelectField(
        "Repeat", choices=_WEEKS, coerce=int, default=1, invalid_choice_message="Please choose how often."
    )

    person: Invited | None = None

    def know(self, students: Mapping[int, str]) -> None:
        """Offer these students, by id."""
        named = [SelectChoice(str(student_id), name) for student_id, name in students.items()]
        self.student_id.choices = [SelectChoice(NEW, "Somebody new"), *named]

    def entered(self) -> dict[str, Any]:
        """Ask the schema about the lesson."""
        return {name: value for name, value in super().entered().items() if name in ("gig_id", "note", "starts_at")}

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for a name and an address if no student is chosen."""
        valid = super().validate(extra_validators)
        if self.student_id.data != NEW:
            return valid
        try:
            self.person = InvitedSchema().load({"name": self.name.data or "", "email": self.email.data or ""})
        except ValidationError as error:
            self.refuse(error.normalized_messages())
            return False
        return valid

    def refuse(self, errors: Mapping[str, Any]) -> None:
        """Show what is wrong with a person where they were named."""
        where = "email" if self.student_id.data == NEW else "student_id"
        super().refuse(
            {where if name in ("student", "student_id") else name: messages for name, messages in errors.items()}
        )

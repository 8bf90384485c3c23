"""Forms of invitations.

What is allowed in them, the API's schemas say.
"""

from __future__ import annotations

from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired

from accounts.models import Role
from accounts.rights import LABELS, Right, may, runs_school
from administration.invitations.schemas import NewcomerSchema, NewInvitationSchema
from web.forms import SchemaForm, choices
from web.zones import ZoneField

# The most usual first.
_OFFERED = (Role.TEACHER, Role.STUDENT, Role.OFFICE, Role.ADMIN)


class InviteForm(SchemaForm):
    """Who is invited, and as what."""

    schema = NewInvitationSchema()

    email = EmailField("E-mail address", [InputRequired("Please enter an e-mail address.")])
    role = SelectField("As")

    @classmethod
    def by(cls, role: str) -> InviteForm:
        """Offer somebody with this role what they may invite people as."""
        form = cls()
        offered = {str(it): LABELS[it] for it in _OFFERED if not runs_school(it) or may(role, Right.ROLES)}
        form.role.choices = choices(offered)
        return form


class NewcomerForm(SchemaForm):
    """What somebody enters who accepts an invitation."""

    schema = NewcomerSchema()

    name = StringField("Name", [InputRequired("Please enter your name.")])
    password = PasswordField("Password", [InputRequired("Please choose a password.")])
    time_zone = ZoneField("Time zone", [InputRequired("Please choose a time zone.")])

"""Forms about people.

What is allowed in them, the API's schemas say.
"""

from __future__ import annotations

from typing import ClassVar

from marshmallow import Schema
from wtforms import EmailField, PasswordField, RadioField, StringField
from wtforms.validators import InputRequired

from accounts.models import Role
from accounts.schemas import CurrentPasswordSchema, LoginSchema, ProfileSchema, RegisterSchema
from web.forms import Lines, SchemaForm, choices
from web.zones import ZoneField


class SignInForm(SchemaForm):
    """An address and a password."""

    schema = LoginSchema()

    email = EmailField("E-mail address", [InputRequired("Please enter your e-mail address.")])
    password = PasswordField("Password", [InputRequired("Please enter your password.")])


class RegisterForm(SchemaForm):
    """A new account."""

    schema = RegisterSchema()

    role = RadioField(
        "I am a",
        [InputRequired("Please choose one.")],
        choices=choices({Role.STUDENT: "Student", Role.TEACHER: "Teacher"}),
    )
    name = StringField("Name", [InputRequired("Please enter your name.")])
    email = EmailField("E-mail address", [InputRequired("Please enter your e-mail address.")])
    password = PasswordField("Password", [InputRequired("Please choose a password.")])
    time_zone = ZoneField("Time zone", [InputRequired("Please choose a time zone.")])


class ZoneForm(SchemaForm):
    """The time zone in which a visitor reads times.

    It is sent in the address.
    """

    class Meta:
        csrf = False

    schema = ProfileSchema(only=("time_zone",))

    time_zone = ZoneField("Time zone", [InputRequired("Please choose a time zone.")])


class ProfileForm(SchemaForm):
    """What people say about themselves.

    The last two are for teachers.
    """

    schema = ProfileSchema(only=("name", "time_zone", "headline", "bio"))

    name = StringField("Name", [InputRequired("Please enter your name.")])
    time_zone = ZoneField("Time zone", [InputRequired("Please choose a time zone.")])
    headline = StringField("Headline")
    bio = Lines("About you")


def current_password_field() -> PasswordField:
    """Ask for the password of the one who changes something that a stolen sign-in should not change."""
    return PasswordField("Current password", [InputRequired("Please enter your current password.")])


class CurrentPasswordForm(SchemaForm):
    """The current password."""

    schema: ClassVar[Schema] = CurrentPasswordSchema()

    current_password = current_password_field()


class PasswordForm(CurrentPasswordForm):
    """A new password."""

    schema = ProfileSchema(only=("current_password", "password"))
    fields_of = {"password": "new_password"}

    new_password = PasswordField("New password", [InputRequired("Please enter a new password.")])

    def entered(self) -> dict[str, object]:
        """Name the new password as the schema does."""
        return {"current_password": self.current_password.data or "", "password": self.new_password.data or ""}


class AddressForm(SchemaForm):
    """A new address to sign in with."""

    schema = ProfileSchema(only=("current_password", "email"))
    fields_of = {"email": "new_email", "current_password": "present_password"}

    new_email = EmailField("New e-mail address", [InputRequired("Please enter the new address.")])
    # Beside the field of the form above it, on the same page.
    present_password = current_password_field()

    def entered(self) -> dict[str, object]:
        """Name the fields as the schema does."""
        return {"email": self.new_email.data or "", "current_password": self.present_password.data or ""}

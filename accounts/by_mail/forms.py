"""Forms of accounts by mail."""

from __future__ import annotations

from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired

from accounts.by_mail.schemas import ForgottenPasswordSchema, ResetPasswordSchema
from web.forms import SchemaForm


class ForgottenPasswordForm(SchemaForm):
    """The address that a mail is to go to."""

    schema = ForgottenPasswordSchema()

    email = EmailField("E-mail address", [InputRequired("Please enter your e-mail address.")])


class NewPasswordForm(SchemaForm):
    """A password to begin anew with."""

    schema = ResetPasswordSchema(only=("password",))

    password = PasswordField("New password", [InputRequired("Please choose a password.")])

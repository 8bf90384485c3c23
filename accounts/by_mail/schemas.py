"""What programs send about accounts by mail."""

from __future__ import annotations

from accounts.schemas import EmailField, PasswordField
from web.fields import Line, StrictSchema


class ForgottenPasswordSchema(StrictSchema):
    """The address of an account whose password is forgotten."""

    EXAMPLE = {"email": "ada@example.org"}

    email = EmailField(required=True)


class ResetPasswordSchema(StrictSchema):
    """The token of a mail, and a new password."""

    EXAMPLE = {"token": "TOKEN_OF_THE_MAIL", "password": "analytical engine"}

    token = Line(at_most=200, required=True)
    password = PasswordField(required=True)


class ConfirmEmailSchema(StrictSchema):
    """The token of a mail."""

    EXAMPLE = {"token": "TOKEN_OF_THE_MAIL"}

    token = Line(at_most=200, required=True)

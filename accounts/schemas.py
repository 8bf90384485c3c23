"""What goes in and out of the API about people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from accounts.models import (
    LONGEST_NAME,
    AccountChanges,
    AddressChange,
    NewAccount,
    PasswordChange,
    ProfileChanges,
    Role,
)
from accounts.queries import UsersQuery
from config import ascii_address
from web.fields import Choice, Flag, Line, StrictSchema, Text, TimeZoneName, length
from web.pagination import PageQuery, PageSchema

PASSWORD_MIN, PASSWORD_MAX = 10, 256


class EmailField(fields.Email):
    """An e-mail address of at most 254 characters.

    It is trimmed. Letters of other alphabets are refused: an address that looks like another one would be another
    account. Domains in other alphabets have a form in plain letters, which begins with `xn--`.
    """

    def __init__(self, **kwargs: Any) -> None:
        """Bound the length."""
        super().__init__(validate=length(0, 254), error_messages={"invalid": "This is no e-mail address."}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value.strip() if isinstance(value, str) else value, attr, data, **kwargs)
        if not text or not text.isprintable():
            raise self.make_error("invalid", input=value)
        if not text.isascii():
            raise ValidationError("Please use the letters a to z, digits and signs.")
        try:
            ascii_address(text)
        except ValueError:
            # Such as "<ada>"@example.org, which no mail can be sent to.
            raise self.make_error("invalid", input=value) from None
        return text


class PasswordField(fields.String):
    """A password as it was typed: blanks at its ends belong to it."""

    def __init__(self, **kwargs: Any) -> None:
        """Bound the length.

        There are no rules about what a password is made of.
        """
        bounds = length(PASSWORD_MIN, PASSWORD_MAX)
        super().__init__(validate=bounds, load_only=True, metadata={"format": "password"}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs) or ""
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise ValidationError("This text contains a character that cannot be stored.")
        return text


class CurrentPasswordField(fields.String):
    """The password of the one who asks, as a proof: it may be shorter than new ones have to be."""

    def __init__(self, **kwargs: Any) -> None:
        """Bound the length."""
        super().__init__(validate=validate.Length(max=1000), load_only=True, **kwargs)


class CurrentPasswordSchema(StrictSchema):
    """The current password."""

    EXAMPLE: Mapping[str, str] = {"current_password": "analytical engine"}

    current_password = CurrentPasswordField(required=True)


class UserSchema(StrictSchema):
    """A person.

    `email` for oneself and administrators, `email_confirmed` and `new_email`, which waits to be confirmed, for oneself,
    the last four for teachers.
    """

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    time_zone = fields.String(required=True)
    email = fields.String()
    email_confirmed = fields.Boolean()
    new_email = fields.String(allow_none=True)
    keeps_searches = fields.Boolean()
    in_leaderboards = fields.Boolean()
    active = fields.Boolean()
    headline = fields.String()
    bio = fields.String()
    rating = fields.Float(allow_none=True)
    review_count = fields.Integer()


class UsersPageSchema(PageSchema):
    """A page of people."""

    data = fields.List(fields.Nested(UserSchema), required=True)


class RegisterSchema(StrictSchema):
    """A new account.

    Administrators are made by an operator.
    """

    EXAMPLE = {
        "name": "Ada Lovelace",
        "email": "ada@example.org",
        "password": "analytical engine",
        "role": "student",
        "time_zone": "Europe/London",
    }

    MAKES = NewAccount

    name = Line(at_least=1, at_most=LONGEST_NAME, required=True)
    email = EmailField(required=True)
    password = PasswordField(required=True)
    role = Choice([Role.STUDENT, Role.TEACHER], required=True)
    time_zone = TimeZoneName(required=True)


class LoginSchema(StrictSchema):
    """An address and a password, with two-factor sign-in also a code of its app or one for recovery.

    Any line of text may be tried.
    """

    EXAMPLE = {"email": "ada@example.org", "password": "analytical engine"}

    email = Line(at_most=1000, required=True)
    password = fields.String(required=True, load_only=True, validate=validate.Length(max=1000))
    code = Line(at_most=40, load_only=True)


class RefreshSchema(StrictSchema):
    """The refresh token that the last answer gave."""

    EXAMPLE = {"refresh_token": "REFRESH_TOKEN"}

    refresh_token = Text(at_most=4000, required=True)


class SignedInSchema(StrictSchema):
    """A person and their two tokens."""

    user = fields.Nested(UserSchema, required=True)
    access_token = fields.String(required=True)
    refresh_token = fields.String(required=True)


class ProfileSchema(StrictSchema):
    """What a person can change about themselves.

    `email` and `password` need `current_password`. A new address counts when it is confirmed, a new password ends
    every sign-in, and a change of address that waits, so only one of both can be changed at once.
    """

    EXAMPLE = {"name": "Ada King", "time_zone": "Europe/Paris"}

    name = Line(at_least=1, at_most=LONGEST_NAME)
    time_zone = TimeZoneName()
    headline = Line(at_most=200)
    bio = Text(at_most=10_000)
    keeps_searches = Flag(metadata={"description": "Whether to remember what this person searches for."})
    in_leaderboards = Flag(metadata={"description": "Whether to be named in leaderboards; at first nobody is."})
    email = EmailField()
    password = PasswordField()
    current_password = CurrentPasswordField()

    @validates_schema
    def _needs_the_current_password(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("password" in data or "email" in data) and "current_password" not in data:
            raise ValidationError("Give the current password, too.", "current_password")
        if "password" in data and "email" in data:
            raise ValidationError("Change the password first: a new one ends a change of address.", "email")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> AccountChanges:
        current, new = data.pop("current_password", ""), data.pop("password", None)
        email = data.pop("email", None)
        return AccountChanges(
            profile=ProfileChanges(**data),
            password=None if new is None else PasswordChange(current=current, new=new),
            address=None if email is None else AddressChange(email=email, current_password=current),
        )


class UsersQuerySchema(PageQuery):
    """Filters of the administrators' list."""

    MAKES = UsersQuery

    role = Choice(Role, load_default=None)
    q = Text(at_most=100, load_default=None, metadata={"description": "Letters of the name or the address."})
    active = Choice(("true", "false"), load_default=None)

"""What goes in and out about invitations by mail."""

from __future__ import annotations

from marshmallow import fields

from accounts.models import LONGEST_NAME, Role
from accounts.schemas import EmailField, PasswordField
from administration.invitations.models import Newcomer, NewInvitation
from administration.invitations.queries import InvitationsQuery
from web.fields import Choice, InstantField, Line, StrictSchema, Text, TimeZoneName
from web.pagination import PageQuery, PageSchema


class NewInvitationSchema(StrictSchema):
    """Who is invited, and as what.

    Only administrators invite those who will run the school.
    """

    MAKES = NewInvitation
    EXAMPLE = {"email": "emmy@example.org", "role": "teacher"}

    email = EmailField(required=True)
    role = Choice(Role, required=True)


class InvitationsQuerySchema(PageQuery):
    """Which page of the list."""

    MAKES = InvitationsQuery


class InviterSchema(StrictSchema):
    """Who has invited them."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)


class SchoolInvitationSchema(StrictSchema):
    """An invitation that nobody has accepted yet."""

    id = fields.Integer(required=True)
    email = fields.String(required=True)
    role = Choice(Role, required=True)
    invited_by = fields.Nested(InviterSchema, required=True)
    created_at = InstantField(required=True)
    expires_at = InstantField(required=True)
    expired = fields.Boolean(required=True, metadata={"description": "Whether its link counts no more."})


class InvitationsPageSchema(PageSchema):
    """Invitations, the newest first."""

    data = fields.List(fields.Nested(SchoolInvitationSchema), required=True)


class _Entered(StrictSchema):
    name = Line(at_least=1, at_most=LONGEST_NAME, required=True)
    password = PasswordField(required=True)
    time_zone = TimeZoneName(required=True)


class NewcomerSchema(_Entered):
    """What somebody enters who accepts an invitation."""

    MAKES = Newcomer


class AcceptSchema(_Entered):
    """The token of the mail, and what a new account needs beside its address and role."""

    EXAMPLE = {
        "token": "TOKEN",
        "name": "Emmy Noether",
        "password": "rings and modules",
        "time_zone": "Europe/Berlin",
    }

    token = Text(at_most=200, required=True)

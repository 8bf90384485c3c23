"""What the API says about people to those who run the school."""

from __future__ import annotations

from marshmallow import fields

from accounts.models import Role
from administration.people.service import PersonChanges
from web.fields import Choice, Flag, InstantField, StrictSchema


class PersonChangesSchema(StrictSchema):
    """What is changed about an account."""

    MAKES = PersonChanges
    EXAMPLE = {"role": "office"}

    role = Choice(Role)
    active = Flag(metadata={"description": "False closes the account: what is open ends. True opens it again."})


class RoleSchema(StrictSchema):
    """What the form sends that gives a role."""

    role = Choice(Role, required=True)


class AccountSchema(StrictSchema):
    """An account."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    email_confirmed = fields.Boolean(required=True)
    role = Choice(Role, required=True)
    active = fields.Boolean(required=True)
    two_factor = fields.Boolean(required=True, metadata={"description": "Whether signing in needs a code, too."})
    time_zone = fields.String(required=True)
    created_at = InstantField(required=True)


class ListedSchema(StrictSchema):
    """How many there are, and the newest ten of them."""

    count = fields.Integer(required=True)
    newest = fields.List(fields.Dict(), required=True)


class PersonDetailSchema(AccountSchema):
    """An account with all that the person has."""

    lessons = fields.Nested(ListedSchema, required=True)
    gigs = fields.Nested(ListedSchema, required=True)
    payments = fields.Nested(ListedSchema, required=True)
    applications = fields.Nested(ListedSchema, required=True)
    reviews = fields.Nested(ListedSchema, required=True)
    sign_ins = fields.Nested(ListedSchema, required=True)
    mails = fields.Nested(ListedSchema, required=True)


class AlikeSchema(StrictSchema):
    """Accounts that may be one person's."""

    same = Choice(("name", "address"), required=True, metadata={"description": "What is alike."})
    people = fields.List(fields.Dict(), required=True)


class DuplicatesSchema(StrictSchema):
    """All such groups, fifty of each kind at most."""

    data = fields.List(fields.Nested(AlikeSchema), required=True)

"""What the API says about mails."""

from __future__ import annotations

from marshmallow import fields

from mail.models import MailState
from mail.queries import MailsQuery
from web.fields import Choice, Line, StrictSchema
from web.pagination import PageQuery, PageSchema


class MailsQuerySchema(PageQuery):
    """Which mails."""

    MAKES = MailsQuery

    state = Choice(MailState, load_default=None)
    address = Line(at_most=254, load_default=None, metadata={"description": "To exactly this address."})


class SentMailSchema(StrictSchema):
    """A mail that is done with.

    What stood in it is not kept: it may be a secret.
    """

    id = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    state = Choice(MailState, required=True)
    address = fields.String(required=True)
    user_id = fields.Integer(required=True, allow_none=True)
    type = fields.String(required=True)
    subject = fields.String(required=True)
    reason = fields.String(required=True, metadata={"description": "Why it was refused."})


class MailsPageSchema(PageSchema):
    """Mails, the newest first."""

    data = fields.List(fields.Nested(SentMailSchema), required=True)

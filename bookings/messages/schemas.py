"""What goes in and out of the API about messages."""

from __future__ import annotations

from marshmallow import fields

from bookings.messages.models import LONGEST_MESSAGE
from bookings.messages.queries import MessagesQuery
from bookings.schemas import ReferenceSchema
from web.fields import StrictSchema, Text
from web.pagination import PageQuery, PageSchema


class NewMessageSchema(StrictSchema):
    """What is to be written to the other one of a lesson's two people."""

    EXAMPLE = {"text": "Shall I bring the book with the sonatas?"}

    text = Text(at_least=1, at_most=LONGEST_MESSAGE, required=True)


class MessageSchema(StrictSchema):
    """A message, as one of the two people reads it."""

    id = fields.Integer(required=True)
    text = fields.String(required=True)
    author = fields.Nested(ReferenceSchema, required=True)
    created_at = fields.AwareDateTime(required=True)
    unread = fields.Boolean(
        required=True,
        metadata={"description": "You have not read it yet. What you wrote yourself never is, whoever has read it."},
    )


class MessagesPageSchema(PageSchema):
    """A page of a talk."""

    data = fields.List(fields.Nested(MessageSchema), required=True)


class MessagesQuerySchema(PageQuery):
    """Which page of a talk."""

    MAKES = MessagesQuery

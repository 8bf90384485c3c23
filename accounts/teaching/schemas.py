"""What goes in and out of the API about a teacher's approval."""

from __future__ import annotations

from marshmallow import fields

from accounts.teaching.models import TeachingStatus
from web.fields import Choice, StrictSchema, Text

LONGEST_MESSAGE = 2_000


class AskToTeachSchema(StrictSchema):
    """What a teacher writes to the school."""

    EXAMPLE = {"message": "I have taught the violin for ten years, and would like to offer lessons here."}

    message = Text(at_least=1, at_most=LONGEST_MESSAGE, required=True)


class StandingSchema(StrictSchema):
    """How things stand between a teacher and the school.

    `status` is null for who has not asked.
    """

    status = Choice(TeachingStatus, required=True, allow_none=True)
    message = fields.String(required=True)
    reason = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)


class OwnStandingSchema(StandingSchema):
    """The same, for the teacher."""

    may_publish = fields.Boolean(
        required=True, metadata={"description": "Whether their gigs can be published now: approved, or everybody may."}
    )

"""What goes in and out of the API about webhooks."""

from __future__ import annotations

from marshmallow import ValidationError, fields, validates_schema

from events.types import LOGGED
from events.webhooks.due import TEST_TYPE
from events.webhooks.models import LONGEST_DESCRIPTION, DeliveryStatus, OffBecause
from events.webhooks.queries import DeliveriesQuery, WebhooksQuery
from events.webhooks.service import NewWebhook, WebhookChanges
from outgoing.addresses import LONGEST_ADDRESS
from web.fields import Choice, Flag, Line, StrictSchema
from web.pagination import PageQuery, PageSchema

_URL = {"description": "It begins with https:// and leads to the public internet. Redirects are not followed."}
_TYPES = {"description": "Which events it gets. None: all of them, also those of later versions."}


class NewWebhookSchema(StrictSchema):
    """A new webhook."""

    EXAMPLE = {
        "url": "https://hooks.example.org/lectern",
        "types": ["booking.accepted", "booking.cancelled"],
        "description": "The timetable in the entrance hall",
    }
    MAKES = NewWebhook

    url = Line(at_least=1, at_most=LONGEST_ADDRESS, required=True, metadata=_URL)
    types = fields.List(Choice(LOGGED), load_default=list, metadata=_TYPES)
    description = Line(at_most=LONGEST_DESCRIPTION, load_default="")


class WebhookChangesSchema(StrictSchema):
    """What is changed of a webhook."""

    EXAMPLE = {"active": False}
    MAKES = WebhookChanges

    url = Line(at_least=1, at_most=LONGEST_ADDRESS, metadata=_URL)
    types = fields.List(Choice(LOGGED), metadata=_TYPES)
    description = Line(at_most=LONGEST_DESCRIPTION)
    active = Flag(metadata={"description": "False: nothing is sent, until it is switched on with what was missed."})

    @validates_schema
    def _check_something_is_changed(self, data: dict[str, object], **_: object) -> None:
        if not data:
            raise ValidationError("Say what is to be changed.")


class WebhookSchema(StrictSchema):
    """A webhook.

    `off_because` says why it is not active: it is `paused`, the receiver is `gone` (410), or it was `failing` for three
    days. `failing_since` is since when nothing has succeeded, `resume_at` when it is tried next then.
    """

    id = fields.Integer(required=True)
    url = fields.String(required=True)
    types = fields.List(fields.String(), required=True)
    description = fields.String(required=True)
    active = fields.Boolean(required=True)
    off_because = Choice(OffBecause, required=True, allow_none=True)
    waiting = fields.Integer(required=True, metadata={"description": "Deliveries that are still to be made."})
    failing_since = fields.AwareDateTime(required=True, allow_none=True)
    resume_at = fields.AwareDateTime(required=True, allow_none=True)
    old_until = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "Until then the secret before this one signs, too."}
    )
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class WebhookWithSecretSchema(WebhookSchema):
    """A webhook with its secret, which is shown this once."""

    secret = fields.String(required=True, metadata={"description": "`whsec_…`, to verify signatures with."})


class WebhooksPageSchema(PageSchema):
    """Webhooks, the newest first."""

    data = fields.List(fields.Nested(WebhookSchema), required=True)


class WebhooksQuerySchema(PageQuery):
    """Which page of the webhooks."""

    MAKES = WebhooksQuery


class DeliverySchema(StrictSchema):
    """A delivery, with its last attempt.

    `answer_status` and `answer` are what the receiver said, `error` why it does not count as delivered.
    """

    id = fields.Integer(required=True)
    webhook_id = fields.Integer(required=True)
    event_id = fields.String(required=True, metadata={"description": "The header `webhook-id`."})
    type = fields.String(required=True, metadata={"description": f"A type of event, or `{TEST_TYPE}`."})
    status = Choice(DeliveryStatus, required=True)
    attempts = fields.Integer(required=True)
    next_at = fields.AwareDateTime(required=True, allow_none=True)
    attempted_at = fields.AwareDateTime(required=True, allow_none=True)
    milliseconds = fields.Integer(required=True, allow_none=True)
    answer_status = fields.Integer(required=True, allow_none=True)
    answer = fields.String(required=True)
    error = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)


class DeliveriesPageSchema(PageSchema):
    """Deliveries, the newest first."""

    data = fields.List(fields.Nested(DeliverySchema), required=True)


class DeliveriesQuerySchema(PageQuery):
    """Which deliveries of a webhook."""

    MAKES = DeliveriesQuery

    status = Choice(DeliveryStatus, load_default=None)

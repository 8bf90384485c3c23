"""What goes in and out of the API about many bookings at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, post_load, validate

from bookings.many.service import ManyChanges
from bookings.rules.agreement import StatusChange
from bookings.schemas import NOTE_MAX
from bookings.statuses import BookingStatus
from web.fields import Choice, IdNumber, StrictSchema, Text

MOST_AT_ONCE = 100
_BOUNDS = validate.Length(1, MOST_AT_ONCE, error=f"Name 1 to {MOST_AT_ONCE} lessons.")


class ChangeManySchema(StrictSchema):
    """One new status for many bookings, and why."""

    EXAMPLE = {"ids": [1, 2], "status": "cancelled", "reason": "I am ill."}

    ids = fields.List(IdNumber(), required=True, validate=_BOUNDS)
    status = Choice(BookingStatus, required=True)
    reason = Text(at_most=NOTE_MAX, load_default="")

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> ManyChanges:
        return ManyChanges(ids=data["ids"], step=StatusChange(to=data["status"], reason=data["reason"]))


class ResultSchema(StrictSchema):
    """What became of one booking.

    It is the status, and the type of the problem, that a change of it alone is answered with.
    """

    id = fields.Integer(required=True)
    status = fields.Integer(required=True, validate=validate.OneOf([200, 403, 404, 409]))
    type = fields.String()


class ResultsSchema(StrictSchema):
    """What became of each, in the order asked."""

    results = fields.List(fields.Nested(ResultSchema), required=True)

"""What goes in and out of the API about free times."""

from __future__ import annotations

from marshmallow import fields

from bookings.slots.queries import MOST_SLOTS, SlotsQuery
from schedule.schemas import RangeQuery
from web.fields import QueryId, StrictSchema, TimeZoneName


class SlotSchema(StrictSchema):
    """A time that can be booked.

    `local` is its start by the reader's clock.
    """

    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    local = fields.AwareDateTime(required=True)
    seats_left = fields.Integer(required=True)


class SlotsSchema(StrictSchema):
    """The slots of a range, in order of time."""

    data = fields.List(fields.Nested(SlotSchema), required=True)
    next_from = fields.AwareDateTime(
        metadata={"description": f"There if there are more than {MOST_SLOTS:,}: the `from` to ask for the others with."}
    )
    time_zone = fields.String(required=True)
    cached = fields.Boolean(required=True)


class SlotsQuerySchema(RangeQuery):
    """Which slots: of which gig, from when to when, in which zone.

    `from` ≤ starts_at < `to`. The zone is the reader's by default.
    """

    MAKES = SlotsQuery

    gig_id = QueryId(required=True)
    time_zone = TimeZoneName(load_default=None)

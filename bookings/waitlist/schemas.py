"""What goes in and out of the API about waitlists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, post_load

from bookings.rules.agreement import LessonRequest
from bookings.schemas import GigReferenceSchema, ReferenceSchema, SeenSchema
from bookings.waitlist.models import EntryStatus
from bookings.waitlist.queries import NEWEST, WaitlistQuery
from web.fields import Choice, IdNumber, InstantField, StrictSchema
from web.pagination import PageQuery, PageSchema, position_for


class JoinSchema(StrictSchema):
    """Which lesson a student waits for."""

    EXAMPLE = {"gig_id": 1, "starts_at": "2027-03-01T16:00:00Z"}
    MAKES = LessonRequest

    gig_id = IdNumber(required=True)
    starts_at = InstantField(required=True)


class TakePlaceSchema(SeenSchema):
    """What the student saw of the lesson that they take a place in.

    A program need not send anything.
    """

    EXAMPLE = {"seen_price_cents": 3000, "seen_currency": "EUR"}
    BODY_IS_OPTIONAL = True


class FullTimeSchema(StrictSchema):
    """The time that a page's button is about."""

    starts_at = InstantField(required=True)


class EntrySchema(StrictSchema):
    """A place in a waitlist.

    While it is `offered`, a booking keeps a place in the lesson until `offered_until`.
    """

    id = fields.Integer(required=True)
    status = Choice(EntryStatus, required=True)
    starts_at = fields.AwareDateTime(required=True)
    gig = fields.Nested(GigReferenceSchema, required=True)
    teacher = fields.Nested(ReferenceSchema, required=True)
    booking_id = fields.Integer(required=True, allow_none=True)
    offered_until = fields.AwareDateTime(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)


class EntriesPageSchema(PageSchema):
    """A page of entries."""

    data = fields.List(fields.Nested(EntrySchema), required=True)


class WaitlistQuerySchema(PageQuery):
    """Which of one's own entries.

    `status` may be given several times.
    """

    statuses = fields.List(Choice(EntryStatus), data_key="status", load_default=list)

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> WaitlistQuery:
        statuses = tuple(sorted(set(data["statuses"])))
        return WaitlistQuery(statuses=statuses, limit=data["limit"], after=position_for(data["cursor"], NEWEST))


class QueueSchema(StrictSchema):
    """How many wait for one of a gig's times, and to how many a place is offered."""

    starts_at = fields.AwareDateTime(required=True)
    waiting = fields.Integer(required=True)
    offered = fields.Integer(required=True)


class QueuesSchema(StrictSchema):
    """All times of a gig for which students wait, in order of time."""

    data = fields.List(fields.Nested(QueueSchema), required=True)

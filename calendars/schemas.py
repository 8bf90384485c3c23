"""What goes in and out of the API about calendars."""

from __future__ import annotations

from datetime import date

from marshmallow import fields, validate

from bookings.schemas import BookingSchema, GigReferenceSchema
from schedule.models import Stretch
from schedule.schemas import RangeQuery
from web.fields import StrictSchema

# Calendars on pages reach so far.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)

TEXT = {"type": "string"}


class CalendarTokenSchema(StrictSchema):
    """The token of a feed, and the address that calendar programs subscribe to.

    Both are shown only now.
    """

    token = fields.String(required=True)
    url = fields.String(required=True)


class FeedQuerySchema(StrictSchema):
    """Whose feed."""

    token = fields.String(required=True, metadata={"description": "As it was shown when it was made."})


class SessionInScheduleSchema(StrictSchema):
    """A session that is to take place, empty or not."""

    id = fields.Integer(required=True)
    gig = fields.Nested(GigReferenceSchema, required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    capacity = fields.Integer(required=True)
    taken = fields.Integer(required=True)


class ScheduleSchema(StrictSchema):
    """All lessons of a stretch of time, in order of time."""

    data = fields.List(fields.Nested(BookingSchema), required=True)
    sessions = fields.List(fields.Nested(SessionInScheduleSchema), required=True)
    cached = fields.Boolean(required=True)


class ScheduleQuerySchema(RangeQuery):
    """Which lessons: `from` ≤ starts_at < `to`."""

    MAKES = Stretch


def is_within_reach(day: date) -> bool:
    """Tell whether a page shows this day."""
    return FIRST_DAY <= day <= LAST_DAY


class CalendarPageSchema(StrictSchema):
    """The address of a page with a calendar.

    The page shows this day, its week or its month.
    """

    date = fields.Date(
        load_default=None,
        validate=validate.Range(FIRST_DAY, LAST_DAY, error=f"Choose a day from {FIRST_DAY:%Y} to {LAST_DAY:%Y}."),
        error_messages={"invalid": "Write a day like 2026-11-27."},
    )

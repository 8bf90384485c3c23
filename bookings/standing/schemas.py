"""What goes in and out of the API about standing wishes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from bookings.schemas import GigReferenceSchema, ReferenceSchema
from bookings.standing.models import WishStatus
from schedule.schemas import ClockTime, DayField
from schedule.times.rules import Weekday
from web.fields import Choice, StrictSchema
from web.pagination import PageSchema


class NewWishSchema(StrictSchema):
    """Which times would suit a student, by their own clock, until which day."""

    EXAMPLE = {"weekdays": ["thursday"], "after": "17:00", "before": None, "until": "2027-01-31"}

    weekdays = fields.List(Choice(Weekday), required=True, validate=validate.Length(1, 7, error="Give 1 to 7 days."))
    after = ClockTime(load_default=None, allow_none=True)
    before = ClockTime(load_default=None, allow_none=True)
    until = DayField(required=True)

    @validates_schema
    def _leaves_some_time(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["after"] is not None and data["before"] is not None and data["after"] >= data["before"]:
            raise ValidationError("The latest time is not after the earliest.", "before")


class WishSchema(StrictSchema):
    """A standing wish.

    Its days and times are those of `time_zone`.
    """

    id = fields.Integer(required=True)
    status = Choice(WishStatus, required=True)
    gig = fields.Nested(GigReferenceSchema, required=True)
    teacher = fields.Nested(ReferenceSchema, required=True)
    weekdays = fields.List(Choice(Weekday), required=True)
    after = fields.String(required=True, allow_none=True)
    before = fields.String(required=True, allow_none=True)
    until = fields.String(required=True)
    time_zone = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)


class WishesSchema(PageSchema):
    """All wishes of a student that wait."""

    data = fields.List(fields.Nested(WishSchema), required=True)

"""What goes in and out of the API about holidays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from schedule.holidays.service import Days
from schedule.models import LONGEST_NAME
from schedule.schemas import DayField
from web.fields import Line, StrictSchema
from web.pagination import PageSchema

LONGEST = timedelta(days=366)


class NewHolidaySchema(StrictSchema):
    """Days on which the school is closed, by the clock of its own time zone.

    `last_day` is the last one without lessons.
    """

    EXAMPLE = {"name": "Winter holidays", "first_day": "2027-12-23", "last_day": "2028-01-06"}

    name = Line(at_least=1, at_most=LONGEST_NAME, required=True)
    first_day = DayField(required=True)
    last_day = DayField(required=True)

    @validates_schema
    def _are_in_order(self, data: Mapping[str, Any], **_: Any) -> None:
        first, last = (date.fromisoformat(data[name]) for name in ("first_day", "last_day"))
        if last < first:
            raise ValidationError("This is before the first day.", "last_day")
        if last - first >= LONGEST:
            raise ValidationError(f"Holidays are at most {LONGEST.days} days.", "last_day")

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> Days:
        first, last = (date.fromisoformat(data[name]) for name in ("first_day", "last_day"))
        return Days(name=data["name"], first_day=first, last_day=last)


class HolidaySchema(StrictSchema):
    """A holiday, with the instants at which it begins and ends by the clock of the school."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)


class NewHolidayAnswerSchema(HolidaySchema):
    """A holiday, and the ids of booked lessons that it overlaps with, of all teachers."""

    outside = fields.List(fields.Integer(), required=True)


class HolidaysPageSchema(PageSchema):
    """All holidays in order, in one page."""

    data = fields.List(fields.Nested(HolidaySchema), required=True)

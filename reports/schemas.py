"""What goes in and out of the API about all reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields

from reports.periods import Period
from web.fields import FIRST_YEAR, LAST_YEAR, Choice, StrictSchema, TimeZoneName


class DayField(fields.Date):
    """A day of the years 2000 to 2099, on the reader's clock."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        day: date = super()._deserialize(value, attr, data, **kwargs)
        if not FIRST_YEAR <= day.year < LAST_YEAR:
            raise ValidationError(f"Choose a day from {FIRST_YEAR} to {LAST_YEAR - 1}.")
        return day


class ReportSchema(StrictSchema):
    """Which days are reported on: from the first one to before `to`, on the clocks of a time zone."""

    # As CSV a report without rows of its own is one.
    ONE_ROW = True

    period = Choice(Period, required=True)
    first = fields.Date(data_key="from", required=True)
    end = fields.Date(data_key="to", required=True)
    time_zone = TimeZoneName(required=True)
    cached = fields.Boolean(required=True)

"""What goes in and out of the API about series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from reports.analytics.queries import Asked
from reports.periods import Period
from reports.schemas import DayField, ReportSchema
from web.fields import Choice, StrictSchema, TimeZoneName


class SeriesQuerySchema(StrictSchema):
    """Which periods: those from the one of `from` to before `to`, by default the latest ones.

    There are at most 400. A period is always shown as a whole. Days are those of one's own time zone.
    """

    MAKES = Asked

    period = Choice(Period, load_default=Period.MONTH)
    first = DayField(data_key="from", load_default=None)
    end = DayField(data_key="to", load_default=None)
    time_zone = TimeZoneName(load_default=None)

    @validates_schema
    def _require_order(self, data: Mapping[str, Any], **_: Any) -> None:
        if data.get("first") and data.get("end") and data["first"] >= data["end"]:
            raise ValidationError({"to": ["It has to be after `from`."]})


class PeriodSchema(StrictSchema):
    """One period, from its first day to before `to`."""

    first = fields.Date(data_key="from", required=True)
    end = fields.Date(data_key="to", required=True)


class AboutLessonsSchema(StrictSchema):
    """The lessons that begin in a period, by what they are now."""

    requested = fields.Integer(required=True)
    pending = fields.Integer(required=True)
    accepted = fields.Integer(required=True)
    declined = fields.Integer(required=True)
    cancelled = fields.Integer(required=True)
    completed = fields.Integer(required=True)
    no_show = fields.Integer(required=True)
    expired = fields.Integer(required=True)
    hours_taught = fields.Float(required=True)


class LessonsSchema(AboutLessonsSchema, PeriodSchema):
    """The lessons of a period."""


class MoneyOfPeriodSchema(StrictSchema):
    """What one currency brings.

    `earned_cents` is what is due for lessons that are over, `planned_cents` for those that are agreed on, and
    `packages_cents` what was paid for packages in the period, less what was given back.
    """

    currency = fields.String(required=True)
    earned_cents = fields.Integer(required=True)
    planned_cents = fields.Integer(required=True)
    packages_cents = fields.Integer(required=True)


class RevenueSchema(PeriodSchema):
    """What the lessons that begin in a period have brought."""

    money = fields.List(fields.Nested(MoneyOfPeriodSchema), required=True)


class RetentionSchema(PeriodSchema):
    """The students who had a completed lesson in a period.

    New ones had none before, retained ones had one in the period before, and those who returned had their last one
    earlier. `rate` is the share of the students of the period before who are retained.
    """

    students = fields.Integer(required=True)
    new = fields.Integer(required=True)
    retained = fields.Integer(required=True)
    returned = fields.Integer(required=True)
    rate = fields.Float(required=True, allow_none=True)


class AboutUsersSchema(StrictSchema):
    """Who registered in a period, by what they are now."""

    registered = fields.Integer(required=True)
    students = fields.Integer(required=True)
    teachers = fields.Integer(required=True)


class UsersSchema(AboutUsersSchema, PeriodSchema):
    """Who registered in a period."""


class AboutGigsSchema(StrictSchema):
    """The gigs that were written in a period, by what they are now."""

    created = fields.Integer(required=True)
    draft = fields.Integer(required=True)
    published = fields.Integer(required=True)
    paused = fields.Integer(required=True)
    archived = fields.Integer(required=True)


class GigsSchema(AboutGigsSchema, PeriodSchema):
    """The gigs of a period."""


class AboutApplicationsSchema(StrictSchema):
    """The applications of a period, by what they are now.

    `acceptance_rate` is the share of accepted ones among those that were decided about.
    """

    received = fields.Integer(required=True)
    pending = fields.Integer(required=True)
    accepted = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    withdrawn = fields.Integer(required=True)
    acceptance_rate = fields.Float(required=True, allow_none=True)


class ApplicationsSchema(AboutApplicationsSchema, PeriodSchema):
    """The applications of a period."""


class LessonSeriesSchema(ReportSchema):
    """What became of the lessons of each period."""

    data = fields.List(fields.Nested(LessonsSchema), required=True)


class RevenueSeriesSchema(ReportSchema):
    """What the lessons of each period have brought."""

    data = fields.List(fields.Nested(RevenueSchema), required=True)


class RetentionSeriesSchema(ReportSchema):
    """How many students of each period came back."""

    data = fields.List(fields.Nested(RetentionSchema), required=True)


class UserSeriesSchema(ReportSchema):
    """How many people registered in each period."""

    data = fields.List(fields.Nested(UsersSchema), required=True)


class GigSeriesSchema(ReportSchema):
    """How many gigs were written in each period."""

    data = fields.List(fields.Nested(GigsSchema), required=True)


class ApplicationSeriesSchema(ReportSchema):
    """How many applications there were in each period."""

    data = fields.List(fields.Nested(ApplicationsSchema), required=True)

"""What goes in and out of the API about a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marshmallow import fields

from bookings.statistics.schemas import MoneySchema
from reports.analytics.schemas import AboutApplicationsSchema, AboutGigsSchema, AboutLessonsSchema, AboutUsersSchema
from reports.schemas import DayField
from web.fields import StrictSchema, TimeZoneName


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which day is asked for."""

    date: date | None = None
    time_zone: str | None = None


class DayQuerySchema(StrictSchema):
    """Which day, and by whose clock: by default the present one, in one's own time zone."""

    MAKES = Asked

    date = DayField(load_default=None)
    time_zone = TimeZoneName(load_default=None)


class LessonsOfDaySchema(AboutLessonsSchema):
    """The lessons that begin on a day, by what they are now.

    Teachers and students are those of completed lessons. `earned` is what is due for lessons that are over, and what
    was paid for packages on the day.
    """

    teachers = fields.Integer(required=True)
    students = fields.Integer(required=True)
    earned = fields.List(fields.Nested(MoneySchema), required=True)


class DailySchema(StrictSchema):
    """What happened on a day, from its beginning to its end on the clocks of a time zone."""

    ONE_ROW = True

    date = fields.Date(required=True)
    time_zone = TimeZoneName(required=True)
    bookings = fields.Nested(LessonsOfDaySchema, required=True)
    users = fields.Nested(AboutUsersSchema, required=True)
    gigs = fields.Nested(AboutGigsSchema, required=True)
    applications = fields.Nested(AboutApplicationsSchema, required=True)
    cached = fields.Boolean(required=True)

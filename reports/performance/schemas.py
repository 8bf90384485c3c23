"""What goes in and out of the API about a teacher's lessons of a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marshmallow import fields

from bookings.schemas import ReferenceSchema
from bookings.statistics.schemas import MoneySchema
from reports.periods import Period
from reports.schemas import DayField, ReportSchema
from web.fields import Choice, QueryId, StrictSchema, TimeZoneName


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose lessons are reported on, of the period that a day is in."""

    teacher_id: int | None = None
    period: Period = Period.MONTH
    date: date | None = None
    time_zone: str | None = None


class PerformanceQuerySchema(StrictSchema):
    """Of which teacher, and of which period: the one that `date` is in, by default the present month.

    Teachers ask for themselves; administrators have to name one. Days are those of one's own time zone.
    """

    MAKES = Asked

    teacher_id = QueryId(load_default=None)
    period = Choice(Period, load_default=Period.MONTH)
    date = DayField(load_default=None)
    time_zone = TimeZoneName(load_default=None)


class PerformanceSchema(ReportSchema):
    """What became of the lessons that begin in a period.

    `requested` are all of them, and each of the numbers after it says how many are in that state now. A rate is null
    where there is nothing to compare with. `acceptance_rate` is the share of those that were agreed on, whatever came
    later, among all that were decided about or expired; `completion_rate` is that of completed ones among those that
    were agreed on and are completed, missed or cancelled. Hours and students are those of completed lessons, and new
    students had none with the teacher before. `response_hours_median` is how long students wait for an answer.
    `earned` is what is due for lessons that are over, and what was paid for packages in the period.
    """

    teacher = fields.Nested(ReferenceSchema, required=True)
    requested = fields.Integer(required=True)
    accepted = fields.Integer(required=True)
    declined = fields.Integer(required=True)
    cancelled = fields.Integer(required=True)
    completed = fields.Integer(required=True)
    no_show = fields.Integer(required=True)
    expired = fields.Integer(required=True)
    acceptance_rate = fields.Float(required=True, allow_none=True)
    completion_rate = fields.Float(required=True, allow_none=True)
    response_hours_median = fields.Float(required=True, allow_none=True)
    hours_taught = fields.Float(required=True)
    students = fields.Integer(required=True)
    new_students = fields.Integer(required=True)
    earned = fields.List(fields.Nested(MoneySchema), required=True)
    rating = fields.Float(required=True, allow_none=True)
    reviews = fields.Integer(required=True)

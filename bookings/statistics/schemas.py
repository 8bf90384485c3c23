"""What goes in and out of the API about figures."""

from __future__ import annotations

from marshmallow import fields

from bookings.statistics.queries import Period
from web.fields import Choice, StrictSchema


class PeriodSchema(StrictSchema):
    """How far figures go back from today: 1, 7, 30, 91 or 365 days."""

    period = Choice(Period, load_default=Period.MONTH)


class MoneySchema(StrictSchema):
    """An amount in one currency."""

    currency = fields.String(required=True)
    cents = fields.Integer(required=True)


class FiguredGigSchema(StrictSchema):
    """The gig that figures are about."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)


class FiguredDaySchema(StrictSchema):
    """One day, by UTC."""

    day = fields.Date(required=True)
    views = fields.Integer(required=True)
    bookings_requested = fields.Integer(required=True)


class GigStatsSchema(StrictSchema):
    """How a gig is doing.

    `conversion` is the share of viewers who asked for a lesson, 1 at most and null without a viewer.
    """

    gig = fields.Nested(FiguredGigSchema, required=True)
    period = Choice(Period, required=True)
    first = fields.Date(data_key="from", required=True)
    last = fields.Date(data_key="to", required=True)
    views = fields.Integer(required=True)
    viewers = fields.Integer(required=True)
    bookings_requested = fields.Integer(required=True)
    bookings_completed = fields.Integer(required=True)
    conversion = fields.Float(required=True, allow_none=True)
    earned = fields.List(fields.Nested(MoneySchema), required=True)
    by_day = fields.List(fields.Nested(FiguredDaySchema), required=True)
    cached = fields.Boolean(required=True)


class UserStatsSchema(StrictSchema):
    """A person's lessons, with `people` being the number of those on the other side.

    `hours` and `money` are those of completed lessons, `by_month` says how many there were, by UTC.
    """

    bookings = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    people = fields.Integer(required=True)
    hours = fields.Float(required=True)
    money = fields.List(fields.Nested(MoneySchema), required=True)
    by_month = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)

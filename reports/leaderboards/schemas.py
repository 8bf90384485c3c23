"""What goes in and out of the API about leaderboards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marshmallow import fields

from reports.periods import Period
from reports.schemas import DayField, ReportSchema
from web.fields import Choice, StrictSchema, TimeZoneName


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which period is meant: the one that a day is in."""

    period: Period = Period.MONTH
    date: date | None = None
    time_zone: str | None = None


class LeaderboardQuerySchema(StrictSchema):
    """Which period: the one that `date` is in, by default the present month, on one's own clock."""

    MAKES = Asked

    period = Choice(Period, load_default=Period.MONTH)
    date = DayField(load_default=None)
    time_zone = TimeZoneName(load_default=None)


class RankedPersonSchema(StrictSchema):
    """Somebody who wants to be seen.

    Students are shown to strangers as first name and initial, without their id.
    """

    id = fields.Integer(required=True, allow_none=True)
    name = fields.String(required=True)


class RankSchema(StrictSchema):
    """A place: equal numbers of lessons share it.

    Lessons and hours are those of completed lessons, `people` says with how many others.
    """

    rank = fields.Integer(required=True)
    person = fields.Nested(RankedPersonSchema, required=True)
    lessons = fields.Integer(required=True)
    hours = fields.Float(required=True)
    people = fields.Integer(required=True)


class LeaderboardSchema(ReportSchema):
    """Who has most completed lessons that begin in a period, of those who want to be seen: the first 100."""

    data = fields.List(fields.Nested(RankSchema), required=True)

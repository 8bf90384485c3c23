"""What stands in the address of a chart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reports.analytics.queries import Subject
from reports.periods import Period
from reports.schemas import DayField
from web.fields import Choice, StrictSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What is shown, by which periods."""

    subject: Subject = Subject.BOOKINGS
    period: Period = Period.MONTH


class ChosenSchema(StrictSchema):
    """The same in an address."""

    MAKES = Chosen

    subject = Choice(Subject, load_default=Subject.BOOKINGS)
    period = Choice(Period, load_default=Period.MONTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChosen:
    """Which day is shown, by default the present one."""

    date: date | None = None


class DayChosenSchema(StrictSchema):
    """The same in an address."""

    MAKES = DayChosen

    date = DayField(load_default=None)

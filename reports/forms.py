"""What stands in the addresses of reports' pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reports.periods import Period
from reports.schemas import DayField
from web.fields import Choice, StrictSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A kind of period, and a day in the one that is shown."""

    period: Period = Period.MONTH
    date: date | None = None


class ChosenSchema(StrictSchema):
    """The same in an address."""

    MAKES = Chosen

    period = Choice(Period, load_default=Period.MONTH)
    date = DayField(load_default=None)

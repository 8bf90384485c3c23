"""What reports' pages call periods, and how they lead from one to the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from jsontext import JsonObject
from reports.periods import Days, Period, days_of

# What a reader's own and the present period are called.
LABELS = {
    Period.DAY: "Day",
    Period.WEEK: "Week",
    Period.MONTH: "Month",
    Period.QUARTER: "Quarter",
    Period.YEAR: "Year",
}
PRESENT = {
    Period.DAY: "Today",
    Period.WEEK: "This week",
    Period.MONTH: "This month",
    Period.QUARTER: "This quarter",
    Period.YEAR: "This year",
}

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The period that a page is about."""

    period: Period
    days: Days
    # Which day it is for the reader.
    today: date

    @classmethod
    def of(cls, period: Period, day: date | None, zone: str, today: date) -> Shown:
        """Show the period that a day is in, by default the present one."""
        return cls(period=period, days=days_of(period, day or today, zone), today=today)

    @property
    def words(self) -> str:
        """Return what it is called."""
        return in_words(self.period, self.days.first)

    @property
    def is_present(self) -> bool:
        """Tell whether it is going on."""
        return self.days.first <= self.today < self.days.end

    @property
    def links(self) -> JsonObject:
        """Return days of the period before and of the next one, which is none where that has not begun."""
        after = self.days.end if self.days.end <= self.today else None
        return {"before": self.period.before(self.days.first), "after": after}

    def latest(self, number: int) -> list[Days]:
        """List this period and those before it, the earliest first."""
        found = [self.days]
        while len(found) < number:
            found.insert(0, days_of(self.period, self.period.before(found[0].first), self.days.zone))
        return found


def in_words(period: Period, first: date) -> str:
    """Write what a period is called: "16–22 Nov 2026", "November 2026", "July to September 2026"."""
    last = period.after(first) - _DAY
    if period == Period.DAY:
        return f"{first:%A} {first.day} {first:%B %Y}"
    if period == Period.WEEK:
        begin = f"{first.day}" if first.month == last.month else f"{first.day} {first:%b}"
        return f"{begin}–{last.day} {last:%b %Y}"
    if period == Period.MONTH:
        return f"{first:%B %Y}"
    return f"{first:%B} to {last:%B %Y}" if period == Period.QUARTER else f"{first.year}"


def in_short(period: Period, first: date) -> str:
    """Write the same for the axis of a chart: "16 Nov", "Nov", "Jul", "2026"."""
    if period in (Period.DAY, Period.WEEK):
        return f"{first.day} {first:%b}"
    return f"{first.year}" if period == Period.YEAR else f"{first:%b}"

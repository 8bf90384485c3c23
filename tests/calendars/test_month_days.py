"""The days of a month: which of them are free of lessons, and why."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from calendars.day_grid import Hours
from calendars.lessons_by_day import Day
from calendars.month_days import Mark, MonthDay, month_days
from schedule.holidays.queries import Closed
from schedule.times.intervals import Interval

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def at(day: int, hour: int = 0) -> datetime:
    """A time of the clock in Berlin."""
    return datetime(2026, 11, day, hour, tzinfo=BERLIN).astimezone(UTC)


def shown(open_then: list[Interval] | None, away: list[Interval], **more: Any) -> list[MonthDay]:
    """Monday and Tuesday."""
    return month_days([Day(MONDAY), Day(TUESDAY)], Hours(open_then, away, **more), BERLIN)


def test_time_off_for_all_hours_of_a_day_takes_the_day_and_less_is_told_with_its_times() -> None:
    monday, tuesday = shown([(at(23, 9), at(23, 17)), (at(24, 9), at(24, 17))], [(at(23, 8), at(24, 12))])

    assert (monday.marks, monday.off) == ([Mark("Time off", "")], True)
    assert (tuesday.marks, tuesday.off) == ([Mark("Time off", "until 12:00")], False)


def test_holidays_blocks_and_other_calendars_are_told_by_their_names() -> None:
    block = {"starts_at": at(24, 9).isoformat(), "ends_at": at(24, 10).isoformat()}
    holiday, busy = Closed((at(23), at(24)), "Harvest"), ((at(24, 22), at(25)), "Choir")

    monday, tuesday = shown(None, [], holidays=[holiday], blocks=[block], busy=[busy])

    assert monday.marks == [Mark("Harvest", "")]
    assert tuesday.marks == [Mark("Blocked", "09:00–10:00"), Mark("Busy (Choir)", "from 22:00")]


def test_a_day_without_hours_is_closed_unless_no_day_has_any() -> None:
    assert [day.closed for day in shown([(at(23, 9), at(23, 17))], [])] == [False, True]
    assert [day.closed for day in shown([], [])] == [False, False]
    assert [day.closed for day in shown(None, [])] == [False, False]

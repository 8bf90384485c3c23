"""Weeks and months, and which lessons belong to which day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from calendars.lessons_by_day import (
    month_after,
    month_before,
    sort_into_days,
    stretch_of,
    week_of,
    weeks_of_month,
)

BERLIN = ZoneInfo("Europe/Berlin")


def lesson(starts_at: str, *, minutes: int = 60, gig: int = 1, **values: Any) -> dict[str, Any]:
    ends_at = datetime.fromisoformat(starts_at) + timedelta(minutes=minutes)
    return {"starts_at": starts_at, "ends_at": ends_at.isoformat(), "gig": {"id": gig}} | values


def test_weeks_begin_on_monday() -> None:
    for day in (date(2026, 11, 23), date(2026, 11, 29)):
        assert week_of(day) == [date(2026, 11, 23) + timedelta(days=number) for number in range(7)]


def test_a_month_is_made_of_whole_weeks() -> None:
    weeks = weeks_of_month(date(2026, 11, 15))

    assert (weeks[0][0], weeks[-1][-1], len(weeks)) == (date(2026, 10, 26), date(2026, 12, 6), 6)


@pytest.mark.parametrize("day", [date(2026, 12, 31), date(2027, 1, 31), date(2028, 2, 29), date(2026, 11, 1)])
def test_months_follow_each_other(day: date) -> None:
    assert month_before(month_after(day)) == day.replace(day=1)
    assert month_after(day) > day > month_before(day)


def test_a_lesson_belongs_to_the_days_that_it_has_a_part_in_by_the_readers_clock() -> None:
    days = [date(2026, 11, 23), date(2026, 11, 24)]
    rows = [lesson("2026-11-22T22:00:00Z"), lesson("2026-11-22T23:00:00Z"), lesson("2026-11-23T22:59:00Z")]

    monday, tuesday = sort_into_days(rows, days, BERLIN)

    assert [block.starts_at for block in monday.blocks] == ["2026-11-22T23:00:00Z", "2026-11-23T22:59:00Z"]
    assert [block.starts_at for block in tuesday.blocks] == ["2026-11-23T22:59:00Z"]


@pytest.mark.parametrize(("day", "hours"), [(date(2027, 3, 28), 23), (date(2027, 10, 31), 25)])
def test_a_day_on_which_clocks_are_changed_has_all_of_its_hours(day: date, hours: int) -> None:
    stretch = stretch_of([day], BERLIN)
    starts = [stretch.start + timedelta(hours=number) for number in range(-1, hours + 1)]

    (shown,) = sort_into_days([lesson(start.isoformat()) for start in starts], [day], BERLIN)

    assert stretch.end - stretch.start == timedelta(hours=hours)
    assert len(shown.blocks) == hours


def test_a_day_that_does_not_exist_is_empty() -> None:
    apia = ZoneInfo("Pacific/Apia")
    days = [date(2011, 12, 29), date(2011, 12, 30), date(2011, 12, 31)]
    # The last hour before the zone leaves out a day, and the first one after it.
    rows = [lesson("2011-12-30T09:00:00Z"), lesson("2011-12-30T10:00:00Z")]

    assert [len(day.blocks) for day in sort_into_days(rows, days, apia)] == [1, 0, 1]


def test_lessons_of_a_group_are_one_block() -> None:
    rows = [lesson("2026-11-23T09:00:00Z", id=1), lesson("2026-11-23T09:00:00Z", id=2)]
    rows += [lesson("2026-11-23T09:00:00Z", gig=2, id=3), lesson("2026-11-23T10:00:00Z", id=4)]

    (day,) = sort_into_days(rows, [date(2026, 11, 23)], BERLIN)

    assert [[row["id"] for row in block.lessons] for block in day.blocks] == [[1, 2], [3], [4]]

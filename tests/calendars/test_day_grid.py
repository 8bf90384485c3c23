"""The grid of a week: where lessons and hours stand in it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from calendars.day_grid import COLOURS, Grid, Hours, Span, grid_of
from calendars.lessons_by_day import Block, Day, week_of
from config import ROOT

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 23)


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    """A time of the clock in Berlin."""
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def block(start: datetime, minutes: int, gig: int = 1) -> Block:
    return Block(start.isoformat(), (start + timedelta(minutes=minutes)).isoformat(), {"id": gig}, [])


def grid(*blocks: Block, hours: Hours | None = None, day: date = MONDAY) -> Grid:
    return grid_of([Day(day, list(blocks))], hours or Hours(None, []), BERLIN, at(3, day=1))


def test_a_lesson_stands_at_its_minute_and_is_as_high_as_it_lasts() -> None:
    (column,) = grid(block(at(9), 30), block(at(10, 15), 90)).columns

    assert [placed.span for placed in column.placed] == [Span(13, 6), Span(28, 18)]


def test_lessons_beside_each_other_have_lanes_and_others_the_whole_width() -> None:
    (column,) = grid(block(at(9), 60), block(at(9, 30), 60, gig=COLOURS + 2), block(at(11), 60)).columns

    assert [(placed.lane, placed.lanes) for placed in column.placed] == [(0, 2), (1, 2), (0, 1)]
    assert [placed.colour for placed in column.placed] == [1, 2, 1]


@pytest.mark.parametrize(
    ("hours", "lessons", "shown"),
    [
        (Hours(None, []), [], range(8, 18)),
        (Hours(None, []), [block(at(6, 30), 30), block(at(20), 61)], range(6, 22)),
        (Hours([(at(15, 30), at(20))], []), [], range(15, 20)),
        (Hours([(at(15, 30), at(20))], []), [block(at(13, 59), 5)], range(13, 20)),
        (Hours([], []), [], range(8, 18)),
        (Hours(None, []), [block(at(23, 30), 90)], range(8, 24)),
    ],
)
def test_the_hours_that_matter_are_shown(hours: Hours, lessons: list[Block], shown: range) -> None:
    assert grid(*lessons, hours=hours).hours == shown


def test_what_is_outside_the_hours_and_time_off_is_shaded() -> None:
    hours = Hours([(at(9), at(12)), (at(14), at(18))], [(at(15), at(8, day=25))])

    (column,) = grid(hours=hours).columns

    assert column.closed == [Span(37, 24)]
    assert column.away == [Span(73, 36)]


def test_the_line_of_the_present_moment_is_in_its_day_alone() -> None:
    week = [Day(day) for day in week_of(MONDAY)]

    columns = grid_of(week, Hours(None, []), BERLIN, at(9, 7, day=24)).columns

    assert [column.now for column in columns] == [None, 14, *[None] * 5]


def test_days_without_hours_and_lessons_are_narrow_at_the_weekend_alone() -> None:
    week = [Day(day) for day in week_of(MONDAY)]
    week[6].blocks.append(block(at(10, day=29), 45))

    columns = grid_of(week, Hours([(at(9, day=24), at(17, day=24))], []), BERLIN, at(9)).columns

    assert [column.narrow for column in columns] == [*[False] * 5, True, False]


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2026, 10, 25)])
def test_a_day_on_which_clocks_are_changed_has_its_hours_by_the_clock(day: date) -> None:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=BERLIN).astimezone(UTC)

    (column,) = grid(block(noon, 60), day=day).columns

    assert column.placed[0].span == Span(49, 12)
    assert [cell.label for cell in column.cells][:2] == ["08:00", "09:00"]


def test_the_style_sheet_has_a_class_for_every_row() -> None:
    sheet = (ROOT / "static" / "css" / "minutes.css").read_text()

    starts = re.findall(r"^\.from-(\d+) \{ grid-row-start: (\d+); \}$", sheet, re.MULTILINE)
    lengths = re.findall(r"^\.for-(\d+) \{ grid-row-end: span (\d+); \}$", sheet, re.MULTILINE)

    rows = [(str(number), str(number)) for number in range(1, 24 * 60 // 5 + 1)]
    assert starts == lengths == rows

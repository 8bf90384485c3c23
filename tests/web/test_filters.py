"""How pages write times, money and places."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from web import clock, filters
from web.amounts import money

NOW = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def berlin() -> Iterator[None]:
    """A page whose reader is in Berlin, where it is half past midnight on Friday."""
    app = Flask(__name__)
    clock.init_app(app, lambda: NOW)
    filters.init_app(app, lambda: "Europe/Berlin")
    with app.app_context():
        yield


@pytest.mark.parametrize(
    ("instant", "written"),
    [
        ("2026-11-27T15:05:00Z", "Fri 27 Nov"),
        ("2026-11-27T23:05:00Z", "Sat 28 Nov"),
        ("2027-01-02T12:00:00Z", "Sat 2 Jan 2027"),
        ("2026-12-31T23:00:00Z", "Fri 1 Jan 2027"),
        (datetime(2026, 11, 27, 15, 5, tzinfo=UTC), "Fri 27 Nov"),
    ],
)
def test_a_day_is_the_readers_and_has_its_year_unless_it_is_the_present_one(
    instant: datetime | str, written: str
) -> None:
    assert filters.day(instant) == written


@pytest.mark.parametrize(
    ("instant", "heading"),
    [
        ("2026-11-26T22:59:00Z", "Yesterday"),
        ("2026-11-26T23:00:00Z", "Today"),
        ("2026-11-27T22:59:00Z", "Today"),
        ("2026-11-27T23:00:00Z", "Tomorrow"),
        ("2026-11-28T23:00:00Z", "Sunday 29 November"),
        ("2025-11-28T12:00:00Z", "Friday 28 November 2025"),
    ],
)
def test_near_days_have_names(instant: str, heading: str) -> None:
    assert filters.day_heading(instant) == heading


def test_a_moment_has_its_minute() -> None:
    assert filters.moment("2026-11-27T15:05:00Z") == "Fri 27 Nov, 16:05"


@pytest.mark.parametrize(
    ("start", "end", "zone", "written"),
    [
        ("2026-11-27T15:00:00Z", "2026-11-27T15:45:00Z", None, "16:00–16:45"),
        ("2026-11-27T15:00:00Z", "2026-11-27T15:45:00Z", "America/New_York", "10:00–10:45"),
        ("2026-11-27T15:00:00Z", "2026-11-27T15:45:00Z", "Asia/Tokyo", "Sat 28 Nov, 00:00–00:45"),
        ("2026-11-27T22:30:00Z", "2026-11-27T23:15:00Z", None, "23:30–00:15"),
        ("2027-10-31T00:30:00Z", "2027-10-31T01:15:00Z", None, "02:30 CEST–02:15 CET"),
        ("2027-03-28T00:30:00Z", "2027-03-28T01:15:00Z", None, "01:30 CET–03:15 CEST"),
    ],
)
def test_a_range_names_day_and_clock_only_where_they_differ(
    start: str, end: str, zone: str | None, written: str
) -> None:
    assert filters.time_range(start, end, zone) == written


def test_rows_are_grouped_by_the_readers_days_in_their_order() -> None:
    rows = [{"starts_at": f"2026-11-27T{hour}:00:00Z"} for hour in (12, 22, 23)]

    assert filters.by_day(rows) == [("Today", rows[:2]), ("Tomorrow", rows[2:])]


@pytest.mark.parametrize(
    ("cents", "currency", "written"),
    [
        (3000, "EUR", "€30"),
        (3050, "EUR", "€30.50"),
        (5, "GBP", "£0.05"),
        (0, "USD", "$0"),
        (10_000_000, "USD", "$100,000"),
        (120_000, "CHF", "1,200.00 CHF"),
        (-3050, "EUR", "−€30.50"),
        (-5, "CHF", "−0.05 CHF"),
    ],
)
def test_money_is_written_as_people_do(cents: int, currency: str, written: str) -> None:
    assert money(cents, currency) == written


@pytest.mark.parametrize(
    ("zone", "place"),
    [
        ("Europe/Berlin", "Berlin"),
        ("America/New_York", "New York"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_is_called_by_its_place(zone: str, place: str) -> None:
    assert filters.zone_name(zone) == place

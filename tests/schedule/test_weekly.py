"""The same time week after week, across whatever clocks do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedule.times.weekly import weekly

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll", "Africa/Cairo"]

# Zone, the first lesson by that zone's clock, what the clock shows at the following ones.
CASES = [
    ("Europe/Berlin", "2026-10-20T09:00+02:00", ["2026-10-27T09:00+01:00", "2026-11-03T09:00+01:00"]),
    ("America/New_York", "2027-03-10T09:00-05:00", ["2027-03-17T09:00-04:00", "2027-03-24T09:00-04:00"]),
    # In a gap the first instant after it; the week after that as before.
    ("Europe/Berlin", "2027-03-21T02:30+01:00", ["2027-03-28T03:00+02:00", "2027-04-04T02:30+02:00"]),
    # Of a time that comes twice the earlier one.
    ("Europe/Berlin", "2026-10-18T02:30+02:00", ["2026-10-25T02:30+02:00", "2026-11-01T02:30+01:00"]),
    # A lesson in the later of the two stays where it was asked for.
    ("Europe/Berlin", "2026-10-25T02:30+01:00", ["2026-11-01T02:30+01:00", "2026-11-08T02:30+01:00"]),
    ("Australia/Lord_Howe", "2027-03-28T09:00+11:00", ["2027-04-04T09:00+10:30", "2027-04-11T09:00+10:30"]),
    ("Africa/Cairo", "2026-04-17T00:30+02:00", ["2026-04-24T01:00+03:00", "2026-05-01T00:30+03:00"]),
    ("Antarctica/Troll", "2027-03-21T02:00+00:00", ["2027-03-28T03:00+02:00", "2027-04-04T02:00+02:00"]),
    ("Asia/Kathmandu", "2027-03-21T09:00+05:45", ["2027-03-28T09:00+05:45", "2027-04-04T09:00+05:45"]),
]


@pytest.mark.parametrize(("zone", "first", "following"), CASES)
def test_it_is_the_same_time_by_the_clock(zone: str, first: str, following: list[str]) -> None:
    found = list(weekly(datetime.fromisoformat(first), 3, ZoneInfo(zone)))

    shown = [it.starts_at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes") for it in found]
    assert shown == [first, *following]
    assert all(it.on_its_day for it in found)


def test_a_day_that_does_not_exist_is_told() -> None:
    zone = ZoneInfo("Pacific/Apia")

    found = list(weekly(datetime.fromisoformat("2011-12-23T09:00-10:00"), 3, zone))

    assert [it.on_its_day for it in found] == [True, False, True]
    assert found[2].starts_at.astimezone(zone).isoformat() == "2012-01-06T09:00:00+14:00"


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.integers(2, 52),
    st.sampled_from(ZONES),
)
def test_lessons_follow_each_other_by_about_a_week(first: datetime, weeks: int, name: str) -> None:
    zone = ZoneInfo(name)

    found = list(weekly(first, weeks, zone))

    assert found[0].starts_at == first
    assert len(found) == weeks
    shown = first.astimezone(zone).replace(tzinfo=None)
    for number, it in enumerate(found):
        local = it.starts_at.astimezone(zone).replace(tzinfo=None)
        # Only a gap moves the clock, to its end.
        assert timedelta() <= local - (shown + timedelta(weeks=number)) <= timedelta(hours=2)
        assert local.date() == (shown + timedelta(weeks=number)).date()

"""Time zones as calendar programs that do not know their names read them."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.tz import tzical
from hypothesis import given, settings
from hypothesis import strategies as st

from calendars.feed.vtimezone import describe

ZONES = [
    *("Europe/Berlin", "Europe/Dublin", "Europe/London", "America/New_York", "America/Sao_Paulo", "America/St_Johns"),
    *("Africa/Cairo", "Africa/Casablanca", "Asia/Kathmandu", "Asia/Gaza", "Australia/Lord_Howe", "Antarctica/Troll"),
    *("Pacific/Apia", "Pacific/Chatham", "Etc/GMT+5", "Asia/Pyongyang"),
]
# When what a zone does at these times is written by hand: local time before, offsets before and after.
SPRINGS = {
    "Europe/Berlin": ("20270328T020000", "+0100", "+0200"),
    "America/New_York": ("20270314T020000", "-0500", "-0400"),
    "Australia/Lord_Howe": ("20271003T020000", "+1030", "+1100"),
    "Africa/Cairo": ("20270430T000000", "+0200", "+0300"),
}
AUTUMNS = {
    "Europe/Berlin": ("20271031T030000", "+0200", "+0100"),
    "America/New_York": ("20271107T020000", "-0400", "-0500"),
    "Australia/Lord_Howe": ("20270404T020000", "+1100", "+1030"),
    "Africa/Cairo": ("20271029T000000", "+0300", "+0200"),
}


@pytest.mark.parametrize("zone", SPRINGS)
def test_a_change_is_written_by_the_clock_that_it_ends(zone: str) -> None:
    described = icalendar.Timezone.from_ical(describe(ZoneInfo(zone), 2027, 2027))

    found = [
        tuple(part[name].to_ical() for name in ("DTSTART", "TZOFFSETFROM", "TZOFFSETTO"))
        for part in described.subcomponents
        if part["DTSTART"].dt.year == 2027
    ]

    expected = [(day.encode(), before, after) for day, before, after in (SPRINGS[zone], AUTUMNS[zone])]
    assert sorted(found) == sorted(expected)


def test_a_zone_without_changes_has_one_line() -> None:
    described = icalendar.Timezone.from_ical(describe(ZoneInfo("Asia/Kathmandu"), 2026, 2029))

    (only,) = described.subcomponents
    assert (only.name, only["TZOFFSETTO"].to_ical(), only["TZNAME"]) == ("STANDARD", "+0545", "+0545")


def test_a_day_that_does_not_exist_is_a_change_by_a_whole_day() -> None:
    described = icalendar.Timezone.from_ical(describe(ZoneInfo("Pacific/Apia"), 2011, 2011))

    (leap,) = [part for part in described.subcomponents if part["DTSTART"].dt == datetime(2011, 12, 30)]
    assert (leap["TZOFFSETFROM"].to_ical(), leap["TZOFFSETTO"].to_ical()) == ("-1000", "+1400")


def read_by_dateutil(file: bytes) -> Any:
    """The zone as another library, which knows no names of zones, understands it."""
    return tzical(io.StringIO(file.decode())).get()


@pytest.mark.parametrize("zone", ZONES)
def test_it_says_for_every_instant_what_the_zone_database_says(zone: str) -> None:
    known, described = ZoneInfo(zone), read_by_dateutil(describe(ZoneInfo(zone), 2026, 2029))

    @settings(max_examples=60, deadline=None, database=None)
    @given(minutes=st.integers(0, 4 * 365 * 24 * 60))
    def check(minutes: int) -> None:
        local = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)).astimezone(known)
        # Of times that come twice a description of this kind means the first.
        if not local.fold:
            assert local.replace(tzinfo=described).utcoffset() == local.utcoffset()

    check()


@pytest.mark.parametrize("zone", ZONES)
def test_it_is_right_on_both_sides_of_each_change(zone: str) -> None:
    known, described = ZoneInfo(zone), read_by_dateutil(describe(ZoneInfo(zone), 2026, 2029))
    instant, checked = datetime(2026, 1, 1, tzinfo=UTC), 0
    while instant.year < 2030:
        # Every quarter of an hour of the days on which the clocks are changed.
        if instant.astimezone(known).utcoffset() != (instant + timedelta(days=1)).astimezone(known).utcoffset():
            for quarter in range(4 * 48):
                local = (instant + timedelta(minutes=15 * quarter)).astimezone(known)
                if not local.fold:
                    assert local.replace(tzinfo=described).utcoffset() == local.utcoffset(), local
                    checked += 1
        instant += timedelta(days=1)

    assert checked or zone in ("America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "Etc/GMT+5", "Asia/Pyongyang")

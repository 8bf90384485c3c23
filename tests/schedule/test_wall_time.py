"""Wall clocks of real zones, on the days on which they do something odd."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedule.times.wall_time import Kind, Resolution, day_bounds, local_day, resolve

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Cairo",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Kathmandu",
    "Europe/Dublin",
]

# Zone, what the wall shows, the instant it means, and of which kind it is.
WALL_TIMES = [
    # An ordinary day, in summer and in winter.
    ("Europe/Berlin", "2027-07-01 09:00", "2027-07-01 07:00", Kind.PLAIN),
    ("Europe/Berlin", "2027-01-01 09:00", "2027-01-01 08:00", Kind.PLAIN),
    # 02:00 to 03:00 does not exist; both its ends do.
    ("Europe/Berlin", "2027-03-28 01:59", "2027-03-28 00:59", Kind.PLAIN),
    ("Europe/Berlin", "2027-03-28 02:00", "2027-03-28 01:00", Kind.GAP),
    ("Europe/Berlin", "2027-03-28 02:59", "2027-03-28 01:00", Kind.GAP),
    ("Europe/Berlin", "2027-03-28 03:00", "2027-03-28 01:00", Kind.PLAIN),
    # 02:00 to 03:00 comes twice.
    ("Europe/Berlin", "2027-10-31 01:59", "2027-10-30 23:59", Kind.PLAIN),
    ("Europe/Berlin", "2027-10-31 02:00", "2027-10-31 00:00", Kind.FOLD),
    ("Europe/Berlin", "2027-10-31 02:59", "2027-10-31 00:59", Kind.FOLD),
    ("Europe/Berlin", "2027-10-31 03:00", "2027-10-31 02:00", Kind.PLAIN),
    ("America/New_York", "2026-03-08 02:30", "2026-03-08 07:00", Kind.GAP),
    ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30", Kind.FOLD),
    # Clocks that change by half an hour only.
    ("Australia/Lord_Howe", "2026-10-04 02:10", "2026-10-03 15:30", Kind.GAP),
    ("Australia/Lord_Howe", "2026-10-04 02:30", "2026-10-03 15:30", Kind.PLAIN),
    ("Australia/Lord_Howe", "2026-04-05 01:29", "2026-04-04 14:29", Kind.PLAIN),
    ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45", Kind.FOLD),
    # And by two.
    ("Antarctica/Troll", "2026-03-29 01:30", "2026-03-29 01:00", Kind.GAP),
    ("Antarctica/Troll", "2026-03-29 02:59", "2026-03-29 01:00", Kind.GAP),
    # Samoa crossed the date line and left out a whole day.
    ("Pacific/Apia", "2011-12-29 23:59", "2011-12-30 09:59", Kind.PLAIN),
    ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00", Kind.GAP),
    ("Pacific/Apia", "2011-12-31 00:00", "2011-12-30 10:00", Kind.PLAIN),
    # Midnight itself is skipped.
    ("Africa/Cairo", "2026-04-24 00:30", "2026-04-23 22:00", Kind.GAP),
    ("America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04 03:00", Kind.GAP),
    # An hour that comes twice just before midnight.
    ("America/Sao_Paulo", "2018-02-17 23:30", "2018-02-18 01:30", Kind.FOLD),
    ("America/Sao_Paulo", "2018-02-18 00:00", "2018-02-18 03:00", Kind.PLAIN),
    # A quarter of an hour beside all others, and never a change.
    ("Asia/Kathmandu", "2026-03-29 02:30", "2026-03-28 20:45", Kind.PLAIN),
    # In Ireland winter time is the exception, with a negative amount.
    ("Europe/Dublin", "2026-03-29 01:30", "2026-03-29 01:00", Kind.GAP),
    ("Europe/Dublin", "2026-10-25 01:30", "2026-10-25 00:30", Kind.FOLD),
]

# Zone, day, when it begins and when it ends.
DAYS = [
    ("Europe/Berlin", "2027-07-01", "2027-06-30 22:00", "2027-07-01 22:00"),
    ("Europe/Berlin", "2027-03-28", "2027-03-27 23:00", "2027-03-28 22:00"),
    ("Europe/Berlin", "2027-10-31", "2027-10-30 22:00", "2027-10-31 23:00"),
    ("Australia/Lord_Howe", "2026-10-04", "2026-10-03 13:30", "2026-10-04 13:00"),
    ("Asia/Kathmandu", "2026-11-21", "2026-11-20 18:15", "2026-11-21 18:15"),
    # They begin at 01:00.
    ("Africa/Cairo", "2026-04-24", "2026-04-23 22:00", "2026-04-24 21:00"),
    ("America/Sao_Paulo", "2018-11-04", "2018-11-04 03:00", "2018-11-05 02:00"),
    # It has 25 hours, the last but one of them twice.
    ("America/Sao_Paulo", "2018-02-17", "2018-02-17 02:00", "2018-02-18 03:00"),
    # It does not exist.
    ("Pacific/Apia", "2011-12-30", "2011-12-30 10:00", "2011-12-30 10:00"),
]


@pytest.mark.parametrize(("zone", "wall", "instant", "kind"), WALL_TIMES)
def test_a_wall_time_means_one_instant(zone: str, wall: str, instant: str, kind: Kind) -> None:
    local = datetime.fromisoformat(wall)

    resolution = resolve(local, ZoneInfo(zone))

    assert resolution.instant == _utc(instant)
    assert resolution.kind == kind
    assert (resolution.local == local) == (kind != Kind.GAP)


def test_a_gap_names_the_next_time_that_exists() -> None:
    assert resolve(datetime(2027, 3, 28, 2, 30), ZoneInfo("Europe/Berlin")) == Resolution(
        _utc("2027-03-28 01:00"), datetime(2027, 3, 28, 3, 0), Kind.GAP
    )


def test_after_a_day_that_does_not_exist_comes_the_next_midnight() -> None:
    assert resolve(datetime(2011, 12, 30, 17, 0), ZoneInfo("Pacific/Apia")).local == datetime(2011, 12, 31)


@pytest.mark.parametrize(("zone", "day", "begins", "ends"), DAYS)
def test_a_day_has_its_bounds(zone: str, day: str, begins: str, ends: str) -> None:
    assert day_bounds(date.fromisoformat(day), ZoneInfo(zone)) == (_utc(begins), _utc(ends))


@pytest.mark.parametrize("local", [datetime.min, datetime.max])
@pytest.mark.parametrize("zone", ["Pacific/Apia", "America/New_York", "UTC"])
def test_the_ends_of_the_calendar_are_no_error(local: datetime, zone: str) -> None:
    assert abs(resolve(local, ZoneInfo(zone)).instant.replace(tzinfo=None) - local) <= timedelta(days=1)
    assert day_bounds(local.date(), ZoneInfo(zone))


zones = st.sampled_from(ZONES).map(ZoneInfo)
walls = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2060, 1, 1))
# The days before and after a change of clocks, where all the difficulties are.
odd_walls = st.builds(
    lambda row, minutes: datetime.fromisoformat(row[1]) + timedelta(minutes=minutes),
    st.sampled_from(WALL_TIMES),
    st.integers(-1500, 1500),
)


@given(walls | odd_walls, zones)
def test_a_resolution_agrees_with_the_wall(local: datetime, zone: ZoneInfo) -> None:
    resolution = resolve(local, zone)

    assert _wall(resolution.instant, zone) == resolution.local
    assert (resolution.kind == Kind.GAP) == (resolution.local != local)


@given(walls | odd_walls, zones)
def test_of_a_doubled_time_the_earlier_is_meant(local: datetime, zone: ZoneInfo) -> None:
    resolution = resolve(local, zone)

    before = [resolution.instant - timedelta(minutes=minutes) for minutes in (15, 30, 60, 120)]

    assert resolution.kind == Kind.GAP or all(_wall(instant, zone) != local for instant in before)


@given(walls | odd_walls, zones)
def test_a_gap_ends_at_the_first_instant_that_shows_a_later_time(local: datetime, zone: ZoneInfo) -> None:
    resolution = resolve(local, zone)

    if resolution.kind == Kind.GAP:
        assert _wall(resolution.instant - timedelta(microseconds=1), zone) < local < resolution.local


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), zones)
def test_days_follow_each_other_without_a_hole(day: date, zone: ZoneInfo) -> None:
    begins, ends = day_bounds(day, zone)

    assert begins <= ends
    assert day_bounds(day + timedelta(days=1), zone)[0] == ends
    assert begins == ends or local_day(begins, zone) == day


def _wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)

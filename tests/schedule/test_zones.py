"""Slots on the days on which clocks do something odd; every expectation was worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from schedule.times.free_time import Wanted, free_slots
from tests.schedule.bodies import exception, rules_from, weekly

BERLIN, NEW_YORK, HOWE, TROLL = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll"
CAIRO, SAO_PAULO, APIA, DUBLIN = "Africa/Cairo", "America/Sao_Paulo", "Pacific/Apia", "Europe/Dublin"

# Zone, weekly windows, the lesson's minutes, the range of instants, the starts that are offered.
CASES = [
    # Clocks go from 02:00 to 03:00: a window across it is an hour shorter.
    (BERLIN, "sunday 01:00-05:00", 60, "2027-03-28 00:00/2027-03-28 06:00", "00:00 01:00 02:00"),
    # It starts in the gap, or ends in it, or is the gap.
    (BERLIN, "sunday 02:15-03:30", 30, "2027-03-28 00:00/2027-03-28 06:00", "01:00"),
    (BERLIN, "sunday 01:00-02:30", 30, "2027-03-28 00:00/2027-03-28 06:00", "00:00 00:30"),
    (BERLIN, "sunday 02:00-03:00", 5, "2027-03-28 00:00/2027-03-28 06:00", ""),
    # 02:00 to 03:00 comes twice: a window has both, a start means the first one and an end the last.
    (BERLIN, "sunday 02:00-03:00", 60, "2027-10-30 22:00/2027-10-31 06:00", "00:00 01:00"),
    (BERLIN, "sunday 01:00-02:30", 45, "2027-10-30 22:00/2027-10-31 06:00", "23:00 23:45 00:30"),
    # Nine o'clock stays nine o'clock.
    (BERLIN, "monday 09:00-10:00", 60, "2027-03-22 00:00/2027-04-01 00:00", "08:00 07:00"),
    (NEW_YORK, "sunday 01:00-04:00", 60, "2026-03-08 00:00/2026-03-09 00:00", "06:00 07:00"),
    (NEW_YORK, "sunday 01:30-02:00", 30, "2026-11-01 00:00/2026-11-02 00:00", "05:30 06:00 06:30"),
    # Half an hour only, from 02:00 to 02:30, and back from 02:00 to 01:30.
    (HOWE, "sunday 01:00-03:00", 30, "2026-10-03 12:00/2026-10-04 12:00", "14:30 15:00 15:30"),
    (HOWE, "sunday 01:30-02:00", 30, "2026-04-04 12:00/2026-04-05 12:00", "14:30 15:00"),
    # Two hours at once: from 01:00 to 03:00, and back from 03:00 to 01:00.
    (TROLL, "sunday 00:00-04:00", 60, "2026-03-28 12:00/2026-03-29 12:00", "00:00 01:00"),
    (TROLL, "sunday 01:00-03:00", 60, "2026-10-24 12:00/2026-10-25 12:00", "23:00 00:00 01:00 02:00"),
    # Midnight is skipped: the day begins at 01:00, and the evening before ends then.
    (CAIRO, "friday 00:00-02:00", 30, "2026-04-23 12:00/2026-04-24 12:00", "22:00 22:30"),
    (CAIRO, "thursday 23:00-24:00", 60, "2026-04-23 12:00/2026-04-24 12:00", "21:00"),
    (SAO_PAULO, "sunday 00:00-02:00", 60, "2018-11-04 00:00/2018-11-05 00:00", "03:00"),
    # The last hour of a day comes twice.
    (SAO_PAULO, "saturday 23:00-24:00", 60, "2018-02-17 12:00/2018-02-18 12:00", "01:00 02:00"),
    # Friday, the 30th, is left out: there is nothing on it, and what went on until two stops at midnight.
    (APIA, "friday 09:00-17:00", 5, "2011-12-29 12:00/2012-01-01 00:00", ""),
    (APIA, "thursday 22:00-02:00", 60, "2011-12-29 12:00/2012-01-01 00:00", "08:00 09:00"),
    (APIA, "friday 22:00-02:00", 60, "2011-12-29 12:00/2012-01-01 00:00", "10:00 11:00"),
    ("Asia/Kathmandu", "monday 09:00-11:00", 60, "2026-12-07 00:00/2026-12-08 00:00", "03:15 04:15"),
    # In Ireland summer is the standard.
    (DUBLIN, "sunday 01:00-02:00", 30, "2026-10-24 12:00/2026-10-25 12:00", "00:00 00:30 01:00 01:30"),
    (DUBLIN, "sunday 00:30-02:30", 30, "2026-03-28 12:00/2026-03-29 12:00", "00:30 01:00"),
    ("Pacific/Kiritimati", "monday 00:00-01:00", 60, "2026-12-06 00:00/2026-12-07 00:00", "10:00"),
]

# Zone, range of instants, what the list shows of a teacher without rules.
FULL_AND_HALF_HOURS = [
    (BERLIN, "2027-10-31 00:10/2027-10-31 02:00", "00:30 01:00 01:30"),
    ("Asia/Kathmandu", "2026-12-07 00:00/2026-12-07 02:00", "00:15 00:45 01:15 01:45"),
    ("Asia/Kolkata", "2026-12-07 00:00/2026-12-07 01:00", "00:00 00:30"),
    (HOWE, "2026-04-04 14:00/2026-04-04 16:00", "14:00 14:30 15:00 15:30"),
    (APIA, "2011-12-30 09:00/2011-12-30 11:00", "09:00 09:30 10:00 10:30"),
    # Midnight was skipped once, by a quarter of an hour.
    ("Asia/Kathmandu", "1985-12-31 17:00/1985-12-31 20:00", "17:00 17:30 18:00 18:45 19:15 19:45"),
]


@pytest.mark.parametrize(("zone", "window", "minutes", "within", "expected"), CASES)
def test_windows_follow_the_clock_on_the_wall(zone: str, window: str, minutes: int, within: str, expected: str) -> None:
    found = _starts({"weekly": weekly(window)}, zone, minutes, within)

    assert found == expected


@pytest.mark.parametrize(("zone", "window", "minutes", "within", "expected"), CASES[:6])
def test_an_exception_follows_the_same_clock(zone: str, window: str, minutes: int, within: str, expected: str) -> None:
    day = within.partition("/")[2][:10]
    body = {"weekly": weekly("daily 00:00-24:00"), "exceptions": [exception(day, window.partition(" ")[2])]}
    around = [exception(str(_day(day) + timedelta(days=away))) for away in (-1, 1)]

    found = _starts(body | {"exceptions": [*body["exceptions"], *around]}, zone, minutes, within)

    assert found == expected


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, HOWE, TROLL, CAIRO, SAO_PAULO, APIA, DUBLIN, "Asia/Kathmandu"])
def test_nine_o_clock_stays_nine_o_clock_all_year_round(zone: str) -> None:
    rules = rules_from({"weekly": weekly("daily 09:00-10:00")}, zone)
    start, end = (datetime(year, 6, 1, tzinfo=UTC) for year in (2011, 2012))

    slots = free_slots(rules, Wanted(gig_id=1, length=timedelta(hours=1)), [], start, end)
    there = [slot.starts_at.astimezone(rules.zone) for slot in slots]

    assert {f"{local:%H:%M}" for local in there} == {"09:00"}
    days = {local.date() for local in there}
    assert (len(there), len(days)) == (366, 366)
    assert (datetime(2011, 12, 30).date() in days) == (zone != APIA)


@pytest.mark.parametrize(("zone", "within", "expected"), FULL_AND_HALF_HOURS)
def test_without_rules_the_list_has_the_full_and_half_hours(zone: str, within: str, expected: str) -> None:
    assert _starts({"weekly": None}, zone, 45, within) == expected


def _starts(body: dict[str, object], zone: str, minutes: int, within: str) -> str:
    wanted = Wanted(gig_id=1, length=timedelta(minutes=minutes))
    start, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in within.split("/"))
    slots = free_slots(rules_from(body, zone), wanted, [], start, end)
    return " ".join(f"{slot.starts_at:%H:%M}" for slot in slots)


def _day(text: str) -> date:
    return datetime.fromisoformat(text).date()

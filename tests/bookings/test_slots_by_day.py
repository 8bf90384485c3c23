"""Slots sorted into days, as a page shows them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bookings.slots.week import slots_by_day

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def _slot(instant: datetime) -> dict[str, object]:
    local = instant.astimezone(BERLIN).isoformat()
    return {"starts_at": instant, "ends_at": instant + HOUR, "local": local, "seats_left": 1}


def test_each_day_has_its_slots_and_a_day_without_any_is_there() -> None:
    # 23:30 in UTC is half past midnight in Berlin.
    slots = [
        _slot(datetime(2026, 11, day, hour, 30, tzinfo=UTC)) for day, hour in ((22, 22), (22, 23), (24, 9), (25, 9))
    ]

    days = slots_by_day(slots, date(2026, 11, 22), 3, BERLIN)

    found = [(str(day.date), [slot["clock"] for slot in day.slots]) for day in days]
    assert found == [("2026-11-22", ["23:30"]), ("2026-11-23", ["00:30"]), ("2026-11-24", ["10:30"])]
    assert days[0].slots[0]["starts_at"] == slots[0]["starts_at"]


def test_times_that_come_twice_on_a_day_say_which_one_they_are() -> None:
    slots = [_slot(datetime(2027, 10, 30, 23, 0, tzinfo=UTC) + hours * HOUR) for hours in range(4)]

    (day,) = slots_by_day(slots, date(2027, 10, 31), 1, BERLIN)

    labels = [(slot["clock"], slot["offset"]) for slot in day.slots]
    assert labels == [("01:00", ""), ("02:00", "UTC+02:00"), ("02:00", "UTC+01:00"), ("03:00", "")]


def test_they_say_it_even_if_only_one_of_the_two_is_free() -> None:
    (day,) = slots_by_day([_slot(datetime(2027, 10, 31, 1, 0, tzinfo=UTC))], date(2027, 10, 31), 1, BERLIN)

    assert [(slot["clock"], slot["offset"]) for slot in day.slots] == [("02:00", "UTC+01:00")]

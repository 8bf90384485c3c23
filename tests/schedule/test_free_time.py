"""The function behind slots and bookings: each rule by example, and all of them together against a slow oracle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schedule.times.free_time import Lesson, Wanted, free_slots, relevant, slot_at, within_reach
from schedule.times.rules import Rules, read_rules
from tests.schedule.bodies import DEFAULTS, entered, exception, rules_from, weekly
from tests.schedule.oracle import DAYS, MINUTE, Oracle

# A Monday.
DAY = datetime(2026, 12, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
SIXTY = Wanted(gig_id=1, length=HOUR)

# Windows, the lesson's minutes, the step, all starts of that Monday and the night after it.
GRIDS: list[tuple[list[str], int, int | None, str]] = [
    (["monday 09:00-12:00"], 60, None, "09:00 10:00 11:00"),
    (["monday 09:00-12:00"], 60, 30, "09:00 09:30 10:00 10:30 11:00"),
    (["monday 09:00-12:00"], 45, None, "09:00 09:45 10:30 11:15"),
    (["monday 09:00-12:00"], 45, 60, "09:00 10:00 11:00"),
    (["monday 09:07-10:07"], 60, None, "09:07"),
    (["monday 09:00-09:59"], 60, None, ""),
    # Windows that touch or overlap are one, whatever their order; those with a minute between them are two.
    (["monday 10:30-12:00", "monday 09:00-10:30"], 60, None, "09:00 10:00 11:00"),
    (["monday 10:00-12:00", "monday 09:00-10:30", "monday 09:00-10:30"], 60, None, "09:00 10:00 11:00"),
    (["monday 10:31-12:00", "monday 09:00-10:30"], 60, None, "09:00 10:31"),
    # Across midnight, and into the next day's window.
    (["monday 22:00-02:00"], 60, None, "22:00 23:00 00:00 01:00"),
    (["monday 23:30-24:00", "tuesday 00:00-01:00"], 60, None, "23:30"),
    (["monday 23:30-00:00", "tuesday 00:00-02:00"], 60, None, "23:30 00:30"),
]


@pytest.mark.parametrize(("windows", "minutes", "step", "expected"), GRIDS)
def test_slots_follow_from_the_windows_first_instant(
    windows: list[str], minutes: int, step: int | None, expected: str
) -> None:
    rules = rules_from({"weekly": weekly(*windows), "slot_step_minutes": step})

    assert _clocks(_free(rules, Wanted(gig_id=1, length=minutes * MINUTE), [], DAY, DAY + 28 * HOUR)) == expected


def test_a_run_of_up_to_24_hours_is_one_row_of_steps() -> None:
    rules = rules_from({"weekly": weekly("monday 22:00-22:00")})

    starts = _free(rules, Wanted(gig_id=1, length=50 * MINUTE), [], DAY, DAY + 72 * HOUR)

    assert len(starts) == 28
    assert _clocks(starts[2:5]) == "23:40 00:30 01:20"


def test_in_a_longer_run_steps_restart_at_midnight_and_a_lesson_may_cross_it() -> None:
    rules = rules_from({"weekly": weekly("monday 22:00-22:00", "tuesday 22:00-22:30")})

    starts = _free(rules, Wanted(gig_id=1, length=50 * MINUTE), [], DAY, DAY + 72 * HOUR)

    assert _clocks(starts[:5]) == "22:00 22:50 23:40 00:00 00:50"
    assert _clocks(starts[-1:]) == "21:40"


def test_a_run_is_long_even_where_it_began_days_before_the_range() -> None:
    # Two windows of 24 hours each; on Wednesday only the second one goes on.
    rules = rules_from({"weekly": weekly("monday 23:00-23:00", "tuesday 23:00-23:00")})

    starts = _free(rules, Wanted(gig_id=1, length=50 * MINUTE), [], DAY + 58 * HOUR, DAY + 60 * HOUR)

    assert _clocks(starts) == "10:00 10:50 11:40"


def test_steps_count_from_the_windows_start_wherever_the_range_begins() -> None:
    always = rules_from({"weekly": weekly("daily 00:00-24:00"), "slot_step_minutes": 50})
    mornings = rules_from({"weekly": weekly("monday 09:00-12:00")})

    assert _clocks(_free(always, SIXTY, [], DAY + 9 * HOUR, DAY + 11 * HOUR)) == "09:10 10:00 10:50"
    assert _clocks(_free(mornings, SIXTY, [], DAY + 9.5 * HOUR, DAY + 11 * HOUR)) == "10:00"
    assert _clocks(_free(mornings, SIXTY, [], DAY + 9 * HOUR, DAY + 11 * HOUR + MINUTE)) == "09:00 10:00 11:00"


def test_an_exception_replaces_its_day_and_no_other() -> None:
    body = {"weekly": weekly("daily 09:00-11:00"), "exceptions": [exception("2026-12-08", "14:00-15:00")]}
    off = {"weekly": weekly("daily 09:00-11:00"), "exceptions": [exception("2026-12-08")]}
    only = {"weekly": [], "exceptions": [exception("2026-12-08", "14:00-15:00", "20:00-21:30")]}

    found = [_clocks(_free(rules_from(it), SIXTY, [], DAY, DAY + 72 * HOUR)) for it in (body, off, only)]

    assert found == ["09:00 10:00 14:00 09:00 10:00", "09:00 10:00 09:00 10:00", "14:00 20:00"]


def test_what_began_the_day_before_is_not_the_exceptions_affair() -> None:
    rules = rules_from({"weekly": weekly("monday 22:00-02:00"), "exceptions": [exception("2026-12-08")]})

    assert _clocks(_free(rules, SIXTY, [], DAY, DAY + 48 * HOUR)) == "22:00 23:00 00:00 01:00"


def test_without_weekly_windows_exceptions_narrow_their_day_and_every_minute_is_bookable() -> None:
    body = {"weekly": None, "exceptions": [exception("2026-12-07"), exception("2026-12-08", "10:15-12:00")]}
    rules = rules_from(body)

    shown = _free(rules, SIXTY, [], DAY - HOUR, DAY + 49 * HOUR)

    assert _clocks(shown) == "23:00 10:30 11:00 00:00 00:30"
    assert slot_at(rules, SIXTY, [], DAY + 24 * HOUR + 617 * MINUTE)
    assert not slot_at(rules, SIXTY, [], DAY + 24 * HOUR + 661 * MINUTE)
    # The lesson would reach into the day off.
    assert not slot_at(rules, SIXTY, [], DAY - 59 * MINUTE)
    assert slot_at(rules, SIXTY, [], DAY - 60 * MINUTE)


def test_time_off_blocks_and_moves_no_step() -> None:
    off = [{"from": "2026-12-07T09:30:00Z", "to": "2026-12-07T10:15:00Z"}]
    rules = rules_from({"weekly": weekly("monday 09:00-13:00"), "time_off": off, "buffer_after_minutes": 120})

    assert _clocks(_free(rules, SIXTY, [], DAY, DAY + 24 * HOUR)) == "11:00 12:00"


@pytest.mark.parametrize(("before", "after"), [(0, 30), (30, 0), (10, 20)])
def test_between_two_lessons_lie_both_buffers_whichever_was_booked_first(before: int, after: int) -> None:
    buffers = {"buffer_before_minutes": before, "buffer_after_minutes": after}
    rules = rules_from({"weekly": weekly("monday 09:00-15:00"), "slot_step_minutes": 15, **buffers})

    starts = _free(rules, SIXTY, [_lesson(2, 11.5)], DAY, DAY + 24 * HOUR)

    assert _clocks(starts) == "09:00 09:15 09:30 09:45 10:00 13:00 13:15 13:30 13:45 14:00"


def test_buffers_may_lie_outside_the_windows() -> None:
    rules = rules_from({"weekly": weekly("monday 09:00-10:00"), "buffer_before_minutes": 60})

    assert _clocks(_free(rules, SIXTY, [], DAY, DAY + 24 * HOUR)) == "09:00"
    # A lesson outside of them is as near as any other.
    assert _free(rules, SIXTY, [_lesson(2, 7.5)], DAY, DAY + 24 * HOUR) == []


def test_only_active_lessons_take_up_time_but_others_count() -> None:
    body = {"weekly": weekly("monday 09:00-12:00", "tuesday 09:00-10:00")}
    held = [_lesson(2, 9, seats=0), _lesson(2, 10, seats=0, counted=2)]

    free = [
        _clocks(_free(rules_from(body | limits), SIXTY, held, DAY, DAY + 48 * HOUR))
        for limits in ({}, {"max_per_day": 4}, {"max_per_day": 3}, {"max_per_week": 3})
    ]

    assert free == ["09:00 10:00 11:00 09:00", "09:00 10:00 11:00 09:00", "09:00", ""]


def test_limits_count_by_the_teachers_own_day_and_iso_week() -> None:
    # Sunday, 23:30 in UTC, is a Monday in Berlin: another day and another week.
    late = [_lesson(2, -0.5)]
    body = {"weekly": weekly("daily 09:00-10:00")}

    per_day = [
        [slot.starts_at.day for slot in free_slots(rules_from(body | limit, zone), SIXTY, late, *_days(-1, 2))]
        for limit in ({"max_per_day": 1}, {"max_per_week": 1})
        for zone in ("UTC", "Europe/Berlin")
    ]

    assert per_day == [[7, 8], [6, 8], [7, 8], [6]]


def test_a_week_that_begins_in_the_old_year_is_one_week() -> None:
    # From Monday, 28 December 2026, to Sunday, 3 January 2027.
    rules = rules_from({"weekly": weekly("daily 09:00-10:00"), "max_per_week": 1})
    lesson = Lesson(gig_id=2, starts_at=DAY + 21 * 24 * HOUR, ends_at=DAY + (21 * 24 + 1) * HOUR)

    found = [slot.starts_at.day for slot in free_slots(rules, SIXTY, [lesson], *_days(19, 31))]

    assert found == [26, 27, 4, 5, 6]


def test_seats_of_the_same_start_are_left_and_everything_else_blocks() -> None:
    rules = rules_from({"weekly": weekly("monday 09:00-14:00"), "slot_step_minutes": 30})
    group = Wanted(gig_id=1, length=HOUR, capacity=3)
    lessons = [_lesson(1, 9, seats=2), _lesson(1, 11, seats=3), _lesson(2, 12)]

    found = {f"{slot.starts_at:%H:%M}": slot.seats_left for slot in free_slots(rules, group, lessons, *_days(0, 1))}

    assert found == {"09:00": 1, "10:00": 3, "13:00": 3}


def test_a_group_whose_gig_has_become_longer_is_still_one_lesson() -> None:
    rules = rules_from({"weekly": weekly("monday 09:00-14:00")})
    group = Wanted(gig_id=1, length=2 * HOUR, capacity=3)

    slot = slot_at(rules, group, [_lesson(1, 9), _lesson(1, 9, hours=2)], DAY + 9 * HOUR)

    assert slot
    assert slot.seats_left == 1


NOTICES: list[tuple[float, float, float, bool]] = [
    # Hours ahead, notice, horizon in days: can it be booked?
    (1, 0, 730, True),
    (0, 0, 730, False),
    (-1, 0, 730, False),
    (2, 2, 730, True),
    (1.99, 2, 730, False),
    (24, 0, 1, True),
    (24.01, 0, 1, False),
]


@pytest.mark.parametrize(("ahead", "notice", "days", "expected"), NOTICES)
def test_notice_and_horizon_are_elapsed_time(ahead: float, notice: float, days: float, expected: bool) -> None:
    assert within_reach(DAY + ahead * HOUR, DAY, notice * HOUR, timedelta(days=days)) == expected


# Where clocks jump by an hour, half an hour, two hours, at midnight, and by a whole day.
ODD_DAYS = [
    ("Europe/Berlin", "2027-03-28"),
    ("Europe/Berlin", "2027-10-31"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Antarctica/Troll", "2026-03-29"),
    ("Antarctica/Troll", "2026-10-25"),
    ("Africa/Cairo", "2026-04-24"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2018-02-18"),
    ("America/Havana", "2026-11-01"),
    ("Pacific/Apia", "2011-12-30"),
    ("Asia/Kathmandu", "2026-12-07"),
    ("Europe/Dublin", "2026-10-25"),
    ("UTC", "2026-12-07"),
]

minutes_of_day = st.integers(0, 1439) | st.sampled_from([0, 60, 90, 120, 180, 1380, 1410, 1439])
times = minutes_of_day.map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
windows = st.fixed_dictionaries({"start": times, "end": times | st.just("24:00")})
weekly_windows = st.builds(lambda day, window: {"weekday": day, **window}, st.sampled_from(DAYS), windows)
all_day = [{"weekday": day, "start": "00:00", "end": "24:00"} for day in DAYS]


zones = st.sampled_from([zone for zone, _ in ODD_DAYS])


def near(day: datetime) -> st.SearchStrategy[datetime]:
    return st.integers(-3 * 1440, 3 * 1440).map(lambda minute: day + minute * MINUTE)


@st.composite
def bodies(draw: st.DrawFn, day: datetime) -> dict[str, Any]:
    ranges = st.tuples(near(day), near(day)).filter(lambda it: it[0] < it[1])
    dates = st.lists(st.integers(-3, 3), unique=True, max_size=3)
    small = st.just(0) | st.integers(0, 90)
    return DEFAULTS | {
        "weekly": draw(st.none() | st.just(all_day) | st.lists(weekly_windows, max_size=12)),
        "exceptions": [
            {"date": str((day + timedelta(days=away)).date()), "windows": draw(st.lists(windows, max_size=3))}
            for away in draw(dates)
        ],
        "time_off": [{"from": a.isoformat(), "to": b.isoformat()} for a, b in draw(st.lists(ranges, max_size=2))],
        "buffer_before_minutes": draw(small),
        "buffer_after_minutes": draw(small),
        "max_per_day": draw(st.none() | st.integers(1, 4)),
        "max_per_week": draw(st.none() | st.integers(1, 6)),
        "slot_step_minutes": draw(st.none() | st.integers(5, 120)),
    }


@st.composite
def lesson_lists(draw: st.DrawFn, day: datetime) -> list[Lesson]:
    starts = st.integers(-8 * 96, 8 * 96).map(lambda quarter: day + quarter * 15 * MINUTE)
    return [
        Lesson(
            gig_id=draw(st.integers(1, 2)),
            starts_at=starts_at,
            ends_at=starts_at + draw(st.integers(5, 480)) * MINUTE,
            seats=draw(st.integers(0, 2)),
            counted=2,
        )
        for starts_at in draw(st.lists(starts, unique=True, max_size=5))
    ]


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Oracle, Rules, Wanted, list[Lesson]]:
    zone, text = draw(st.sampled_from(ODD_DAYS))
    day = datetime.fromisoformat(text).replace(tzinfo=UTC)
    body = draw(bodies(day))
    length = draw(st.sampled_from([5, 30, 45, 60, 90, 480]) | st.integers(5, 480)) * MINUTE
    wanted = Wanted(gig_id=1, length=length, capacity=draw(st.integers(1, 3)))
    # What the teacher's other schedules say about the person, and what they blocked.
    others = [(draw(bodies(day)), draw(zones)) for _ in range(draw(st.sampled_from([0, 0, 1, 2])))]
    blocks = [(at, at + draw(st.integers(1, 600)) * MINUTE) for at in draw(st.lists(near(day), max_size=2))]
    rules = read_rules(entered(body, zone), [entered(*other) for other in others], blocks)
    return Oracle(body, zone, day, others, blocks), rules, wanted, draw(lesson_lists(day))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenes(), st.integers(-1440, 1440), st.integers(1, 1440))
def test_the_list_is_what_the_oracle_finds_minute_by_minute(
    scene: tuple[Oracle, Rules, Wanted, list[Lesson]], offset: int, minutes: int
) -> None:
    oracle, rules, wanted, lessons = scene
    start = oracle.middle + offset * MINUTE
    every_minute = [start + number * MINUTE for number in range(minutes)]

    found = list(free_slots(rules, wanted, lessons, start, start + minutes * MINUTE))

    expected = {at: seats for at in every_minute if (seats := oracle.offers(wanted, lessons, at))}
    assert [(slot.starts_at, slot.seats_left) for slot in found] == sorted(expected.items())
    assert all(slot.ends_at - slot.starts_at == wanted.length for slot in found)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenes(), st.lists(st.integers(-1440, 1440), max_size=30))
def test_what_can_be_booked_is_what_the_oracle_offers(
    scene: tuple[Oracle, Rules, Wanted, list[Lesson]], offsets: list[int]
) -> None:
    oracle, rules, wanted, lessons = scene
    listed = list(free_slots(rules, wanted, lessons, oracle.middle, oracle.middle + 24 * HOUR))
    starts = [oracle.middle + minute * MINUTE for minute in offsets]

    for starts_at in [*starts, *(slot.starts_at for slot in listed)]:
        slot = slot_at(rules, wanted, lessons, starts_at)

        assert (slot.seats_left if slot else 0) == oracle.offers(wanted, lessons, starts_at, shown=False)
    assert all(slot_at(rules, wanted, lessons, slot.starts_at) == slot for slot in listed)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenes(), st.integers(0, 2880))
def test_lessons_that_are_not_relevant_change_nothing(
    scene: tuple[Oracle, Rules, Wanted, list[Lesson]], minutes: int
) -> None:
    oracle, rules, wanted, lessons = scene
    start, end = oracle.middle, oracle.middle + minutes * MINUTE
    first, last = relevant(rules, wanted.length, start, end)

    close = [lesson for lesson in lessons if lesson.starts_at <= last and lesson.ends_at > first]

    assert list(free_slots(rules, wanted, close, start, end)) == list(free_slots(rules, wanted, lessons, start, end))


def _lesson(gig_id: int, hour: float, *, hours: float = 1, seats: int = 1, counted: int = 1) -> Lesson:
    starts_at = DAY + hour * HOUR
    return Lesson(gig_id=gig_id, starts_at=starts_at, ends_at=starts_at + hours * HOUR, seats=seats, counted=counted)


def _days(first: int, last: int) -> tuple[datetime, datetime]:
    return DAY + timedelta(days=first), DAY + timedelta(days=last)


def _free(rules: Rules, wanted: Wanted, lessons: list[Lesson], start: datetime, end: datetime) -> list[datetime]:
    return [slot.starts_at for slot in free_slots(rules, wanted, lessons, start, end)]


def _clocks(starts: list[datetime]) -> str:
    return " ".join(f"{starts_at:%H:%M}" for starts_at in starts)

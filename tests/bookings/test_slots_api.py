"""The list of slots over the API: what it says, to whom, in which zone, and at what cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bookings.slots.first_times import next_free_start
from schedule.times import windows
from support.queries import count_queries
from tests.bookings.rows import insert_booking
from tests.conftest import SATURDAY, FakeClock
from tests.schedule.bodies import exception, weekly
from tests.support.world import ANY_TIME, Person, World

AVAILABILITY = "/api/teachers/me/availability"
MONDAY = {"from": "2026-11-23T00:00:00Z", "to": "2026-11-24T00:00:00Z"}

BAD_QUERIES: list[dict[str, str | None]] = [
    {"gig_id": None},
    {"from": None},
    {"to": None},
    {"gig_id": "0"},
    {"gig_id": "x"},
    {"gig_id": str(2**63)},
    {"from": "2026-11-23"},
    {"from": "2026-11-23T00:00:00"},
    {"from": "tomorrow"},
    {"from": "2026-11-24T00:00:00Z"},
    {"from": "2026-11-25T00:00:00Z"},
    {"to": "2027-01-24T00:00:01Z"},
    {"to": "9999-12-31T23:59:59Z"},
    {"to": "2026-11-31T00:00:00Z"},
    {"time_zone": "Berlin"},
    {"time_zone": "../../etc/passwd"},
    {"time_zone": "Europe/Berlin\0"},
    {"limit": "20"},
    {"cursor": "x"},
]

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_slots_are_instants_with_the_readers_local_time(world: World) -> None:
    teacher = world.teacher(time_zone="Europe/Berlin")
    gig = world.gig(teacher, duration_minutes=60, capacity=3)
    teacher.put(AVAILABILITY, {"weekly": weekly("monday 09:00-11:30")})

    answer = world.anyone.get(_path(teacher), query_string={"gig_id": gig["id"], **MONDAY, "time_zone": "Asia/Kolkata"})

    assert answer.status_code == 200
    assert answer.json == {
        "data": [
            {
                "starts_at": "2026-11-23T08:00:00Z",
                "ends_at": "2026-11-23T09:00:00Z",
                "local": "2026-11-23T13:30:00+05:30",
                "seats_left": 3,
            },
            {
                "starts_at": "2026-11-23T09:00:00Z",
                "ends_at": "2026-11-23T10:00:00Z",
                "local": "2026-11-23T14:30:00+05:30",
                "seats_left": 3,
            },
        ],
        "time_zone": "Asia/Kolkata",
        "cached": False,
    }


@on_sqlite
def test_the_zone_is_the_parameter_or_else_the_readers_or_else_the_teachers(world: World) -> None:
    teacher, student = world.teacher(time_zone="America/New_York"), world.student(time_zone="Asia/Tokyo")
    gig = world.gig(teacher)

    zones = [
        reader.get(_path(teacher), query_string={"gig_id": gig["id"], **MONDAY, **zone}).json["time_zone"]
        for reader in (world.anyone, student)
        for zone in ({}, {"time_zone": "UTC"})
    ]

    assert zones == ["America/New_York", "UTC", "Asia/Tokyo", "UTC"]


def test_both_instants_of_an_hour_that_comes_twice_are_told_apart(world: World, clock: FakeClock) -> None:
    clock.instant = SATURDAY + timedelta(days=330)
    teacher = world.teacher()
    gig = world.gig(teacher, duration_minutes=60)
    teacher.put(AVAILABILITY, {"weekly": weekly("sunday 02:00-03:00")})

    found = _slots(world, teacher, gig, "2027-10-30T00:00:00Z", "2027-11-01T00:00:00Z")

    assert [slot["local"] for slot in found] == ["2027-10-31T02:00:00+02:00", "2027-10-31T02:00:00+01:00"]


def test_the_range_is_half_open_and_steps_count_from_the_windows_start(world: World) -> None:
    teacher = world.teacher(time_zone="UTC")
    gig = world.gig(teacher, duration_minutes=45)
    teacher.put(AVAILABILITY, {"weekly": weekly("monday 09:00-12:00")})

    found = _slots(world, teacher, gig, "2026-11-23T09:30:00Z", "2026-11-23T10:30:00Z")
    last = _slots(world, teacher, gig, "2026-11-23T10:30:00Z", "2026-11-23T10:30:01Z")

    assert _starts(found) == ["09:45"]
    assert _starts(last) == ["10:30"]


def test_a_teacher_without_rules_is_shown_by_half_hours_of_their_own_clock(world: World) -> None:
    teacher, student = world.teacher(time_zone="Asia/Kathmandu"), world.student()
    gig = world.gig(teacher)
    world.booking(student, gig, starts_at="2026-11-23T01:00:00Z")

    found = _slots(world, teacher, gig, "2026-11-23T00:00:00Z", "2026-11-23T03:00:00Z")

    # 01:00 to 01:45 is taken; a lesson takes 45 minutes.
    assert _starts(found) == ["00:15", "01:45", "02:15", "02:45"]


def test_nothing_is_offered_in_the_past_within_the_notice_or_beyond_the_horizon(world: World, clock: FakeClock) -> None:
    # It is half past nine.
    teacher = world.teacher(time_zone="UTC")
    gig = world.gig(teacher, duration_minutes=60)
    teacher.put(AVAILABILITY, {"weekly": weekly("daily 09:30-12:30"), "minimum_notice_minutes": 60, "horizon_days": 1})

    day = ("2026-11-21T00:00:00Z", "2026-11-23T00:00:00Z")
    before = _slots(world, teacher, gig, *day)
    clock.advance(seconds=1)
    after = _slots(world, teacher, gig, *day)

    assert [slot["starts_at"][8:16] for slot in before] == ["21T10:30", "21T11:30", "22T09:30"]
    assert [slot["starts_at"][8:16] for slot in after] == ["21T11:30", "22T09:30"]


@on_sqlite
def test_far_from_now_there_is_nothing_and_no_error(world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)

    for start, end in (
        ("0001-01-01T00:00:00Z", "0001-02-01T00:00:00Z"),
        ("1999-12-01T00:00:00+14:00", "1999-12-31T00:00:00Z"),
        ("2029-01-01T00:00:00Z", "2029-02-01T00:00:00Z"),
        ("9999-12-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    ):
        assert _slots(world, teacher, gig, start, end) == []


def test_the_last_bookable_minute_of_a_teacher_without_rules_is_in_the_list(world: World) -> None:
    teacher = world.teacher()

    found = _slots(world, teacher, world.gig(teacher), "2028-11-01T00:00:00Z", "2028-12-01T00:00:00Z")

    assert found[-1]["starts_at"] == "2028-11-20T09:30:00Z"


@on_sqlite
def test_a_bad_query_is_refused_by_name(world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)

    for change in BAD_QUERIES:
        query = {name: it for name, it in ({"gig_id": gig["id"], **MONDAY} | change).items() if it is not None}
        answer = world.anyone.get(_path(teacher), query_string=query)

        assert (change, answer.status_code, answer.mimetype) == (change, 422, "application/problem+json")
        assert list(answer.json["errors"]) in ([*change], ["from"])


@on_sqlite
def test_sixty_two_days_are_not_too_many(world: World) -> None:
    teacher = world.teacher()

    assert _slots(world, teacher, world.gig(teacher), "2026-12-01T00:00:00Z", "2027-02-01T00:00:00Z")


@on_sqlite
def test_unknown_teachers_and_gigs_and_those_of_others_are_not_found(world: World) -> None:
    teacher, other, left, student = world.teacher(), world.teacher(), world.teacher(), world.student()
    gig, of_other, of_left = world.gig(teacher), world.gig(other), world.gig(left)
    world.operator("accounts", "deactivate", left.email)

    for teacher_id, gig_id in (
        (teacher.id, of_other["id"]),
        (teacher.id, 999),
        (999, gig["id"]),
        (student.id, gig["id"]),
        (left.id, of_left["id"]),
        (2**63 - 1, 2**63 - 1),
    ):
        answer = world.anyone.get(f"/api/teachers/{teacher_id}/slots", query_string={"gig_id": gig_id, **MONDAY})

        assert (answer.status_code, teacher_id, gig_id) == (404, teacher_id, gig_id)


@on_sqlite
@pytest.mark.parametrize(
    ("change", "seen_by_others"),
    [
        (("status", "paused"), 200),
        (("status", "archived"), 404),
        (("visibility", "private"), 404),
        (("visibility", "unlisted"), 200),
    ],
)
def test_what_cannot_be_booked_has_no_slots_and_what_is_hidden_is_not_found(
    world: World, change: tuple[str, str], seen_by_others: int
) -> None:
    teacher, admin = world.teacher(), world.admin()
    gig = world.gig(teacher)
    teacher.post(f"/api/gigs/{gig['id']}/{change[0]}", {change[0]: change[1]})

    query = {"gig_id": gig["id"], **MONDAY}
    answers = [person.get(_path(teacher), query_string=query) for person in (world.anyone, teacher, admin)]

    assert [answer.status_code for answer in answers] == [seen_by_others, 200, 200]
    assert all(bool(answer.json["data"]) == (change[1] == "unlisted") for answer in answers[1:])


@on_sqlite
def test_gigs_that_students_apply_for_have_no_slots(world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher, enrolment="application")

    assert _slots(world, teacher, gig, MONDAY["from"], MONDAY["to"]) == []


def test_an_answer_is_kept_for_all_readers_and_zones_and_knows_when_it_is_unchanged(world: World) -> None:
    teacher, student = world.teacher(), world.student(time_zone="Asia/Tokyo")
    query = {"gig_id": world.gig(teacher)["id"], **MONDAY}

    first = world.anyone.get(_path(teacher), query_string=query)
    second = student.get(_path(teacher), query_string=query)
    third = student.get(_path(teacher), query_string=query, headers={"If-None-Match": second.headers["ETag"]})

    assert (first.headers["X-Cache"], first.json["cached"]) == ("MISS", False)
    assert (second.headers["X-Cache"], second.json["cached"]) == ("HIT", True)
    assert first.headers["ETag"] != second.headers["ETag"]
    assert third.status_code == 304


@pytest.mark.parametrize("lessons", [0, 50])
def test_a_month_costs_the_same_few_statements_however_full_it_is(world: World, lessons: int) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher)
    teacher.put(AVAILABILITY, {"weekly": weekly("daily 08:00-20:00"), "max_per_week": 40, "buffer_after_minutes": 10})
    for number in range(lessons):
        insert_booking(world.app, student, gig, SATURDAY + timedelta(hours=12 * number + 1))

    with count_queries() as statements:
        answer = world.anyone.get(
            _path(teacher),
            query_string={"gig_id": gig["id"], "from": "2026-12-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"},
        )
    with count_queries() as again:
        world.anyone.get(
            _path(teacher),
            query_string={"gig_id": gig["id"], "from": "2026-12-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"},
        )

    assert answer.json["cached"] is False
    assert len(answer.json["data"]) > 100
    # The gig; the teacher's rules and the school's holidays; the lessons.
    assert len(statements) == 3
    assert again == []


def test_exceptions_and_time_off_are_in_the_list(world: World) -> None:
    teacher = world.teacher(time_zone="UTC")
    gig = world.gig(teacher, duration_minutes=60)
    body = {
        "weekly": weekly("daily 09:00-11:00"),
        "exceptions": [exception("2026-11-23", "15:00-16:00"), exception("2026-11-24")],
        "time_off": [{"from": "2026-11-25T09:59:00Z", "to": "2026-11-26T10:00:00Z"}],
    }
    teacher.put(AVAILABILITY, ANY_TIME | body)

    found = _slots(world, teacher, gig, "2026-11-23T00:00:00Z", "2026-11-27T00:00:00Z")

    assert [slot["starts_at"][8:16] for slot in found] == ["23T15:00", "26T10:00"]


@on_sqlite
def test_a_list_that_would_be_too_long_says_where_it_goes_on(world: World) -> None:
    teacher = world.teacher(time_zone="UTC")
    gig = world.gig(teacher, duration_minutes=5)
    teacher.put(AVAILABILITY, {"weekly": weekly("daily 00:00-24:00"), "slot_step_minutes": 5})
    asked = {"gig_id": gig["id"], "from": "2026-12-01T00:00:00Z", "to": "2026-12-31T00:00:00Z"}

    first = world.anyone.get(_path(teacher), query_string=asked).json
    rest = world.anyone.get(_path(teacher), query_string=asked | {"from": first["next_from"]}).json

    assert len(first["data"]) == 6000
    assert "next_from" not in rest
    starts = [slot["starts_at"] for slot in (*first["data"], *rest["data"])]
    assert (len(starts), starts) == (30 * 288, sorted(set(starts)))


@on_sqlite
def test_years_of_time_off_are_not_searched_and_that_nothing_is_free_is_kept(world: World, clock: FakeClock) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher, duration_minutes=5)
    away = [{"from": "2026-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z"}]
    teacher.put(AVAILABILITY, {"weekly": weekly("daily 00:00-24:00"), "time_off": away, "slot_step_minutes": 5})
    before = windows._instants.cache_info()
    arguments = (teacher.id, gig["id"], clock(), clock() + timedelta(days=700))

    with world.app.app_context():
        answers = [next_free_start(*arguments) for _ in range(2)]

    assert [(answer.state, answer.json()) for answer in answers] == [
        ("MISS", {"start": None}),
        ("HIT", {"start": None}),
    ]
    after = windows._instants.cache_info()
    assert after.hits + after.misses == before.hits + before.misses


def _path(teacher: Person) -> str:
    return f"/api/teachers/{teacher.id}/slots"


def _slots(world: World, teacher: Person, gig: dict[str, Any], start: str, end: str) -> list[dict[str, Any]]:
    answer = world.anyone.get(_path(teacher), query_string={"gig_id": gig["id"], "from": start, "to": end})
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json["data"]
    return rows


def _starts(slots: list[dict[str, Any]]) -> list[str]:
    return [slot["starts_at"][11:16] for slot in slots]

"""Searching for gigs that can be booked at a given time: exactly those that a POST would then book."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bookings.slots import gig_search
from support.queries import count_queries
from tests.bookings.rows import insert_booking
from tests.conftest import SATURDAY, FakeClock
from tests.schedule.bodies import exception, weekly
from tests.support.world import ANY_TIME, Person, World

AVAILABILITY = "/api/teachers/me/availability"
# A Monday.
TEN = datetime.fromisoformat("2026-11-23T10:00:00Z")
UTC: dict[str, Any] = {"time_zone": "UTC"}


def test_free_gigs_are_found_and_others_are_not(world: World) -> None:
    student, busy, free, closed, unruled = world.student(), *(world.teacher(**UTC) for _ in range(4))
    for teacher, window in (
        (busy, "monday 09:00-12:00"),
        (free, "monday 10:00-12:00"),
        (closed, "tuesday 10:00-12:00"),
    ):
        teacher.put(AVAILABILITY, {"weekly": weekly(window), "slot_step_minutes": 60})
    gigs = {name: world.gig(it) for name, it in (("busy", busy), ("free", free), ("closed", closed), ("any", unruled))}
    world.booking(student, gigs["busy"], starts_at="2026-11-23T10:00:00Z")

    assert _found(world, TEN) == [gigs["any"]["id"], gigs["free"]["id"]]
    assert _found(world, TEN + timedelta(hours=1)) == [gigs["any"]["id"], gigs["free"]["id"], gigs["busy"]["id"]]
    assert _found(world, TEN + timedelta(minutes=30)) == [gigs["any"]["id"]]


def test_a_gig_is_shown_as_the_list_shows_it(world: World) -> None:
    world.gig(world.teacher())

    plain = world.anyone.get("/api/gigs").json
    found = world.anyone.get("/api/gigs", query_string={"free_at": "2026-12-01T18:00:00+01:00"})

    assert found.json == plain | {"cached": False, "facets": None}
    assert found.headers["Cache-Control"] == "no-store"


def test_the_first_page_says_how_many_there_are_where_all_are_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher, busy = world.teacher(), world.teacher()
    busy.put(AVAILABILITY, {"weekly": []})
    for each in (teacher, busy, teacher, teacher):
        world.gig(each)
    asked = {"free_at": "2026-12-01T17:00:00Z", "limit": 2}

    first = world.anyone.get("/api/gigs", query_string=asked).json
    second = world.anyone.get("/api/gigs", query_string=asked | {"cursor": first["next_cursor"]}).json
    monkeypatch.setattr(gig_search, "CANDIDATES", 3)
    of_many = world.anyone.get("/api/gigs", query_string=asked).json

    assert [each["total"] for each in (first, second, of_many)] == [3, None, None]
    assert [len(each["data"]) for each in (first, second)] == [2, 1]


def test_an_unescaped_plus_is_understood(world: World) -> None:
    world.gig(world.teacher())

    assert len(world.anyone.get("/api/gigs?free_at=2026-12-01T18:00:00+01:00").json["data"]) == 1


def test_a_group_lesson_with_a_seat_is_found_and_a_full_one_is_not(world: World) -> None:
    teacher = world.teacher()
    group, other = world.gig(teacher, capacity=2), world.gig(teacher)
    world.booking(world.student(), group, starts_at=_written(TEN))

    with_a_seat = _found(world, TEN)
    world.booking(world.student(), group, starts_at=_written(TEN))

    assert with_a_seat == [group["id"]]
    assert _found(world, TEN) == []
    assert _found(world, TEN + timedelta(minutes=45)) == [other["id"], group["id"]]


def test_the_lessons_length_the_buffers_and_the_limits_count(world: World) -> None:
    student = world.student()
    short, long, buffered, limited = (world.teacher(**UTC) for _ in range(4))
    gigs = [world.gig(short, duration_minutes=30), world.gig(long, duration_minutes=90)]
    gigs += [world.gig(buffered, duration_minutes=30), world.gig(limited, duration_minutes=30)]
    buffered.put(AVAILABILITY, ANY_TIME | {"buffer_after_minutes": 31})
    limited.put(AVAILABILITY, ANY_TIME | {"max_per_week": 1})
    for gig in gigs[:3]:
        insert_booking(world.app, world.student(), gig, TEN + timedelta(hours=1))
    insert_booking(world.app, student, gigs[3], TEN + timedelta(days=6), status="completed")

    assert _found(world, TEN) == [gigs[0]["id"]]
    assert _found(world, TEN + timedelta(days=7)) == [gig["id"] for gig in reversed(gigs)]


def test_notice_horizon_exceptions_and_time_off_count(world: World) -> None:
    bodies: list[dict[str, Any]] = [
        {"minimum_notice_minutes": 3 * 1440},
        {"horizon_days": 1},
        {"exceptions": [exception("2026-11-23")]},
        {"time_off": [{"from": "2026-11-23T10:44:00Z", "to": "2026-11-23T11:00:00Z"}]},
        {"weekly": [], "exceptions": [exception("2026-11-23", "10:00-10:45")]},
    ]
    teachers = [world.teacher(**UTC) for _ in bodies]
    gigs = [world.gig(teacher) for teacher in teachers]
    for teacher, body in zip(teachers, bodies, strict=True):
        teacher.put(AVAILABILITY, ANY_TIME | body)

    assert _found(world, TEN) == [gigs[4]["id"]]


def test_other_filters_and_orders_stay(world: World) -> None:
    teacher, busy = world.teacher(), world.teacher()
    maths = world.gig(teacher, category="Maths", price_cents=100)
    music = world.gig(teacher, category="Music", price_cents=300)
    world.gig(busy, category="Maths")
    busy.put(AVAILABILITY, {"weekly": []})

    assert _found(world, TEN, category="maths") == [maths["id"]]
    assert _found(world, TEN, sort="price") == [maths["id"], music["id"]]
    assert _found(world, TEN, teacher_id=busy.id) == []
    assert _found(world, TEN, max_price=200, q="piano") == [maths["id"]]


def test_pages_follow_each_other_without_a_hole(world: World) -> None:
    teacher, busy = world.teacher(), world.teacher()
    busy.put(AVAILABILITY, {"weekly": []})
    expected = []
    for number in range(7):
        world.gig(busy, price_cents=number)
        expected.append(world.gig(teacher, price_cents=number)["id"])

    assert _in_pages(world, limit=3, sort="price") == [expected[:3], expected[3:6], expected[6:]]


def test_a_search_looks_at_so_many_gigs_and_goes_on_where_it_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gig_search, "CANDIDATES", 2)
    teacher, busy = world.teacher(), world.teacher()
    busy.put(AVAILABILITY, {"weekly": []})
    makers = [busy, busy, busy, teacher, teacher, teacher, busy]
    made = [world.gig(maker, price_cents=number)["id"] for number, maker in enumerate(makers)]

    assert _in_pages(world, limit=5, sort="price") == [[], [made[3]], made[4:6], []]


def test_who_is_not_found_at_first_is_found_at_the_second_look(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gig_search, "FIRST_LOOK", 2)
    teacher, busy = world.teacher(), world.teacher()
    busy.put(AVAILABILITY, {"weekly": []})
    made = [world.gig(maker, price_cents=number)["id"] for number, maker in enumerate((teacher, busy, busy, teacher))]

    assert _in_pages(world, limit=1, sort="price") == [[made[0]], [made[3]]]
    assert _found(world, TEN, sort="price") == [made[0], made[3]]


@pytest.mark.parametrize("gigs", [1, 12])
def test_a_page_costs_the_same_statements_however_many_gigs_and_lessons_there_are(world: World, gigs: int) -> None:
    student = world.student()
    for number in range(gigs):
        teacher = world.teacher()
        gig = world.gig(teacher)
        teacher.put(AVAILABILITY, ANY_TIME | ({"max_per_day": 5} if number % 2 == 0 else {"buffer_before_minutes": 5}))
        insert_booking(world.app, student, gig, SATURDAY + timedelta(days=5, hours=number))
    unlimited = world.gig(world.teacher())

    with count_queries() as statements:
        found = _found(world, TEN, limit=100)

    assert len(found) == gigs + 1
    assert unlimited["id"] in found
    # Candidates, rules, lessons nearby, lessons of a week, gigs, skills.
    assert len(statements) == 6


def test_nothing_can_be_booked_at_a_time_that_no_booking_has(world: World, clock: FakeClock) -> None:
    world.gig(world.teacher())

    for when in (
        "2026-11-21T09:30:00Z",
        "2026-11-20T10:00:00Z",
        "2026-11-23T10:00:30Z",
        "2026-11-23T10:00:00.5Z",
        "2028-11-20T09:31:00Z",
        "9999-12-31T23:59:00Z",
        "0001-01-01T00:00:00Z",
    ):
        answer = world.anyone.get("/api/gigs", query_string={"free_at": when})

        assert (answer.status_code, answer.json["data"], answer.json["next_cursor"]) == (200, [], None)


@pytest.mark.parametrize("when", ["", "tomorrow", "2026-11-23", "2026-11-23T10:00:00", "2026-11-31T10:00:00Z", "1"])
def test_what_is_no_instant_is_refused(world: World, when: str) -> None:
    answer = world.anyone.get("/api/gigs", query_string={"free_at": when})

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["free_at"]


def test_what_is_found_can_be_booked_and_what_is_not_found_cannot(world: World) -> None:
    gigs = _varied_gigs(world)

    for hours in (0, 1, 2, 24, 26, 48):
        at = TEN + timedelta(hours=hours)
        found = _found(world, at, limit=100)
        for gig in gigs:
            answer = world.student().post("/api/bookings", {"gig_id": gig["id"], "starts_at": _written(at)})

            assert (hours, gig["id"], answer.status_code) == (hours, gig["id"], 201 if gig["id"] in found else 409)


def _varied_gigs(world: World) -> list[dict[str, Any]]:
    """One gig of each of several teachers, whose rules differ."""
    bodies: list[dict[str, Any]] = [
        {},
        {"weekly": weekly("monday 09:00-17:00")},
        {"weekly": weekly("daily 10:30-17:00"), "slot_step_minutes": 30},
        {"weekly": weekly("daily 00:00-24:00"), "max_per_day": 1},
        {"weekly": weekly("monday 22:00-18:00"), "buffer_after_minutes": 30},
        {"max_per_week": 2, "minimum_notice_minutes": 2 * 1440},
    ]
    gigs = []
    for number, body in enumerate(bodies):
        teacher: Person = world.teacher(time_zone=("UTC", "Europe/Berlin", "Asia/Kathmandu")[number % 3])
        teacher.put(AVAILABILITY, ANY_TIME | body)
        gigs.append(world.gig(teacher, duration_minutes=60, capacity=1 + number % 2))
    return gigs


def _found(world: World, at: datetime, **query: Any) -> list[int]:
    answer = world.anyone.get("/api/gigs", query_string={"free_at": _written(at), **query})
    assert answer.status_code == 200, answer.text
    return [gig["id"] for gig in answer.json["data"]]


def _in_pages(world: World, **query: Any) -> list[list[int]]:
    """All pages, from the first to the one without a cursor."""
    pages: list[list[int]] = []
    cursor = None
    while cursor or not pages:
        more: dict[str, Any] = {"cursor": cursor} if cursor else {}
        answer = world.anyone.get("/api/gigs", query_string={"free_at": _written(TEN), **query, **more}).json
        pages.append([gig["id"] for gig in answer["data"]])
        cursor = answer["next_cursor"]
    return pages


def _written(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")

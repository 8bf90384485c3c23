"""What the list of slots offers can be booked, and nothing else: rule by rule.

`test_offered_at_random.py` has them all at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.bookings.rows import count_bookings, count_events, insert_booking
from tests.conftest import SATURDAY
from tests.schedule.bodies import exception, weekly
from tests.support.races import at_once
from tests.support.world import ANY_TIME, Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

AVAILABILITY = "/api/teachers/me/availability"

# What is wrong with a time, by rules, in UTC; it is Saturday, 09:30.
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("outside the windows", {"weekly": weekly("monday 09:00-17:00")}, "2026-11-23T08:00:00Z"),
    ("does not fit", {"weekly": weekly("monday 09:00-17:00")}, "2026-11-23T16:30:00Z"),
    ("beside the grid", {"weekly": weekly("monday 09:00-17:00")}, "2026-11-23T09:30:00Z"),
    ("another day", {"weekly": weekly("monday 09:00-17:00")}, "2026-11-24T09:00:00Z"),
    ("no windows at all", {"weekly": []}, "2026-11-23T09:00:00Z"),
    ("a day off", {"exceptions": [exception("2026-11-23")]}, "2026-11-23T09:00:00Z"),
    ("into a day off", {"exceptions": [exception("2026-11-24")]}, "2026-11-23T23:30:00Z"),
    (
        "time off",
        {"time_off": [{"from": "2026-11-23T09:59:00Z", "to": "2027-01-01T00:00:00Z"}]},
        "2026-11-23T09:00:00Z",
    ),
    ("too short a notice", {"minimum_notice_minutes": 120}, "2026-11-21T11:29:00Z"),
    ("beyond the horizon", {"horizon_days": 2}, "2026-11-23T09:31:00Z"),
]
# What stays a mistake of whoever asks, whatever the rules say.
INVALID = ["2026-11-21T09:30:00Z", "2026-11-20T09:00:00Z", "2026-11-23T09:00:30Z", "2028-11-20T09:31:00Z"]


@on_sqlite
@pytest.mark.parametrize(("reason", "body", "at"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_time_that_is_not_offered_is_a_conflict_and_changes_nothing(
    world: World, reason: str, body: dict[str, Any], at: str
) -> None:
    teacher = world.teacher(time_zone="UTC")
    gig = world.gig(teacher, duration_minutes=60)
    teacher.put(AVAILABILITY, ANY_TIME | body)

    answer = _book(world.student(), gig, at)

    assert (answer.status_code, answer.json["type"]) == (409, "/problems/slot-unavailable")
    assert (count_bookings(world.app), count_events(world.app)) == (0, 0)


@on_sqlite
def test_what_is_no_time_for_a_lesson_stays_invalid(world: World) -> None:
    teacher = world.teacher(time_zone="UTC")
    gig = world.gig(teacher)
    teacher.put(AVAILABILITY, {"weekly": weekly("daily 09:00-10:00"), "horizon_days": 7, "minimum_notice_minutes": 60})

    for at in INVALID:
        answer = _book(world.student(), gig, at)

        assert (at, answer.status_code) == (at, 422)
        assert list(answer.json["errors"]) == ["starts_at"]


def test_an_overlap_is_taken_and_a_missing_pause_is_not_offered(world: World) -> None:
    teacher = world.teacher(time_zone="UTC")
    gig = world.gig(teacher, duration_minutes=60)
    body = {"weekly": weekly("monday 09:00-17:00"), "slot_step_minutes": 15, "buffer_after_minutes": 15}
    teacher.put(AVAILABILITY, ANY_TIME | body)
    world.booking(world.student(), gig, starts_at="2026-11-23T11:00:00Z")

    answers = [_book(world.student(), gig, f"2026-11-23T{at}:00Z") for at in ("11:00", "11:45", "12:00", "10:00")]

    types = [answer.json["type"].rpartition("/")[2] for answer in answers]
    assert types == ["slot-taken", "slot-taken", "slot-unavailable", "slot-unavailable"]
    assert _book(world.student(), gig, "2026-11-23T12:15:00Z").status_code == 201
    assert _book(world.student(), gig, "2026-11-23T09:45:00Z").status_code == 201


def test_a_students_own_overlap_is_taken_although_the_time_is_offered(world: World) -> None:
    student, teacher = world.student(), world.teacher(time_zone="UTC")
    gig = world.gig(teacher)
    world.booking(student, world.gig(world.teacher()), starts_at="2026-11-23T09:00:00Z")

    slots = _slots(world, teacher, gig, SATURDAY, 3)
    answer = _book(student, gig, "2026-11-23T09:00:00Z")

    assert "2026-11-23T09:00:00Z" in slots
    assert answer.json["type"] == "/problems/slot-taken"


def test_limits_count_what_was_held_and_not_what_came_to_nothing(world: World) -> None:
    student, teacher = world.student(), world.teacher(time_zone="UTC")
    gig = world.gig(teacher)
    teacher.put(AVAILABILITY, ANY_TIME | {"max_per_day": 4})
    monday = SATURDAY + timedelta(days=2)
    for number, status in enumerate(("completed", "no_show", "accepted", "cancelled", "rejected", "expired")):
        insert_booking(world.app, student, gig, monday + timedelta(hours=number), status=status)

    first = _book(student, gig, "2026-11-23T20:00:00Z")
    second = _book(student, gig, "2026-11-23T22:00:00Z")
    next_day = _book(student, gig, "2026-11-24T22:00:00Z")

    assert [answer.status_code for answer in (first, second, next_day)] == [201, 409, 201]
    assert second.json["type"] == "/problems/slot-unavailable"


@pytest.mark.parametrize(
    "body",
    [{"max_per_day": 3}, {"max_per_week": 3}, {"buffer_before_minutes": 1380}],
    ids=["a day's limit", "a week's limit", "a long pause"],
)
def test_attempts_at_the_same_moment_keep_the_rules(world: World, body: dict[str, Any]) -> None:
    teacher = world.teacher(time_zone="UTC")
    gig = world.gig(teacher, duration_minutes=60)
    teacher.put(AVAILABILITY, ANY_TIME | body)
    students = [world.student() for _ in range(12)]

    def attempt(number: int) -> TestResponse:
        client = world.app.test_client(use_cookies=False)
        body = {"gig_id": gig["id"], "starts_at": f"2026-11-24T{2 * number:02}:00:00Z"}
        return client.post("/api/bookings", json=body, headers=students[number].headers)

    answers = at_once([lambda number=number: attempt(number) for number in range(12)])  # type: ignore[misc]

    booked = [answer for answer in answers if answer.status_code == 201]
    refused = {answer.json["type"] for answer in answers if answer.status_code != 201}
    assert len(booked) == (1 if "buffer_before_minutes" in body else 3)
    assert refused == {"/problems/slot-unavailable"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_offered_slot_of_a_day_can_be_booked_one_after_the_other(world: World) -> None:
    teacher = world.teacher(time_zone="Asia/Kathmandu")
    gig = world.gig(teacher, duration_minutes=45)
    teacher.put(AVAILABILITY, {"weekly": weekly("monday 08:00-12:00", "monday 13:15-18:00"), "slot_step_minutes": 60})

    offered = _slots(world, teacher, gig, SATURDAY, 3)
    answers = [_book(world.student(), gig, at) for at in offered]

    assert len(offered) == 9
    assert [answer.status_code for answer in answers] == [201] * 9
    assert _slots(world, teacher, gig, SATURDAY, 3) == []


def _slots(world: World, teacher: Person, gig: dict[str, Any], start: datetime, days: int) -> list[str]:
    query = {"gig_id": gig["id"], "from": f"{start:%Y-%m-%dT%H:%M:%SZ}"}
    query |= {"to": f"{start + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"}
    answer = world.anyone.get(f"/api/teachers/{teacher.id}/slots", query_string=query)
    assert answer.status_code == 200, answer.text
    return [slot["starts_at"] for slot in answer.json["data"]]


def _book(student: Person, gig: dict[str, Any], at: str) -> TestResponse:
    return student.post("/api/bookings", {"gig_id": gig["id"], "starts_at": at})

"""New times for many lessons: each is moved or refused for itself."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from bookings.many.moving import proposals
from tests.conftest import FakeClock
from tests.schedule.bodies import weekly
from tests.support.world import ANY_TIME, Person, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MANY, HOURS = "/api/bookings", "/api/teachers/me/availability"
MONDAY, TUESDAY = "2026-11-23", "2026-11-24"


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher(time_zone="UTC")


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    return world.gig(teacher, duration_minutes=60, free_cancellation_hours=720, late_cancellation_percent=100)


def test_each_lesson_is_moved_as_if_alone(world: World, teacher: Person, gig: dict[str, Any]) -> None:
    student, other = world.student(), world.student()
    times = [f"{MONDAY}T{hour}:00:00Z" for hour in ("08", "10", "12")]
    agreed, taken, asked = (world.booking(student, gig, starts_at=at)["id"] for at in times)
    for each in (agreed, taken):
        teacher.patch(f"{MANY}/{each}", {"status": "accepted"})
    foreign = world.booking(other, world.gig(world.teacher()), starts_at=times[0])["id"]
    body = [(agreed, "14:00"), (taken, "14:30"), (foreign, "15:00"), (asked, "16:00")]

    moves = [{"id": number, "starts_at": f"{MONDAY}T{at}:00Z"} for number, at in body]
    answer = teacher.patch(MANY, {"moves": moves, "reason": "New hours."})

    assert answer.json["results"] == [
        {"id": agreed, "status": 200},
        {"id": taken, "status": 409, "type": "/problems/slot-taken"},
        {"id": foreign, "status": 404, "type": "/problems/not-found"},
        {"id": asked, "status": 200},
    ]
    moved, stays, request = (student.get(f"{MANY}/{it}").json for it in (agreed, taken, asked))
    # What is agreed on has moved, is marked and costs nothing to cancel; a request is one of the teacher's now.
    assert (moved["status"], moved["starts_at"]) == ("accepted", f"{MONDAY}T14:00:00Z")
    assert moved["changed_for_you"]["what"] == "moved"
    assert student.get(f"{MANY}/{agreed}/cancellation").json["fee_cents"] == 0
    assert stays["starts_at"] == times[1]
    assert (request["status"], request["requested_by"]) == ("pending", "teacher")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, {"ids", "status"}),
        ({"ids": [1]}, {"status"}),
        ({"moves": []}, {"moves"}),
        ({"moves": [{"id": 1}]}, {"moves"}),
        ({"moves": [{"id": 1, "starts_at": "soon"}]}, {"moves"}),
        ({"moves": [{"id": 1, "starts_at": f"{MONDAY}T08:00:00Z"}] * 2}, {"moves"}),
        ({"moves": [{"id": 1, "starts_at": f"{MONDAY}T08:00:00Z"}], "status": "accepted"}, {"status"}),
    ],
)
def test_what_is_no_change_is_refused_as_a_whole(teacher: Person, body: dict[str, Any], named: set[str]) -> None:
    answer = teacher.patch(MANY, body)

    assert (answer.status_code, set(answer.json["errors"])) == (422, named)


def test_a_time_that_has_passed_is_not_to_be_had(world: World, teacher: Person, gig: dict[str, Any]) -> None:
    lesson = world.accepted(world.student(), teacher, gig)["id"]

    answer = teacher.patch(MANY, {"moves": [{"id": lesson, "starts_at": "2020-01-01T08:00:00Z"}]})

    assert answer.json["results"] == [{"id": lesson, "status": 409, "type": "/problems/slot-unavailable"}]


def test_all_proposed_times_can_be_taken_together(
    world: World, clock: FakeClock, teacher: Person, gig: dict[str, Any]
) -> None:
    lessons = [
        world.accepted(world.student(), teacher, gig, starts_at=f"{MONDAY}T{hour}:00:00Z")["id"]
        for hour in range(10, 15)
    ]
    put = teacher.put(HOURS, ANY_TIME | {"weekly": weekly("tuesday 10:00-14:00")})
    assert put.json["outside"] == lessons

    with world.app.app_context():
        found = proposals(lessons, _Actor(teacher.id), clock())
    moves = [{"id": number, "starts_at": f"{found[number][0]:%Y-%m-%dT%H:%M:%SZ}"} for number in lessons]
    answer = teacher.patch(MANY, {"moves": moves})

    # Four fit into the first Tuesday, and the fifth into the next one.
    assert sorted(f"{found[number][0]:%d %H}" for number in lessons) == ["01 10", "24 10", "24 11", "24 12", "24 13"]
    assert {row["status"] for row in answer.json["results"]} == {200}
    # Each has others to choose from, the nearest first.
    origin = datetime.fromisoformat(f"{MONDAY}T10:00:00Z")
    distances = [abs(at - origin) for at in found[lessons[0]]]
    assert len(distances) > 1
    assert all(a <= b for a, b in pairwise(distances))


def test_what_cannot_be_moved_has_no_proposal(world: World, clock: FakeClock, teacher: Person) -> None:
    archived, choir = world.gig(teacher), world.gig(teacher, times="timetable", capacity=3)
    teacher.post(f"/api/gigs/{choir['id']}/sessions", {"starts_at": f"{TUESDAY}T18:00:00Z"})
    kept = world.accepted(world.student(), teacher, archived, starts_at=f"{TUESDAY}T10:00:00Z")["id"]
    sung = world.accepted(world.student(), teacher, choir, starts_at=f"{TUESDAY}T18:00:00Z")["id"]
    foreign = world.booking(world.student(), world.gig(world.teacher()))["id"]
    teacher.post(f"/api/gigs/{archived['id']}/status", {"status": "archived"})

    with world.app.app_context():
        found = proposals([kept, sung, foreign], _Actor(teacher.id), clock())

    assert not any(found.values())


class _Actor:
    def __init__(self, id_: int) -> None:
        self.id, self.role = id_, "teacher"

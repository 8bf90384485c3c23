"""Every change of state over the API: each person, each state, each wish, before and after the start."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Role
from bookings.parties import Standing
from bookings.states import Verdict, allowed_transitions, judge
from bookings.statuses import BookingStatus
from tests.bookings.rows import count_events, delete_bookings, insert_booking, set_booking, status_of
from tests.conftest import SATURDAY, FakeClock
from tests.support.world import Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

STATES = [str(status) for status in BookingStatus]
# So soon that nobody's access token runs out before.
START = SATURDAY + timedelta(minutes=5)
STATUS_CODES = {Verdict.ALLOWED: 200, Verdict.WRONG_PERSON: 403, Verdict.WRONG_STATE: 409, Verdict.WRONG_TIME: 409}


@on_sqlite
@pytest.mark.parametrize("source", STATES)
def test_the_table_decides_who_may_do_what(world: World, clock: FakeClock, source: str) -> None:
    student, teacher, admin = world.student(), world.teacher(), world.admin()
    booking_id = insert_booking(world.app, student, world.gig(teacher), START)
    booking = Standing(
        status=BookingStatus(source),
        student_id=student.id,
        teacher_id=teacher.id,
        requested_by=Role.STUDENT,
        starts_at=START,
    )

    for instant, person, target in product((SATURDAY, START), (student, teacher, admin), STATES):
        clock.instant = instant
        set_booking(world.app, booking_id, status=source)
        events = count_events(world.app)
        expected = STATUS_CODES[judge(booking, person, target, instant)]

        answer = person.patch(f"/api/bookings/{booking_id}", {"status": target})

        assert (person.role, target, answer.status_code) == (person.role, target, expected)
        assert status_of(world.app, booking_id) == (target if expected == 200 else source)
        assert count_events(world.app) - events == (expected == 200)
        if expected == 409:
            assert answer.json["current"] == source
            assert answer.json["allowed"] == allowed_transitions(booking, person, instant)


@on_sqlite
def test_a_booking_is_nobody_elses_business(world: World) -> None:
    teacher = world.teacher()
    booking = world.booking(world.student(), world.gig(teacher))
    path = f"/api/bookings/{booking['id']}"

    for stranger in (world.student(), world.teacher()):
        assert stranger.get(path).status_code == 404
        assert stranger.get(f"{path}/history").status_code == 404
        assert stranger.patch(path, {"status": "cancelled"}).status_code == 404

    assert world.anyone.get(path).status_code == 401
    assert world.anyone.patch(path, json={"status": "cancelled"}).status_code == 401
    assert teacher.get("/api/bookings/999").status_code == 404
    assert teacher.patch("/api/bookings/999", {"status": "accepted"}).status_code == 404


@on_sqlite
def test_somebody_who_was_deactivated_does_nothing_any_more(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    booking = world.accepted(student, teacher, world.gig(teacher))
    path = f"/api/bookings/{booking['id']}"
    world.operator("accounts", "deactivate", teacher.email)

    assert teacher.patch(path, {"status": "cancelled"}).status_code == 401
    assert teacher.get("/api/bookings").status_code == 401
    assert status_of(world.app, booking["id"]) == "accepted"
    assert student.patch(path, {"status": "cancelled"}).status_code == 200


@on_sqlite
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"status": "done"},
        {"status": None},
        {"status": 1},
        {"status": ["accepted"]},
        {"status": "accepted", "reason": "x" * 2001},
        {"status": "accepted", "reason": "\0"},
        {"status": "accepted", "reason": 5},
        {"status": "accepted", "price_cents": 0},
        {"reason": "I would like to."},
        {"status": "accepted", "starts_at": "2026-12-01T10:00:00Z"},
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(world: World, body: dict[str, Any]) -> None:
    teacher = world.teacher()
    booking = world.booking(world.student(), world.gig(teacher))

    answer = teacher.patch(f"/api/bookings/{booking['id']}", body)

    assert answer.status_code == 422
    assert status_of(world.app, booking["id"]) == "pending"


def test_each_change_is_kept_in_the_history_with_its_reason(world: World, clock: FakeClock) -> None:
    student, teacher = world.student(name="Ada"), world.teacher(name="Grace")
    booking = world.accepted(student, teacher, world.gig(teacher))
    clock.advance(minutes=10)
    teacher.patch(f"/api/bookings/{booking['id']}", {"status": "cancelled", "reason": " I am ill. "})

    history = student.get(f"/api/bookings/{booking['id']}/history").json["data"]

    assert history == [
        _event(SATURDAY, student, "Ada", None, "pending"),
        _event(SATURDAY, teacher, "Grace", "pending", "accepted"),
        _event(SATURDAY + timedelta(minutes=10), teacher, "Grace", "accepted", "cancelled", "I am ill."),
    ]


@on_sqlite
def test_the_place_is_told_once_the_lesson_is_accepted(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    booking = world.booking(student, world.gig(teacher, location="Room 12"))
    path = f"/api/bookings/{booking['id']}"

    assert "location" not in student.get(path).json
    assert "location" not in teacher.get(path).json

    teacher.patch(path, {"status": "accepted"})

    assert student.get(path).json["location"] == "Room 12"
    assert world.admin().get(path).json["location"] == "Room 12"
    assert "location" not in student.get("/api/bookings").json["data"][0]

    student.patch(path, {"status": "cancelled"})

    assert "location" not in student.get(path).json


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(STATES), st.integers(0, 2)),
        min_size=1,
        max_size=7,
    )
)
def test_any_sequence_of_wishes_leaves_a_history_without_a_hole(
    walk_world: tuple[World, FakeClock, list[Person], dict[str, Any]], steps: list[tuple[int, str, int]]
) -> None:
    world, clock, people, gig = walk_world
    clock.instant = SATURDAY
    delete_bookings(world.app)
    path = f"/api/bookings/{world.booking(people[0], gig, starts_at=world.at(minutes=4))['id']}"
    for who, target, minutes in steps:
        clock.advance(minutes=minutes)
        person = people[who]
        offered = person.get(path).json["allowed_transitions"]

        answer = person.patch(path, {"status": target})

        assert (answer.status_code == 200) == (target in offered)

    admin = people[2]
    history = admin.get(f"{path}/history").json["data"]

    assert [event["from"] for event in history] == [None, *(event["to"] for event in history[:-1])]
    assert history[-1]["to"] == admin.get(path).json["status"]


@pytest.fixture
def walk_world(world: World, clock: FakeClock) -> tuple[World, FakeClock, list[Person], dict[str, Any]]:
    people = [world.student(), world.teacher(), world.admin()]
    return world, clock, people, world.gig(people[1])


def _event(at: Any, actor: Person, name: str, source: str | None, target: str, reason: str = "") -> dict[str, Any]:
    return {
        "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "actor": {"id": actor.id, "name": name},
        "from": source,
        "to": target,
        "what": "requested" if source is None else target,
        "reason": reason,
    }

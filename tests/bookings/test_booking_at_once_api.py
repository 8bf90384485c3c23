"""Gigs that confirm at once: what a student chooses is agreed on, and nobody is asked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import FakeClock
from tests.support.world import Person, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOON = "2026-11-23T12:00:00Z"


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher(name="Grace", time_zone="UTC")


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    return world.gig(teacher, confirmation="instant", free_cancellation_hours=72, late_cancellation_percent=50)


def test_a_booking_is_agreed_on_at_once(world: World, teacher: Person, gig: dict[str, Any]) -> None:
    student = world.student(name="Ada")

    booking = world.booking(student, gig, starts_at=NOON)

    assert (booking["status"], booking["allowed_transitions"]) == ("accepted", ["cancelled"])
    (event,) = teacher.get(f"/api/bookings/{booking['id']}/history").json["data"]
    assert (event["from"], event["to"], event["what"], event["actor"]["id"]) == (None, "accepted", "booked", student.id)
    assert teacher.get("/api/bookings").json["data"][0]["changed_for_you"]["what"] == "booked"


def test_so_is_every_lesson_of_a_series(world: World, gig: dict[str, Any]) -> None:
    body = {"gig_id": gig["id"], "starts_at": NOON, "weeks": 3, "on_conflict": "fail"}

    made = (student := world.student()).post("/api/bookings/series", body)

    assert made.status_code == 201, made.text
    assert {row["status"] for row in student.get("/api/bookings").json["data"]} == {"accepted"}


def test_a_place_of_the_waitlist_is_agreed_on_when_it_is_taken(
    world: World, teacher: Person, gig: dict[str, Any]
) -> None:
    first, second = world.student(), world.student()
    booking = world.booking(first, gig, starts_at=NOON)
    entry = second.post("/api/waitlist", {"gig_id": gig["id"], "starts_at": NOON}).json
    first.patch(f"/api/bookings/{booking['id']}", {"status": "cancelled"})

    taken = second.post(f"/api/waitlist/{entry['id']}/accept", {})

    assert taken.status_code == 200, taken.text
    assert second.get("/api/bookings").json["data"][0]["status"] == "accepted"


def test_a_teacher_still_proposes_and_the_student_answers(world: World, teacher: Person, gig: dict[str, Any]) -> None:
    student = world.student()
    world.booking(student, gig, starts_at=NOON)
    body = {"gig_id": gig["id"], "starts_at": "2026-11-24T12:00:00Z", "student_id": student.id}

    assert teacher.post("/api/bookings", body).json["status"] == "pending"


def test_a_students_move_is_agreed_on_at_once_and_leaves_a_fee_that_was_due(
    world: World, clock: FakeClock, teacher: Person, gig: dict[str, Any]
) -> None:
    student = world.student(name="Ada")
    booking = world.booking(student, gig, starts_at=NOON)
    path = f"/api/bookings/{booking['id']}"

    moved = student.patch(path, {"starts_at": "2026-12-07T12:00:00Z"})

    assert (moved.json["status"], moved.json["starts_at"], moved.json["move"]) == (
        *("accepted", "2026-12-07T12:00:00Z"),
        None,
    )
    # Cancelling was not free any more, and a move far ahead is no way around that.
    assert student.get(f"{path}/cancellation").json["fee_cents"] == 1500
    mark = teacher.get(path).json["changed_for_you"]
    assert (mark["what"], mark["from_starts_at"]) == ("moved", NOON)


def test_what_has_been_asked_before_still_waits_for_the_teacher(world: World, teacher: Person) -> None:
    student, gig = world.student(), world.gig(teacher)
    booking = world.booking(student, gig, starts_at=NOON)
    teacher.patch(f"/api/gigs/{gig['id']}", {"confirmation": "instant"})

    moved = student.patch(f"/api/bookings/{booking['id']}", {"starts_at": "2026-11-24T12:00:00Z"})

    assert moved.json["status"] == "pending"

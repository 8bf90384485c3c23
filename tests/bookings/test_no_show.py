"""Who does not come owes the price, unless the teacher lets them off or they could still object to the lesson."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import FakeClock
from tests.support.world import Person, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NO_SHOW = {"status": "no_show"}


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher()


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    return world.gig(teacher, price_cents=3000, free_cancellation_hours=24, late_cancellation_percent=50)


@pytest.fixture
def path(world: World, clock: FakeClock, teacher: Person, gig: dict[str, Any]) -> str:
    """A lesson that was agreed on and has begun."""
    lesson = world.accepted(world.student(), teacher, gig, starts_at=world.at(minutes=5))
    clock.advance(minutes=6)
    return f"/api/bookings/{lesson['id']}"


def test_a_no_show_leaves_the_price_owing(teacher: Person, path: str) -> None:
    before = teacher.get(path).json

    noted = teacher.patch(path, NO_SHOW)

    assert "cancellation_fee_cents" not in before
    assert (noted.status_code, noted.json["cancellation_fee_cents"]) == (200, 3000)


def test_the_teacher_lets_a_student_off(teacher: Person, path: str) -> None:
    noted = teacher.patch(path, NO_SHOW | {"waive_fee": True})

    assert (noted.json["status"], noted.json["cancellation_fee_cents"]) == ("no_show", 0)


def test_a_program_that_was_told_of_another_fee_changes_nothing(teacher: Person, path: str) -> None:
    refused = teacher.patch(path, NO_SHOW | {"fee_cents": 1500})
    noted = teacher.patch(path, NO_SHOW | {"fee_cents": 3000})

    assert (refused.status_code, refused.json["current"]) == (409, {"fee_cents": 3000})
    assert (noted.status_code, noted.json["cancellation_fee_cents"]) == (200, 3000)


def test_a_lesson_that_took_place_leaves_no_fee(teacher: Person, path: str) -> None:
    assert "cancellation_fee_cents" not in teacher.patch(path, {"status": "completed"}).json
    assert teacher.patch(path, {"status": "completed", "waive_fee": True}).status_code == 422


@pytest.mark.parametrize(("seen_before_hours", "fee"), [(None, 0), (2, 0), (30, 3000)])
def test_who_could_still_object_to_an_entered_lesson_owes_nothing(
    world: World, clock: FakeClock, teacher: Person, gig: dict[str, Any], seen_before_hours: int | None, fee: int
) -> None:
    student = world.student()
    world.past_lesson(student, gig)
    starts_at = clock() + timedelta(hours=40)
    body = {"gig_id": gig["id"], "student_id": student.id, "starts_at": world.at(hours=40), "agreed": True}
    entered = teacher.post("/api/bookings", body)
    assert entered.status_code == 201, entered.text
    path = f"/api/bookings/{entered.json['id']}"
    if seen_before_hours is not None:
        clock.instant = starts_at - timedelta(hours=seen_before_hours)
        assert world.sign_in(student).patch(path, {"seen": True}).status_code == 200
    clock.instant = starts_at + timedelta(minutes=1)

    noted = world.sign_in(teacher).patch(path, NO_SHOW)

    assert (noted.status_code, noted.json["cancellation_fee_cents"]) == (200, fee)


def test_who_is_absent_from_a_session_owes_the_price(world: World, clock: FakeClock, teacher: Person) -> None:
    choir = world.gig(teacher, times="timetable", capacity=4, price_cents=900)
    body = {"starts_at": world.at(minutes=5)}
    session = teacher.post(f"/api/gigs/{choir['id']}/sessions", body).json["data"][0]
    absent, present = (world.accepted(world.student(), teacher, choir, **body)["id"] for _ in range(2))
    clock.advance(minutes=6)

    held = teacher.patch(f"/api/sessions/{session['id']}", {"status": "held", "no_show": [absent]})

    assert held.status_code == 200, held.text
    assert teacher.get(f"/api/bookings/{absent}").json["cancellation_fee_cents"] == 900
    assert "cancellation_fee_cents" not in teacher.get(f"/api/bookings/{present}").json

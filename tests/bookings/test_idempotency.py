"""A booking that is sent twice with the same Idempotency-Key is one booking."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.bookings.rows import count_bookings
from tests.conftest import FakeClock
from tests.support.races import at_once
from tests.support.world import Person, World

KEY = {"Idempotency-Key": "monday-lesson"}


def test_the_same_key_gets_the_same_answer_and_no_second_booking(world: World) -> None:
    student, body = _student_and_body(world)
    first = student.post("/api/bookings", body, headers=KEY)

    again = student.post("/api/bookings", dict(reversed(body.items())), headers=KEY)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data
    assert again.headers["Idempotency-Replayed"] == "true"
    assert count_bookings(world.app) == 1


def test_the_answer_is_kept_even_if_the_booking_went_on(world: World) -> None:
    student, body = _student_and_body(world)
    first = student.post("/api/bookings", body, headers=KEY)
    student.patch(f"/api/bookings/{first.json['id']}", {"status": "cancelled"})

    assert student.post("/api/bookings", body, headers=KEY).json["status"] == "pending"
    assert count_bookings(world.app) == 1


def test_another_body_under_the_same_key_is_refused(world: World) -> None:
    student, body = _student_and_body(world)
    student.post("/api/bookings", body, headers=KEY)

    answer = student.post("/api/bookings", body | {"starts_at": world.at(days=2)}, headers=KEY)

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["Idempotency-Key"]
    assert count_bookings(world.app) == 1


def test_a_refusal_is_not_kept(world: World) -> None:
    student, body = _student_and_body(world)
    other = world.student()
    taken = world.booking(other, {"id": body["gig_id"]})
    refused = student.post("/api/bookings", body, headers=KEY)
    other.patch(f"/api/bookings/{taken['id']}", {"status": "cancelled"})

    answer = student.post("/api/bookings", body, headers=KEY)

    assert (refused.status_code, answer.status_code) == (409, 201)


def test_keys_of_different_people_have_nothing_to_do_with_each_other(world: World) -> None:
    student, body = _student_and_body(world)
    student.post("/api/bookings", body, headers=KEY)

    answer = world.student().post("/api/bookings", body | {"starts_at": world.at(days=2)}, headers=KEY)

    assert answer.status_code == 201


def test_a_key_is_forgotten_after_a_day(world: World, clock: FakeClock) -> None:
    student, body = _student_and_body(world)
    student.post("/api/bookings", body | {"starts_at": world.at(days=5)}, headers=KEY)
    clock.advance(hours=24, seconds=1)
    student = world.sign_in(student)

    answer = student.post("/api/bookings", body | {"starts_at": world.at(days=7)}, headers=KEY)

    assert answer.status_code == 201
    assert count_bookings(world.app) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_key_that_cannot_be_kept_is_refused(world: World, key: str) -> None:
    student, body = _student_and_body(world)

    assert student.post("/api/bookings", body, headers={"Idempotency-Key": key}).status_code == 422
    assert count_bookings(world.app) == 0


def test_the_same_key_at_once_makes_one_booking(world: World) -> None:
    student, body = _student_and_body(world)
    bodies = [body] * 20

    answers = at_once([partial(_post, world, student, body) for body in bodies])

    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {201, 409}
    assert statuses[201] >= 1
    assert len({answer.data for answer in answers if answer.status_code == 201}) == 1
    conflicts = {answer.json["type"] for answer in answers if answer.status_code == 409}
    assert conflicts <= {"/problems/request-in-flight"}
    assert count_bookings(world.app) == 1


def test_different_keys_at_once_are_different_wishes(world: World) -> None:
    student, body = _student_and_body(world)

    answers = at_once([partial(_post, world, student, body, key=f"key {number}") for number in range(10)])

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 9}
    assert {answer.json["type"] for answer in answers if answer.status_code == 409} == {"/problems/slot-taken"}


def _student_and_body(world: World) -> tuple[Person, dict[str, Any]]:
    gig = world.gig(world.teacher())
    tomorrow = (world.clock() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:00Z")
    return world.student(), {"gig_id": gig["id"], "starts_at": tomorrow, "note": "With the score."}


def _post(world: World, person: Person, body: dict[str, Any], *, key: str = "the key") -> TestResponse:
    headers = person.headers | {"Idempotency-Key": key}
    return world.anyone.post("/api/bookings", json=body, headers=headers)

"""One new status for many lessons: each has its own answer, and none stands in the way of another."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.bookings.rows import status_of
from tests.conftest import FakeClock
from tests.support.races import at_once
from tests.support.world import Person, World

MANY = "/api/bookings"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher()


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    return world.gig(teacher)


@on_sqlite
def test_each_lesson_is_answered_as_if_alone_in_the_order_asked(
    world: World, teacher: Person, gig: dict[str, Any]
) -> None:
    student = world.student()
    asked, own, over = (world.booking(student, gig, starts_at=world.at(days=day))["id"] for day in (3, 2, 1))
    student.patch(f"{MANY}/{over}", {"status": "cancelled"})
    foreign = world.booking(student, world.gig(world.teacher()), starts_at=world.at(days=4))["id"]
    propose = {"gig_id": gig["id"], "starts_at": world.at(days=5), "student_id": student.id}
    teacher.patch(f"{MANY}/{own}", {"status": "accepted"})
    proposed = teacher.post(MANY, propose).json["id"]

    answer = teacher.patch(MANY, {"ids": [over, asked, foreign, 2**40, proposed, asked], "status": "accepted"})

    assert answer.status_code == 200, answer.text
    assert answer.json["results"] == [
        {"id": over, "status": 409, "type": "/problems/wrong-state"},
        {"id": asked, "status": 200},
        {"id": foreign, "status": 404, "type": "/problems/not-found"},
        {"id": 2**40, "status": 404, "type": "/problems/not-found"},
        {"id": proposed, "status": 403, "type": "/problems/forbidden"},
    ]
    assert [status_of(world.app, it) for it in (over, asked, foreign, proposed)] == [
        *("cancelled", "accepted", "pending", "pending")
    ]


@on_sqlite
def test_a_day_is_cancelled_for_one_reason_and_costs_nobody_anything(
    world: World, teacher: Person, gig: dict[str, Any]
) -> None:
    dear = world.gig(teacher, late_cancellation_percent=100, free_cancellation_hours=48)
    students = [world.student() for _ in range(3)]
    ids = [
        world.accepted(person, teacher, dear, starts_at=world.at(days=1, hours=hour))["id"]
        for hour, person in enumerate(students)
    ]

    answer = teacher.patch(MANY, {"ids": ids, "status": "cancelled", "reason": "I am ill."})

    assert [result["status"] for result in answer.json["results"]] == [200] * 3
    for person, booking_id in zip(students, ids, strict=True):
        lesson = person.get(f"{MANY}/{booking_id}").json
        assert (lesson["status"], lesson["cancellation_fee_cents"]) == ("cancelled", 0)
        assert person.get(f"{MANY}/{booking_id}/history").json["data"][-1]["reason"] == "I am ill."


@on_sqlite
def test_sent_twice_nothing_happens_twice(world: World, teacher: Person, gig: dict[str, Any], clock: FakeClock) -> None:
    ids = [world.accepted(world.student(), teacher, gig, starts_at=world.at(hours=hour))["id"] for hour in (1, 2)]
    clock.advance(hours=4)
    teacher = world.sign_in(teacher)
    body = {"ids": ids, "status": "completed"}

    first, second = teacher.patch(MANY, body), teacher.patch(MANY, body)

    assert [result["status"] for result in first.json["results"]] == [200, 200]
    assert [result["status"] for result in second.json["results"]] == [409, 409]
    for booking_id in ids:
        history = teacher.get(f"{MANY}/{booking_id}/history").json["data"]
        assert [event["to"] for event in history] == ["pending", "accepted", "completed"]


def test_two_people_at_once_each_change_every_lesson_once(world: World, teacher: Person, gig: dict[str, Any]) -> None:
    student = world.student()
    ids = [world.booking(student, gig, starts_at=world.at(days=day))["id"] for day in range(1, 6)]

    answers = at_once(
        [
            partial(teacher.patch, MANY, {"ids": ids, "status": "accepted"}),
            partial(student.patch, MANY, {"ids": [*reversed(ids)], "status": "cancelled"}),
        ]
    )

    assert [answer.status_code for answer in answers] == [200, 200]
    for booking_id in ids:
        history = student.get(f"{MANY}/{booking_id}/history").json["data"]
        done = sum(
            result["status"] == 200 for a in answers for result in a.json["results"] if result["id"] == booking_id
        )
        # Who cancels what has just been accepted is not too late; who accepts what was cancelled is.
        assert len(history) == 1 + done
        assert status_of(world.app, booking_id) == history[-1]["to"]


@on_sqlite
@pytest.mark.parametrize(
    "body",
    [
        {"ids": [], "status": "cancelled"},
        {"ids": list(range(1, 102)), "status": "cancelled"},
        {"ids": [0], "status": "cancelled"},
        {"ids": ["1"], "status": "cancelled"},
        {"ids": [1]},
        {"ids": [1], "status": "gone"},
        {"ids": [1], "starts_at": "2027-03-01T16:00:00Z"},
        {"ids": [1], "status": "cancelled", "reason": "x" * 2001},
    ],
)
def test_what_makes_no_sense_is_refused_as_a_whole(teacher: Person, body: dict[str, Any]) -> None:
    assert teacher.patch(MANY, body).status_code == 422

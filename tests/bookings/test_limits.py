"""How much of other people's time one student, or one teacher, may hold before anybody has answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import FakeClock
from tests.support.races import at_once
from tests.support.world import Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """An application with small limits."""
    return make_app(max_open_requests=4, max_open_requests_per_teacher=3, max_open_series=1)


def ask(world: World, student: Person, gig: dict[str, Any], day: int) -> TestResponse:
    return student.post("/api/bookings", {"gig_id": gig["id"], "starts_at": world.at(days=day)})


def ask_weekly(world: World, student: Person, gig: dict[str, Any], day: int) -> TestResponse:
    body = {"gig_id": gig["id"], "starts_at": world.at(days=day), "weeks": 52}
    return student.post("/api/bookings/series", body)


def refused(answer: TestResponse) -> bool:
    return (answer.status_code, answer.json["type"]) == (409, "/problems/too-many-open")


@on_sqlite
def test_so_many_requests_are_open_with_one_teacher_and_in_all(world: World, clock: FakeClock) -> None:
    teacher, student = world.teacher(), world.student()
    gig, other = world.gig(teacher), world.gig(world.teacher())
    booked = [ask(world, student, gig, day) for day in (1, 2, 3)]

    assert refused(ask(world, student, gig, 4))
    assert ask(world, student, other, 5).status_code == 201
    assert refused(ask(world, student, other, 6))
    # What has been answered, either way, makes room.
    teacher.patch(f"/api/bookings/{booked[0].json['id']}", {"status": "accepted"})
    assert ask(world, student, gig, 7).status_code == 201
    # Others are not concerned.
    assert ask(world, world.student(), gig, 8).status_code == 201


@on_sqlite
def test_a_series_counts_as_one_request_and_there_are_few_of_them(world: World) -> None:
    student, gig = world.student(), world.gig(world.teacher())

    assert ask_weekly(world, student, gig, 1).status_code == 201
    assert refused(ask_weekly(world, student, world.gig(world.teacher()), 2))
    assert [ask(world, student, gig, day).status_code for day in (3, 4)] == [201, 201]
    assert refused(ask(world, student, gig, 5))


def test_two_requests_at_once_do_not_both_find_the_last_place(world: World) -> None:
    student, gig = world.student(), world.gig(world.teacher())

    answers = at_once([partial(ask, world, student, gig, day) for day in range(1, 9)])

    assert Counter(answer.status_code for answer in answers) == {201: 3, 409: 5}
    assert all(refused(answer) for answer in answers if answer.status_code == 409)


@on_sqlite
def test_a_place_of_the_waitlist_is_a_request_too(world: World) -> None:
    holder, student, gig = world.student(), world.student(), world.gig(world.teacher())
    taken = world.booking(holder, gig, starts_at=world.at(days=9))
    entry = student.post("/api/waitlist", {"gig_id": gig["id"], "starts_at": taken["starts_at"]}).json["id"]
    mine = [ask(world, student, gig, day).json["id"] for day in (1, 2, 3)]
    holder.patch(f"/api/bookings/{taken['id']}", {"status": "cancelled"})

    assert refused(student.post(f"/api/waitlist/{entry}/accept"))
    student.patch(f"/api/bookings/{mine[0]}", {"status": "cancelled"})
    assert student.post(f"/api/waitlist/{entry}/accept").status_code == 200


@on_sqlite
def test_an_administrator_answers_for_what_they_enter(world: World) -> None:
    student, admin, gig = world.student(), world.admin(), world.gig(world.teacher())
    body = {"gig_id": gig["id"], "student_id": student.id}

    answers = [admin.post("/api/bookings", body | {"starts_at": world.at(days=day)}) for day in range(1, 6)]

    assert {answer.status_code for answer in answers} == {201}


@on_sqlite
def test_a_teacher_proposes_so_much_to_a_student_who_does_not_answer(world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    world.past_lesson(student, gig)
    body = {"gig_id": gig["id"], "student_id": student.id}
    proposed = [teacher.post("/api/bookings", body | {"starts_at": world.at(days=day)}) for day in range(1, 11)]
    assert {answer.status_code for answer in proposed} == {201}

    assert refused(teacher.post("/api/bookings", body | {"starts_at": world.at(days=11)}))
    student.patch(f"/api/bookings/{proposed[0].json['id']}", {"status": "rejected"})
    assert teacher.post("/api/bookings", body | {"starts_at": world.at(days=11)}).status_code == 201


def test_what_is_agreed_on_at_once_is_bounded_by_the_same_numbers(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    gig, asking = world.gig(teacher, confirmation="instant"), world.gig(teacher)
    for day in range(3):
        world.booking(student, gig, starts_at=world.at(days=2 + day))

    refused = student.post("/api/bookings", {"gig_id": gig["id"], "starts_at": world.at(days=20)})

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/too-many-open")
    assert "3 lessons with this teacher ahead of you" in refused.json["detail"]
    assert world.booking(student, asking, starts_at=world.at(days=20))

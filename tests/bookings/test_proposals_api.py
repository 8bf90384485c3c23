"""Teachers propose lessons to students whom they know, and the students answer."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.bookings.rows import count_bookings
from tests.schedule.bodies import weekly
from tests.support.world import Person, World

EVENING = "2026-11-25T21:00:00Z"


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher(name="Grace", time_zone="UTC")


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    return world.gig(teacher)


@pytest.fixture
def student(world: World, gig: dict[str, Any]) -> Person:
    """Somebody who has had a lesson with the teacher."""
    student = world.student(name="Ada")
    world.past_lesson(student, gig)
    return student


def propose(teacher: Person, gig: dict[str, Any], student: Person | int, **changes: Any) -> TestResponse:
    student_id = student if isinstance(student, int) else student.id
    body = {"gig_id": gig["id"], "student_id": student_id, "starts_at": EVENING} | changes
    return teacher.post("/api/bookings", body)


def test_a_proposal_waits_for_the_student(world: World, teacher: Person, student: Person, gig: dict[str, Any]) -> None:
    answer = propose(teacher, gig, student, note="Shall we go on?")

    assert answer.status_code == 201
    proposed = {"status": "pending", "requested_by": "teacher", "note": "Shall we go on?", "starts_at": EVENING}
    assert answer.json.items() >= proposed.items()
    assert answer.json["allowed_transitions"] == ["cancelled"]
    path = f"/api/bookings/{answer.json['id']}"
    assert teacher.patch(path, {"status": "accepted"}).status_code == 403
    assert student.get(path).json["allowed_transitions"] == ["accepted", "rejected"]
    assert student.patch(path, {"status": "accepted"}).json["status"] == "accepted"
    history = student.get(f"{path}/history").json["data"]
    assert [(event["actor"]["name"], event["to"]) for event in history] == [("Grace", "pending"), ("Ada", "accepted")]


def test_a_student_who_moves_a_proposal_asks_the_teacher(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = propose(teacher, gig, student).json

    moved = student.patch(f"/api/bookings/{booking['id']}", {"starts_at": world.at(days=3)})

    assert (moved.json["status"], moved.json["requested_by"]) == ("pending", "student")
    assert teacher.patch(f"/api/bookings/{booking['id']}", {"status": "accepted"}).status_code == 200


def test_a_teacher_proposes_what_they_do_not_offer_but_never_over_another_lesson(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    rules = {"weekly": weekly("monday 09:00-12:00"), "minimum_notice_minutes": 9999, "max_per_day": 1}
    teacher.put("/api/teachers/me/availability", rules | {"buffer_after_minutes": 60})
    world.booking(student, world.gig(world.teacher()), starts_at="2026-11-26T21:00:00Z")

    assert propose(teacher, gig, student).status_code == 201
    assert propose(teacher, gig, student, starts_at="2026-11-25T21:45:00Z").status_code == 201
    for at in ("2026-11-25T21:30:00Z", "2026-11-26T20:30:00Z"):
        refused = propose(teacher, gig, student, starts_at=at)
        assert (refused.status_code, refused.json["type"]) == (409, "/problems/slot-taken")
    assert propose(teacher, gig, student, starts_at="2020-01-01T10:00:00Z").status_code == 422


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("status", "expected"),
    [("accepted", 201), ("completed", 201), ("no_show", 201), ("rejected", 422), ("cancelled", 422), ("expired", 422)],
)
def test_a_teacher_proposes_to_who_has_agreed_on_a_lesson_with_them(
    world: World, teacher: Person, gig: dict[str, Any], status: str, expected: int
) -> None:
    student = world.student()
    world.past_lesson(student, gig, status=status)

    assert propose(teacher, gig, student).status_code == expected


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_lesson_that_was_agreed_on_and_called_off_counts(world: World, teacher: Person, gig: dict[str, Any]) -> None:
    student = world.student()
    booking = world.accepted(student, teacher, gig)
    student.patch(f"/api/bookings/{booking['id']}", {"status": "cancelled"})

    assert propose(teacher, gig, student).status_code == 201


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_teacher_is_not_told_whose_lesson_is_in_the_way(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    theirs, own = "2026-11-26T21:00:00Z", "2026-11-27T21:00:00Z"
    world.booking(student, world.gig(world.teacher()), starts_at=theirs)
    world.booking(world.student(), gig, starts_at=own)
    pending = propose(teacher, gig, student).json

    proposed = [propose(teacher, gig, student, starts_at=at) for at in (theirs, own)]
    moved = [teacher.patch(f"/api/bookings/{pending['id']}", {"starts_at": at}) for at in (theirs, own)]

    answers = [*proposed, *moved]
    assert {(answer.status_code, answer.json["type"]) for answer in answers} == {(409, "/problems/slot-taken")}
    assert len({answer.data for answer in answers}) == 1


def test_strangers_cannot_be_told_apart_from_nobody(world: World, teacher: Person, gig: dict[str, Any]) -> None:
    stranger, other = world.student(), world.teacher()
    world.booking(stranger, world.gig(other))
    before = count_bookings(world.app)

    answers = [propose(teacher, gig, somebody) for somebody in (stranger, 999, other, world.admin(), teacher)]

    assert {answer.status_code for answer in answers} == {422}
    assert len({answer.data for answer in answers}) == 1
    assert list(answers[0].json["errors"]) == ["student_id"]
    assert count_bookings(world.app) == before


def test_teachers_propose_lessons_of_their_own_gigs(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    other = world.teacher()
    world.past_lesson(student, world.gig(other))
    before = count_bookings(world.app)

    assert propose(other, gig, student).status_code == 403
    assert propose(other, world.gig(teacher, status="draft"), student).status_code == 404
    assert propose(teacher, world.gig(teacher, status="draft"), student).status_code == 409
    assert teacher.post("/api/bookings", {"gig_id": gig["id"], "starts_at": EVENING}).status_code == 403
    assert count_bookings(world.app) == before


def test_nobody_proposes_to_a_student_who_has_left(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    world.operator("accounts", "deactivate", student.email)

    assert propose(teacher, gig, student).status_code == 422


def test_a_proposal_that_is_sent_twice_is_made_once(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    body = {"gig_id": gig["id"], "student_id": student.id, "starts_at": EVENING}

    ids = [teacher.post("/api/bookings", body, headers={"Idempotency-Key": "once"}).json["id"] for _ in range(2)]

    assert ids[0] == ids[1]


def test_both_lists_show_a_proposal_at_once(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    before = [len(person.get("/api/bookings").json["data"]) for person in (student, teacher)]

    propose(teacher, gig, student)

    assert before == [1, 1]
    assert [len(person.get("/api/bookings").json["data"]) for person in (student, teacher)] == [2, 2]

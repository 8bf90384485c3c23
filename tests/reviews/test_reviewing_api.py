"""Reviewing a lesson: who, when, and once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.races import at_once
from tests.support.world import Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_the_student_of_a_completed_lesson_reviews_it(world: World) -> None:
    student, teacher = world.student(name="Ada Lovelace"), world.teacher(name="Grace Hopper")
    lesson = world.past_lesson(student, world.gig(teacher))

    answer = student.post("/api/reviews", {"booking_id": lesson, "rating": 4, "comment": "  Clear 🎹  "})

    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == {
        "id": answer.json["id"],
        "booking_id": lesson,
        "rating": 4,
        "comment": "Clear 🎹",
        "reply": "",
        "reviewer": {"id": student.id, "name": "Ada Lovelace"},
        "reviewed": {"id": teacher.id, "name": "Grace Hopper"},
        "created_at": "2026-11-21T09:30:00Z",
    }


def test_a_lesson_is_reviewed_once(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    review = world.review(student, world.gig(teacher), rating=5)

    again = student.post(
        "/api/reviews", {"booking_id": review["booking_id"], "rating": 1, "comment": "Changed my mind"}
    )

    assert again.status_code == 409
    assert again.json["type"].endswith("/already-reviewed")
    assert _rating(world, teacher) == (5.0, 1)
    assert _reviews_of(world, teacher)[0]["rating"] == 5


@on_sqlite
def test_every_lesson_can_be_reviewed_by_itself(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher)

    for rating in (5, 4, 2):
        world.review(student, gig, rating=rating)

    assert _rating(world, teacher) == (3.67, 3)


def test_one_of_several_reviews_at_the_same_moment_wins_and_counts_once(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    lesson = world.past_lesson(student, world.gig(teacher))

    statuses = at_once([_attempt(world, student, lesson, 5) for _ in range(4)])

    assert sorted(statuses) == [201, 409, 409, 409]
    assert _rating(world, teacher) == (5.0, 1)
    assert len(_reviews_of(world, teacher)) == 1


def test_ratings_given_at_the_same_moment_all_count(world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)
    students = [world.student() for _ in range(4)]
    lessons = [world.past_lesson(student, gig) for student in students]

    given = zip(students, lessons, (5, 5, 4, 1), strict=True)
    statuses = at_once([_attempt(world, *review) for review in given])

    assert statuses == [201] * 4
    assert _rating(world, teacher) == (3.75, 4)


def test_the_same_idempotency_key_writes_one_review(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    body = {"booking_id": world.past_lesson(student, world.gig(teacher)), "rating": 5, "comment": "Great"}
    key = {"Idempotency-Key": "once"}

    first, second = (student.post("/api/reviews", body, headers=key) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert _rating(world, teacher) == (5.0, 1)


@on_sqlite
def test_only_a_completed_lesson_is_reviewed(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher)
    for status in ("pending", "accepted", "rejected", "cancelled", "expired", "no_show"):
        lesson = world.past_lesson(student, gig, status=status)

        answer = student.post("/api/reviews", {"booking_id": lesson, "rating": 5, "comment": "Great"})

        assert answer.status_code == 409
        assert (answer.json["type"], answer.json["current"]) == ("/problems/wrong-state", status)

    assert _rating(world, teacher) == (None, 0)


@on_sqlite
def test_only_its_student_reviews_a_lesson(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    body = {"booking_id": world.past_lesson(student, world.gig(teacher)), "rating": 1, "comment": "Not mine"}

    statuses = {
        "another student": world.student().post("/api/reviews", body).status_code,
        "the teacher": teacher.post("/api/reviews", body).status_code,
        "another teacher": world.teacher().post("/api/reviews", body).status_code,
        "an administrator": world.admin().post("/api/reviews", body).status_code,
        "nobody": world.anyone.post("/api/reviews", json=body).status_code,
        "an unknown lesson": student.post("/api/reviews", body | {"booking_id": 2**63 - 1}).status_code,
    }

    assert statuses == {
        "another student": 404,
        "the teacher": 403,
        "another teacher": 403,
        "an administrator": 403,
        "nobody": 401,
        "an unknown lesson": 404,
    }
    assert _rating(world, teacher) == (None, 0)


def test_its_student_changes_a_review_and_its_teacher_has_not_read_it_then(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher)
    review = world.review(student, gig, rating=2, comment="A slow start.")
    world.review(world.student(), gig, rating=5)
    path = f"/api/reviews/{review['id']}"
    teacher.patch(path, {"read": True, "reply": "Let us talk."})

    answer = student.patch(path, {"rating": 4})

    assert (answer.status_code, answer.json["rating"], answer.json["comment"]) == (200, 4, "A slow start.")
    assert answer.json["reply"] == "Let us talk."
    assert _rating(world, teacher) == (4.5, 2)
    unread = teacher.get(f"/api/reviews?user_id={teacher.id}&filter=unread").json["data"]
    assert review["id"] in [row["id"] for row in unread]


@on_sqlite
def test_a_review_is_changed_by_nobody_but_its_student(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    path = f"/api/reviews/{world.review(student, world.gig(teacher), rating=2)['id']}"

    answers = [
        person.patch(path, body).status_code
        for person, body in (
            (teacher, {"rating": 5}),
            (teacher, {"read": True, "comment": "Wonderful"}),
            (world.student(), {"rating": 5}),
            (world.admin(), {"rating": 5}),
            (student, {"rating": 5, "reply": "Thank you"}),
            (student, {"rating": 6}),
        )
    ]

    assert answers == [422, 422, 403, 403, 403, 422]
    assert _rating(world, teacher) == (2.0, 1)


def test_a_review_that_is_changed_twice_at_the_same_moment_counts_once(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    path = f"/api/reviews/{world.review(student, world.gig(teacher), rating=1)['id']}"

    def change(rating: int) -> Callable[[], int]:
        client = world.anyone
        return lambda: client.patch(path, json={"rating": rating}, headers=student.headers).status_code

    statuses = at_once([change(rating) for rating in (3, 4, 5)])

    assert statuses == [200, 200, 200]
    assert _rating(world, teacher) == (_reviews_of(world, teacher)[0]["rating"], 1)


@on_sqlite
def test_the_teacher_replies_and_marks_as_read(world: World) -> None:
    student, teacher = world.student(name="Ada Lovelace"), world.teacher()
    review = world.review(student, world.gig(teacher))

    answer = teacher.patch(f"/api/reviews/{review['id']}", {"read": True, "reply": "  Thank you!  "})

    assert answer.status_code == 200
    assert answer.json == review | {"reply": "Thank you!", "reviewer": {"id": student.id, "name": "Ada L."}}
    assert teacher.get(f"/api/reviews?user_id={teacher.id}&filter=unread").json["data"] == []


@on_sqlite
def test_reading_and_replying_are_independent(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    path = f"/api/reviews/{world.review(student, world.gig(teacher))['id']}"
    unread = f"/api/reviews?user_id={teacher.id}&filter=unread"

    assert teacher.patch(path, {"reply": "Thank you!"}).json["reply"] == "Thank you!"
    assert [review["reply"] for review in teacher.get(unread).json["data"]] == ["Thank you!"]
    assert teacher.patch(path, {"read": True}).json["reply"] == "Thank you!"
    assert teacher.get(unread).json["data"] == []
    assert teacher.patch(path, {"reply": ""}).json["reply"] == ""
    assert teacher.patch(path, {}).status_code == 200


@on_sqlite
def test_only_the_reviewed_teacher_answers(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    path = f"/api/reviews/{world.review(student, world.gig(teacher))['id']}"
    body = {"reply": "I am not the teacher", "read": True}

    statuses = [person.patch(path, body).status_code for person in (student, world.teacher(), world.admin())]

    assert statuses == [403] * 3
    assert world.anyone.patch(path, json=body).status_code == 401
    assert teacher.patch("/api/reviews/4711", body).status_code == 404
    assert teacher.patch(f"/api/reviews/{2**63}", body).status_code == 404
    (unread,) = teacher.get(f"/api/reviews?user_id={teacher.id}&filter=unread").json["data"]
    assert unread["reply"] == ""


def _attempt(world: World, student: Person, lesson: int, rating: int) -> Callable[[], int]:
    """A request to be sent later, by a client of its own."""
    body = {"booking_id": lesson, "rating": rating, "comment": ""}
    client = world.anyone
    return lambda: client.post("/api/reviews", json=body, headers=student.headers).status_code


def _rating(world: World, teacher: Person) -> tuple[float | None, int]:
    profile = world.anyone.get(f"/api/users/{teacher.id}").json
    return profile["rating"], profile["review_count"]


def _reviews_of(world: World, teacher: Person) -> list[dict[str, object]]:
    data: list[dict[str, object]] = world.anyone.get(f"/api/reviews?user_id={teacher.id}").json["data"]
    return data

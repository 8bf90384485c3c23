"""Bad input gets a clear 4xx and changes nothing."""

from __future__ import annotations

from typing import Any

from tests.support.cursors import forged_cursor
from tests.support.world import World

BAD_REVIEWS: list[tuple[str, Any]] = [
    ("booking_id", None),
    ("booking_id", "1"),
    ("booking_id", 0),
    ("booking_id", -1),
    ("booking_id", 2**63),
    ("booking_id", 1.5),
    ("booking_id", True),
    ("booking_id", [1]),
    ("rating", 0),
    ("rating", 6),
    ("rating", "5"),
    ("rating", 4.5),
    ("rating", True),
    ("rating", None),
    ("comment", "x" * 5_001),
    ("comment", "a\0b"),
    ("comment", 5),
    ("comment", None),
    ("comment", {"text": "Great"}),
    ("student_id", 1),
    ("reply", "From me to me"),
]

BAD_ANSWERS: list[dict[str, Any]] = [
    {"read": False},
    {"read": 1},
    {"read": "true"},
    {"read": None},
    {"reply": None},
    {"reply": 1},
    {"reply": "x" * 5_001},
    {"reply": "a\0b"},
    {"rating": 5},
    {"comment": "Better"},
]

BAD_QUERIES: list[dict[str, str]] = [
    {},
    {"user_id": "0"},
    {"user_id": str(2**63)},
    {"user_id": "me"},
    {"user_id": "1", "filter": "best"},
    {"user_id": "1", "filter": ""},
    {"user_id": "1", "limit": "101"},
    {"user_id": "1", "cursor": "nonsense"},
    {"user_id": "1", "cursor": forged_cursor(["price", 1, 1])},
    {"user_id": "1", "sort": "newest"},
]


def test_a_bad_review_is_refused_by_name(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    good = {"booking_id": world.past_lesson(student, world.gig(teacher)), "rating": 5, "comment": "Great"}

    for field, value in BAD_REVIEWS:
        answer = student.post("/api/reviews", good | {field: value})

        assert (answer.status_code, answer.mimetype) == (422, "application/problem+json"), (field, value)
        assert list(answer.json["errors"]) == [field], (field, value)

    assert world.anyone.get(f"/api/reviews?user_id={teacher.id}").json["data"] == []
    assert world.anyone.get(f"/api/users/{teacher.id}").json["review_count"] == 0


def test_a_review_needs_a_lesson_and_a_rating(world: World) -> None:
    answer = world.student().post("/api/reviews", {})

    assert answer.status_code == 422
    assert sorted(answer.json["errors"]) == ["booking_id", "rating"]


def test_a_bad_answer_is_refused(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    review = world.review(student, world.gig(teacher))

    for body in BAD_ANSWERS:
        answer = teacher.patch(f"/api/reviews/{review['id']}", body)

        assert answer.status_code == 422, body
        assert list(answer.json["errors"]) == list(body)

    (unread,) = teacher.get(f"/api/reviews?user_id={teacher.id}&filter=unread").json["data"]
    assert (unread["rating"], unread["comment"], unread["reply"]) == (5, "Clear and patient.", "")


def test_a_bad_query_is_refused(world: World) -> None:
    teacher = world.teacher()

    for query in BAD_QUERIES:
        query = query | ({"user_id": str(teacher.id)} if query.get("user_id") == "1" else {})
        answer = world.anyone.get("/api/reviews", query_string=query)

        assert answer.status_code == 422, query
        assert answer.json["errors"], query


def test_a_cursor_far_outside_is_an_empty_page(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    world.review(student, world.gig(teacher))
    cursor = forged_cursor(["newest", -(2**63) + 1, -(2**63) + 1])

    answer = world.anyone.get(f"/api/reviews?user_id={teacher.id}&cursor={cursor}")

    assert (answer.status_code, answer.json["data"]) == (200, [])

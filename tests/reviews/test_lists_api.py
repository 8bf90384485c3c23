"""Lists of reviews: who sees which, in what order, and how they go out."""

from __future__ import annotations

from typing import Any

import pytest

from support.queries import count_commands, count_queries
from support.servers import RedisServer
from tests.support.world import Person, World


def test_anybody_reads_a_teachers_reviews_by_students_short_names(world: World) -> None:
    student, teacher = world.student(name="Ada King Lovelace"), world.teacher(name="Grace Hopper")
    review = world.review(student, world.gig(teacher))
    world.review(student, world.gig(world.teacher()))

    for reader in (world.anyone, world.student(), teacher, world.admin()):
        assert reader.get(f"/api/reviews?user_id={teacher.id}").json["data"] == [
            review | {"reviewer": {"id": student.id, "name": "Ada L."}}
        ]


def test_the_newest_review_comes_first(world: World, clock: Any) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher)
    first, second = world.review(student, gig)["id"], world.review(student, gig)["id"]
    clock.advance(minutes=1)
    third = world.review(student, gig)["id"]

    assert _ids(world.anyone, f"/api/reviews?user_id={teacher.id}") == [third, second, first]
    assert _ids(student, f"/api/reviews/by/{student.id}") == [third, second, first]


def test_recent_means_the_last_30_days(world: World, clock: Any) -> None:
    student, teacher = world.student(), world.teacher()
    recent = f"/api/reviews?user_id={teacher.id}&filter=recent"
    review = world.review(student, world.gig(teacher))["id"]

    assert _ids(world.anyone, recent) == [review]
    clock.advance(days=29, hours=23)
    assert _ids(world.anyone, recent) == [review]
    clock.advance(hours=2)
    assert _ids(world.anyone, recent) == []
    assert _ids(world.anyone, f"/api/reviews?user_id={teacher.id}&filter=all") == [review]


def test_one_answer_serves_the_recent_reviews_of_an_hour(world: World, clock: Any) -> None:
    recent = f"/api/reviews?user_id={world.teacher().id}&filter=recent"
    world.anyone.get(recent)

    clock.advance(minutes=29)
    same_hour = world.anyone.get(recent)
    clock.advance(minutes=1)
    next_hour = world.anyone.get(recent)

    assert (same_hour.headers["X-Cache"], next_hour.headers["X-Cache"]) == ("HIT", "MISS")


def test_unread_reviews_are_for_their_teacher_alone(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher)
    read, unread = world.review(student, gig)["id"], world.review(student, gig)["id"]
    teacher.patch(f"/api/reviews/{read}", {"read": True})
    path = f"/api/reviews?user_id={teacher.id}&filter=unread"

    assert _ids(teacher, path) == [unread]
    assert [person.get(path).status_code for person in (student, world.teacher(), world.admin())] == [403] * 3
    assert world.anyone.get(path).status_code == 401


def test_what_a_student_wrote_is_for_them_and_administrators(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    review = world.review(student, world.gig(teacher))
    world.review(world.student(), world.gig(teacher))
    path = f"/api/reviews/by/{student.id}"

    assert student.get(path).json["data"] == [review]
    assert world.admin().get(path).json["data"] == [review]
    assert [person.get(path).status_code for person in (teacher, world.student())] == [404] * 2
    assert world.anyone.get(path).status_code == 401
    assert world.admin().get("/api/reviews/by/4711").status_code == 404


@pytest.mark.parametrize("user_id", [4711, 2**63 - 1])
def test_there_are_no_reviews_of_somebody_unknown(world: World, user_id: int) -> None:
    for name in ("all", "recent"):
        assert world.anyone.get(f"/api/reviews?user_id={user_id}&filter={name}").status_code == 404


def test_there_are_no_reviews_of_a_student(world: World) -> None:
    student = world.student()

    assert world.anyone.get(f"/api/reviews?user_id={student.id}").status_code == 404
    assert student.get(f"/api/reviews?user_id={student.id}&filter=unread").status_code == 404


def test_pages_show_every_review_once(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher)
    ids = [world.review(student, gig)["id"] for _ in range(7)][::-1]

    for reader, path in (
        (world.anyone, f"/api/reviews?user_id={teacher.id}&"),
        (student, f"/api/reviews/by/{student.id}?"),
    ):
        assert _walk(reader, path, limit=3) == ids
        assert _walk(reader, path, limit=7) == ids


def test_lists_carry_the_headers_of_cached_answers(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    world.review(student, world.gig(teacher))

    for reader, path in (
        (world.anyone, f"/api/reviews?user_id={teacher.id}"),
        (teacher, f"/api/reviews?user_id={teacher.id}&filter=unread"),
        (student, f"/api/reviews/by/{student.id}"),
    ):
        first, second = reader.get(path), reader.get(path)
        assert [answer.headers["X-Cache"] for answer in (first, second)] == ["MISS", "HIT"]
        assert [answer.json["cached"] for answer in (first, second)] == [False, True]
        assert second.headers["Cache-Control"] == "private, no-cache"
        assert second.headers["Vary"] == "Authorization, Cookie"
        assert reader.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_a_list_costs_three_statements_at_most_and_from_the_cache_one_redis_command(
    world: World, redis_server: RedisServer
) -> None:
    student, teacher = world.student(), world.teacher()
    world.review(student, world.gig(teacher))
    for person in (student, teacher):
        person.get("/api/users/me")

    for reader, path in (
        (world.anyone, f"/api/reviews?user_id={teacher.id}&filter=recent"),
        (teacher, f"/api/reviews?user_id={teacher.id}&filter=unread"),
        (student, f"/api/reviews/by/{student.id}"),
    ):
        with count_queries() as missed:
            assert reader.get(path).headers["X-Cache"] == "MISS"
        with count_queries() as statements, count_commands(redis_server) as commands:
            assert reader.get(path).headers["X-Cache"] == "HIT"
        assert len(missed) <= 3
        assert (statements, commands) == ([], ["mget"])


def _ids(reader: Any, path: str) -> list[int]:
    return [review["id"] for review in reader.get(path).json["data"]]


def _walk(reader: Person | Any, path: str, *, limit: int) -> list[int]:
    """Follow the cursors from the first page to the last."""
    page = reader.get(f"{path}limit={limit}").json
    found = [review["id"] for review in page["data"]]
    while page["next_cursor"]:
        page = reader.get(f"{path}limit={limit}&cursor={page['next_cursor']}").json
        found += [review["id"] for review in page["data"]]
    return found

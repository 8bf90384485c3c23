"""A teacher's students: whom the list has, what it counts, and that it is right at any moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from support.monitor import monitor
from support.queries import count_queries
from support.servers import RedisServer
from tests.bookings.rows import insert_booking, set_booking
from tests.conftest import FakeClock
from tests.support.world import Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_teacher_sees_their_own_students_by_name_and_administrators_all(world: World) -> None:
    teacher, other, admin = world.teacher(), world.teacher(), world.admin()
    for name, whose in (("Zoe Adler", teacher), ("anna Berg", teacher), ("Ben Cole", other)):
        world.past_lesson(world.student(name=name), world.gig(whose))
    world.student(name="Nobody's Student")

    lists = [names(person) for person in (teacher, other, admin)]

    assert lists == [["anna Berg", "Zoe Adler"], ["Ben Cole"], ["anna Berg", "Ben Cole", "Zoe Adler"]]
    assert names(teacher, "?q=ZO") == ["Zoe Adler"]
    assert names(teacher, "?q=%25") == []


def test_capitals_of_any_alphabet_are_found_and_sorted(world: World) -> None:
    teacher = world.teacher()
    for name in ("Özlem Kaya", "émile Roux", "Émile Zola"):
        world.past_lesson(world.student(name=name), world.gig(teacher))

    assert names(teacher, "?q=özl") == ["Özlem Kaya"]
    assert [name for name in names(teacher) if "mile" in name] == ["émile Roux", "Émile Zola"]


def test_the_list_has_pages(world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)
    # Two of the same name, so that the name alone does not say where a page ends.
    for number, name in enumerate(["Cleo", "Ada", "Ben", "Ada"]):
        world.booking(world.student(name=name), gig, starts_at=world.at(days=number + 1))

    first = teacher.get("/api/students?limit=2").json
    second = teacher.get(f"/api/students?limit=2&cursor={first['next_cursor']}").json

    assert [row["name"] for row in first["data"] + second["data"]] == ["Ada", "Ada", "Ben", "Cleo"]
    assert len({row["id"] for row in first["data"] + second["data"]}) == 4
    assert second["next_cursor"] is None


def test_each_change_of_a_booking_is_counted_at_once(world: World, clock: FakeClock) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher)
    tomorrow, next_week = world.at(days=1), world.at(days=7)
    requests = [world.booking(student, gig, starts_at=at) for at in (tomorrow, next_week)]
    asked = glance(teacher)
    for request in requests:
        teacher.patch(f"/api/bookings/{request['id']}", {"status": "accepted"})
    agreed = glance(teacher)

    # Nothing is written: the clock alone passes the lesson's beginning.
    clock.advance(days=1)
    teacher = world.sign_in(teacher)
    begun = glance(teacher)
    teacher.patch(f"/api/bookings/{requests[0]['id']}", {"status": "completed"})
    completed = glance(teacher)
    student = world.sign_in(student)
    student.patch(f"/api/bookings/{requests[1]['id']}", {"status": "cancelled"})
    cancelled = glance(teacher)

    assert asked == {"lessons": 0, "next": None, "last": None, "open": 2}
    assert agreed == {"lessons": 2, "next": tomorrow, "last": None, "open": 0}
    assert begun == {"lessons": 2, "next": next_week, "last": tomorrow, "open": 1}
    assert completed == {"lessons": 2, "next": next_week, "last": tomorrow, "open": 0}
    assert cancelled == {"lessons": 1, "next": None, "last": tomorrow, "open": 0}


def test_the_clock_makes_no_cached_list_wrong(world: World, clock: FakeClock) -> None:
    student, teacher = world.student(), world.teacher()
    world.accepted(student, teacher, world.gig(teacher), starts_at=world.at(minutes=5))
    before = glance(teacher)
    etag = teacher.get("/api/students").headers["ETag"]

    clock.advance(minutes=5)

    answer = teacher.get("/api/students", headers={"If-None-Match": etag})
    assert before["open"] == 0
    assert answer.json["cached"] is True
    assert answer.json["data"][0]["open"] == 1


@on_sqlite
def test_a_wish_for_another_time_is_open_and_the_lesson_is_still_next(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    lesson = world.accepted(student, teacher, world.gig(teacher), starts_at=world.at(days=2))
    agreed, later = glance(teacher), world.clock() + timedelta(days=3)

    wish = {"move_starts_at": later, "move_ends_at": later + timedelta(minutes=45), "move_seat": 1}
    set_booking(world.app, lesson["id"], **wish, move_asked_by="student", move_asked_at=world.clock())

    assert agreed == {"lessons": 1, "next": world.at(days=2), "last": None, "open": 0}
    assert glance(teacher) == agreed | {"open": 1}


@on_sqlite
def test_proposals_and_what_did_not_take_place_are_neither_open_nor_lessons(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher)
    world.past_lesson(student, gig, status="no_show")
    world.past_lesson(student, gig, status="cancelled")
    world.past_lesson(student, gig)
    world.booking(teacher, gig, student_id=student.id)

    found = glance(teacher)
    assert (found["lessons"], found["next"], found["open"]) == (1, None, 0)


@on_sqlite
def test_a_rename_and_a_closed_account_are_seen_at_once(world: World) -> None:
    student, teacher = world.student(name="Ada"), world.teacher()
    world.past_lesson(student, world.gig(teacher))
    names(teacher)

    student.patch("/api/users/me", {"name": "Ada King"})
    renamed = names(teacher)
    world.operator("accounts", "deactivate", student.email)
    detail = teacher.get(f"/api/students/{student.id}").json

    assert renamed == names(teacher) == ["Ada King"]
    assert (detail["active"], detail["email"], detail["lessons"]) == (False, None, 1)


def test_a_students_page_has_their_lessons_and_an_address_once_a_lesson_was_agreed_on(
    world: World, clock: FakeClock
) -> None:
    student, teacher, other = world.student(), world.teacher(), world.teacher()
    gig = world.gig(teacher)
    past = world.past_lesson(student, gig)
    world.past_lesson(student, world.gig(other))
    stranger = world.student()
    coming = [world.booking(student, gig, starts_at=world.at(days=days))["id"] for days in (2, 1)]
    world.booking(stranger, gig, starts_at=world.at(days=3))

    known = teacher.get(f"/api/students/{student.id}").json
    unknown = teacher.get(f"/api/students/{stranger.id}").json

    assert [row["id"] for row in known["next_lessons"]] == coming[::-1]
    assert [row["id"] for row in known["last_lessons"]] == [past]
    assert (known["email"], known["time_zone"], known["open"]) == (student.email, "Europe/Berlin", 2)
    assert unknown["email"] is None


@on_sqlite
def test_administrators_see_a_student_with_all_teachers_and_without_any(world: World) -> None:
    student, newcomer, admin = world.student(), world.student(), world.admin()
    for _ in range(2):
        world.past_lesson(student, world.gig(world.teacher()))

    assert admin.get(f"/api/students/{student.id}").json["lessons"] == 2
    assert admin.get(f"/api/students/{newcomer.id}").json["email"] == newcomer.email


@pytest.mark.middleware_not_compared
def test_a_hit_is_one_redis_command_and_a_miss_three_statements_whatever_the_page_size(
    world: World, redis_server: RedisServer
) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)
    for number in range(12):
        student = world.student()
        for week in range(5):
            at = world.clock() + timedelta(days=7 * week, hours=number)
            insert_booking(world.app, student, gig, at, status="accepted")
    teacher.get("/api/users/me")

    costs = []
    for limit in (1, 12):
        with count_queries() as statements:
            assert len(teacher.get(f"/api/students?limit={limit}").json["data"]) == limit
        costs.append(len(statements))
    with monitor(redis_server) as commands, count_queries() as statements:
        hit = teacher.get("/api/students?limit=12")

    assert costs == [3, 3]
    assert hit.json["cached"] is True
    assert [command.split()[0] for command in commands] == ["MGET"]
    assert statements == []


def names(person: Person, query: str = "") -> list[str]:
    return [student["name"] for student in person.get(f"/api/students{query}").json["data"]]


def glance(teacher: Person) -> dict[str, Any]:
    """What the list says of the only student."""
    (student,) = teacher.get("/api/students").json["data"]
    return {name: student[name] for name in ("lessons", "next", "last", "open")}

"""Leaderboards: only of people who want it, in the right order, and students under their short names."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bookings.rows import insert_booking
from tests.support.world import Person, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TEACHERS, STUDENTS = "/api/reports/leaderboards/teachers", "/api/reports/leaderboards/students"
YEAR = "?period=year"


def rows(reader: Person, path: str) -> list[dict[str, Any]]:
    answer = reader.get(path + YEAR)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json["data"]
    return data


def names(reader: Person, path: str) -> list[str]:
    return [row["person"]["name"] for row in rows(reader, path)]


def lessons(world: World, student: Person, teacher: Person, number: int) -> None:
    gig = world.gig(teacher)
    for _ in range(number):
        world.past_lesson(student, gig)


def join(*people: Person) -> None:
    for person in people:
        assert person.patch("/api/users/me", {"in_leaderboards": True}).json["in_leaderboards"] is True


def test_only_people_who_want_it_are_in_one_and_it_follows_at_once(world: World) -> None:
    ada, ben, mia = world.teacher(), world.teacher(), world.student()
    lessons(world, mia, ada, 1)
    lessons(world, mia, ben, 2)

    at_first = names(mia, TEACHERS)
    join(ada)
    with_ada = names(mia, TEACHERS)
    join(ben)
    with_both = names(mia, TEACHERS)
    ada.patch("/api/users/me", {"name": "Ada King"})
    renamed = names(mia, TEACHERS)
    lessons(world, mia, ada, 2)
    overtaken = rows(mia, TEACHERS)
    ben.patch("/api/users/me", {"in_leaderboards": False})

    assert ada.get("/api/users/me").json["in_leaderboards"] is True
    assert (at_first, with_ada, with_both) == ([], [ada.name], [ben.name, ada.name])
    assert renamed == [ben.name, "Ada King"]
    assert [(row["rank"], row["lessons"], row["hours"], row["people"]) for row in overtaken] == [
        (1, 3, 2.25, 1),
        (2, 2, 1.5, 1),
    ]
    assert names(mia, TEACHERS) == ["Ada King"]


def test_equal_numbers_share_a_place(world: World) -> None:
    teachers, mia = [world.teacher() for _ in range(3)], world.student()
    for teacher, number in zip(teachers, (2, 2, 1), strict=True):
        lessons(world, mia, teacher, number)
    join(*teachers)

    assert [row["rank"] for row in rows(mia, TEACHERS)] == [1, 1, 3]


def test_students_are_strangers_to_those_who_have_nothing_to_do_with_them(world: World) -> None:
    ada, ben, admin = world.teacher(), world.teacher(), world.admin()
    mia, olga = world.student(name="Mia Marie Curie"), world.student(name="Olga Lane")
    lessons(world, mia, ada, 1)
    join(mia, olga)

    seen = {reader.name: rows(reader, STUDENTS)[0]["person"] for reader in (ada, ben, admin, mia, olga)}

    short, whole = {"id": None, "name": "Mia C."}, {"id": mia.id, "name": "Mia Marie Curie"}
    assert seen == {ada.name: whole, ben.name: short, admin.name: whole, mia.name: whole, olga.name: short}
    as_csv = ben.get(f"{STUDENTS}{YEAR}&format=csv").text
    assert "Mia C." in as_csv
    assert "Curie" not in as_csv


def test_who_leaves_is_in_none(world: World) -> None:
    ada, mia = world.teacher(), world.student()
    lessons(world, mia, ada, 1)
    join(ada)
    before = names(mia, TEACHERS)

    world.operator("accounts", "deactivate", ada.email)

    assert (before, names(mia, TEACHERS)) == ([ada.name], [])


def test_only_completed_lessons_of_the_period_count(world: World) -> None:
    ada, mia = world.teacher(), world.student()
    gig = world.gig(ada)
    for status in ("completed", "no_show", "cancelled"):
        insert_booking(world.app, mia, gig, world.clock(), status=status)
    join(ada)

    this_year, long_ago = rows(mia, TEACHERS), mia.get(f"{TEACHERS}{YEAR}&date=2020-01-01").json["data"]

    assert [row["lessons"] for row in this_year] == [1]
    assert long_ago == []
    assert world.anyone.get(TEACHERS).status_code == 401
    assert mia.get(f"{TEACHERS}?period=decade").status_code == 422

"""After every change, whoever is concerned sees it in the next answer, from every application over the same data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.conftest import FakeClock
from tests.support.world import Person, World


@pytest.fixture
def other_app(world: World, make_app: Callable[..., Flask]) -> Flask:
    """A second application over the same database and Redis, as another worker process is."""
    return make_app()


def test_a_new_booking_stands_in_every_list_at_once_even_where_an_empty_one_was_kept(
    world: World, other_app: Flask
) -> None:
    student, teacher, admin = world.student(), world.teacher(), world.admin()
    people = (student, teacher, admin)
    gig = world.gig(teacher)
    empty = [_list(app, person) for app in (world.app, other_app) for person in people]

    booking = world.booking(student, gig)

    assert empty == [[]] * 6
    for app in (world.app, other_app):
        for person in people:
            assert [row["id"] for row in _list(app, person)] == [booking["id"]]


@pytest.mark.parametrize(
    "steps",
    [
        [("student", "cancelled")],
        [("teacher", "rejected")],
        [("teacher", "accepted"), ("student", "cancelled")],
        [("teacher", "accepted"), ("teacher", "completed")],
        [("admin", "accepted"), ("admin", "no_show")],
    ],
)
def test_each_step_is_seen_by_both_sides_and_by_administrators(
    world: World, other_app: Flask, clock: FakeClock, steps: list[tuple[str, str]]
) -> None:
    people = {"student": world.student(), "teacher": world.teacher(), "admin": world.admin()}
    booking = world.booking(people["student"], world.gig(people["teacher"]), starts_at=world.at(minutes=5))

    for who, status in steps:
        _fill_all_lists(people, world.app, other_app)
        clock.advance(minutes=5 if status in ("completed", "no_show") else 1)

        changed = people[who].patch(f"/api/bookings/{booking['id']}", {"status": status})

        assert changed.status_code == 200
        for app in (world.app, other_app):
            for person in people.values():
                assert _list(app, person)[0]["status"] == status
                assert _list(app, person, "status=pending") == []


def test_what_the_other_application_changed_is_seen_here(world: World, other_app: Flask) -> None:
    student, teacher = world.student(), world.teacher()
    booking = world.booking(student, world.gig(teacher))
    _list(world.app, student)

    answer = other_app.test_client(use_cookies=False).patch(
        f"/api/bookings/{booking['id']}", json={"status": "accepted"}, headers=teacher.headers
    )

    assert answer.status_code == 200
    assert _list(world.app, student)[0]["status"] == "accepted"


def test_lists_of_others_stay_in_the_cache(world: World) -> None:
    student, other, teacher = world.student(), world.student(), world.teacher()
    gig = world.gig(teacher)
    _list(world.app, other)

    world.booking(student, gig)

    assert other.get("/api/bookings").json["cached"] is True


def test_a_rename_reaches_the_lists_of_everybody_who_shares_a_booking(world: World) -> None:
    student, teacher, admin = world.student(name="Ada"), world.teacher(name="Grace"), world.admin()
    world.booking(student, world.gig(teacher))
    people = {"student": student, "teacher": teacher, "admin": admin}
    _fill_all_lists(people, world.app)

    student.patch("/api/users/me", {"name": "Ada King"})
    names = [_list(world.app, person)[0]["student"]["name"] for person in people.values()]
    teacher.patch("/api/users/me", {"name": "Grace Hopper"})
    teachers = [_list(world.app, person)[0]["teacher"]["name"] for person in people.values()]

    assert names == ["Ada King"] * 3
    assert teachers == ["Grace Hopper"] * 3


def test_a_new_title_reaches_the_lists_of_everybody_who_booked_the_gig(world: World) -> None:
    student, teacher, admin = world.student(), world.teacher(), world.admin()
    gig = world.gig(teacher)
    world.booking(student, gig)
    people = {"student": student, "teacher": teacher, "admin": admin}
    _fill_all_lists(people, world.app)

    changed = teacher.patch(f"/api/gigs/{gig['id']}", {"title": "Organ for beginners"})

    assert changed.status_code == 200
    titles = [_list(world.app, person)[0]["gig"]["title"] for person in people.values()]
    assert titles == ["Organ for beginners"] * 3


def test_a_refused_change_leaves_the_lists_in_the_cache(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    booking = world.booking(student, world.gig(teacher))
    _list(world.app, student)

    refused = student.patch(f"/api/bookings/{booking['id']}", {"status": "accepted"})

    assert refused.status_code == 403
    assert student.get("/api/bookings").json["cached"] is True


def _list(app: Flask, person: Person, query: str = "") -> list[dict[str, Any]]:
    answer = app.test_client(use_cookies=False).get(f"/api/bookings?{query}", headers=person.headers)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json["data"]
    return rows


def _fill_all_lists(people: dict[str, Person], *apps: Flask) -> None:
    for app in apps:
        for person in people.values():
            _list(app, person)
            _list(app, person, "status=pending")

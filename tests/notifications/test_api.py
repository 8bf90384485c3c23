"""The list behind the bell, over the API: whose it is, what is unread, and that it is never old."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from database import writing
from notifications import service
from notifications.models import NewNotification
from notifications.types import NotificationType
from notifications.writes import add
from support.queries import count_queries
from tests.conftest import SATURDAY, FakeClock
from tests.support.world import Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def anna(world: World) -> Person:
    return world.student(name="Anna Berg")


def titles(person: Person, query: str = "") -> list[str]:
    return [row["title"] for row in person.get(f"/api/notifications{query}").json["data"]]


@on_sqlite
def test_a_notification_is_listed_with_all_that_a_program_needs(world: World, anna: Person) -> None:
    told = world.told(anna, title="Ada has accepted", text="On Friday.", path="/lessons/7")

    (row,) = anna.get("/api/notifications").json["data"]

    assert row == {
        "id": told,
        "type": "lesson-accepted",
        "title": "Ada has accepted",
        "text": "On Friday.",
        "link": "/lessons/7",
        "created_at": f"{SATURDAY:%Y-%m-%dT%H:%M:%S}Z",
        "read_at": None,
    }


def test_the_same_key_is_told_once(world: World, anna: Person) -> None:
    told = NewNotification(key="event 1", type=NotificationType.LESSON_MOVED, title="Moved", text="", path="/lessons/1")

    with world.app.app_context():
        with writing() as session:
            first = add(session, anna.id, told, now=SATURDAY)
        with writing() as session:
            again = add(session, anna.id, told, now=SATURDAY)

    assert (first is None, again) == (False, None)
    assert titles(anna) == ["Moved"]


@on_sqlite
def test_what_is_too_long_for_a_row_is_cut(world: World, anna: Person) -> None:
    world.told(anna, title="t" * 500, text="x" * 5000)

    (row,) = anna.get("/api/notifications").json["data"]

    assert (len(row["title"]), len(row["text"])) == (200, 1000)
    assert row["title"].endswith("t…")


@on_sqlite
def test_pages_lead_from_the_newest_to_the_oldest(world: World, anna: Person) -> None:
    for number in range(5):
        world.told(anna, title=str(number))

    first = anna.get("/api/notifications?limit=2").json
    second = anna.get(f"/api/notifications?limit=2&cursor={first['next_cursor']}").json
    third = anna.get(f"/api/notifications?limit=2&cursor={second['next_cursor']}").json

    assert [row["title"] for page in (first, second, third) for row in page["data"]] == ["4", "3", "2", "1", "0"]
    assert third["next_cursor"] is None


def test_what_is_read_leaves_the_unread_ones(world: World, anna: Person, clock: FakeClock) -> None:
    told, _ = world.told(anna, title="one"), world.told(anna, title="two")
    assert titles(anna, "?filter=unread") == ["two", "one"]
    clock.advance(minutes=5)

    answer = anna.patch(f"/api/notifications/{told}", {"read": True})

    assert (answer.status_code, answer.json["read_at"]) == (200, f"{clock():%Y-%m-%dT%H:%M:%S}Z")
    assert titles(anna, "?filter=unread") == ["two"]
    assert titles(anna) == ["two", "one"]


@on_sqlite
def test_what_was_read_keeps_its_time(world: World, anna: Person, clock: FakeClock) -> None:
    told = world.told(anna)
    first = anna.patch(f"/api/notifications/{told}", {"read": True}).json
    clock.advance(minutes=5)

    assert anna.patch(f"/api/notifications/{told}", {"read": True}).json == first


def test_all_are_read_at_once_but_nobody_elses(world: World, anna: Person) -> None:
    ben = world.student()
    for person in (anna, anna, ben):
        world.told(person)

    assert anna.post("/api/notifications/read-all").status_code == 204

    assert titles(anna, "?filter=unread") == []
    assert len(titles(ben, "?filter=unread")) == 1


@on_sqlite
def test_what_is_read_cannot_become_anything_else(world: World, anna: Person) -> None:
    told = world.told(anna)

    for body in ({}, {"read": False}, {"read": 1}, {"read": True, "title": "Mine"}):
        assert anna.patch(f"/api/notifications/{told}", body).status_code == 422, body


@on_sqlite
def test_a_strange_query_is_refused(anna: Person) -> None:
    for query in ("?filter=read", "?cursor=x", "?limit=0", "?unread=1"):
        assert anna.get(f"/api/notifications{query}").status_code == 422, query


@on_sqlite
@pytest.mark.middleware_not_compared
def test_a_hit_asks_the_database_nothing(world: World, anna: Person) -> None:
    world.told(anna)
    titles(anna)

    with count_queries() as statements:
        answer = anna.get("/api/notifications")

    assert (answer.json["cached"], statements) == (True, [])


@on_sqlite
def test_another_process_sees_it_at_once(world: World, anna: Person, make_app: Callable[..., Flask]) -> None:
    elsewhere = World(make_app(), world.clock)
    assert titles(anna) == []

    elsewhere.told(anna, title="From another process")

    assert titles(anna) == ["From another process"]


def test_old_ones_are_forgotten_and_unread_ones_last_longer(world: World, anna: Person, clock: FakeClock) -> None:
    read = world.told(anna, title="read")
    anna.patch(f"/api/notifications/{read}", {"read": True})
    world.told(anna, title="unread")
    left = []

    for days in (89, 2, 273, 2):
        clock.advance(days=days)
        with world.app.app_context():
            service.forget_old(clock())
        left.append(titles(world.sign_in(anna)))

    assert left == [["unread", "read"], ["unread"], ["unread"], []]


@on_sqlite
def test_any_number_of_old_ones_is_forgotten(
    world: World, anna: Person, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "FORGOTTEN_AT_ONCE", 2)
    for _ in range(5):
        world.told(anna)
    clock.advance(days=366)

    with world.app.app_context():
        service.forget_old(clock())

    assert titles(world.sign_in(anna)) == []

"""Sessions that no student has a place in are rows among a teacher's lessons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bookings.my_lessons.lessons_query import LessonsQuery
from bookings.my_lessons.queries import lessons_page
from bookings.queries import OLDEST_FIRST
from tests.conftest import SATURDAY
from tests.support.world import Person, World
from web.pagination import microseconds


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher()


@pytest.fixture
def choir(world: World, teacher: Person) -> dict[str, Any]:
    """Three sessions of a choir, one each day from tomorrow on; Ada has a place in the second one."""
    gig = world.gig(teacher, title="Choir", capacity=3, times="timetable", duration_minutes=60)
    for day in (1, 2, 3):
        assert teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": world.at(days=day)}).status_code == 201
    world.booking(world.student(name="Ada King"), gig, starts_at=world.at(days=2))
    return gig


def rows(world: World, teacher: Person, **asked: Any) -> list[dict[str, Any]]:
    """Read a page of the teacher's lessons."""
    query = LessonsQuery(order=OLDEST_FIRST, start=SATURDAY, sessions=True, **asked)
    with world.app.app_context():
        found: list[dict[str, Any]] = lessons_page(teacher.id, "teacher", query).json()["data"]
    return found


def test_lessons_and_sessions_without_any_are_in_one_order(
    world: World, teacher: Person, choir: dict[str, Any]
) -> None:
    world.booking(world.student(), world.gig(teacher), starts_at=world.at(days=1, hours=2))

    found = rows(world, teacher)

    assert [row["starts_at"] for row in found] == [world.at(days=1), world.at(days=1, hours=2), *map(_in, (2, 3))]
    assert [row.get("session", {}).get("taken") for row in found] == [0, None, None, 0]
    assert found[0]["gig"] == {"id": choir["id"], "title": "Choir"}
    assert found[2]["session_id"] is not None


def test_a_page_goes_on_after_a_session(world: World, teacher: Person, choir: dict[str, Any]) -> None:
    (first,) = rows(world, teacher, limit=1)
    (second,) = rows(world, teacher, limit=1, after=(microseconds(SATURDAY + timedelta(days=1)), first["id"]))
    (third,) = rows(world, teacher, limit=1, after=(microseconds(SATURDAY + timedelta(days=2)), second["id"]))

    assert (first["id"] < 0, second["student"]["name"], third["starts_at"]) == (True, "Ada King", _in(3))
    assert rows(world, teacher, gig_id=choir["id"] + 1) == []


def test_a_cancelled_session_and_a_new_title_are_seen_at_once(
    world: World, teacher: Person, choir: dict[str, Any]
) -> None:
    before = rows(world, teacher)

    answer = teacher.patch(f"/api/sessions/{before[0]['session']['id']}", {"status": "cancelled"})
    teacher.patch(f"/api/gigs/{choir['id']}", {"title": "Courtyard choir"})
    after = rows(world, teacher)

    assert answer.status_code == 200, answer.text
    assert [row["starts_at"] for row in after] == [_in(2), _in(3)]
    assert after[1]["gig"]["title"] == "Courtyard choir"


def test_a_new_title_of_a_gig_whose_sessions_are_all_empty_is_seen_at_once(world: World, teacher: Person) -> None:
    gig = world.gig(teacher, title="Choir", capacity=3, times="timetable", duration_minutes=60)
    teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": world.at(days=1)})
    before = rows(world, teacher)

    teacher.patch(f"/api/gigs/{gig['id']}", {"title": "Courtyard choir"})

    assert [row["gig"]["title"] for row in (*before, *rows(world, teacher))] == ["Choir", "Courtyard choir"]


def _in(days: int) -> str:
    return (SATURDAY + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")

"""The page on which a teacher moves the lessons outside of new hours."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.pages.visitor import Visitor
from tests.schedule.bodies import weekly
from tests.support.world import ANY_TIME, World

Visit = Callable[..., Visitor]
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGE = "/availability/outside/move"


def test_lessons_outside_of_new_hours_are_moved_together(visit: Visit, world: World) -> None:
    teacher, anna, ben = world.teacher(time_zone="UTC"), world.student(name="Anna Berg"), world.student(name="Ben Cole")
    gig = world.gig(teacher, duration_minutes=60)
    first = world.accepted(anna, teacher, gig, starts_at="2026-11-23T10:00:00Z")["id"]
    second = world.accepted(ben, teacher, gig, starts_at="2026-11-23T11:00:00Z")["id"]
    teacher.put("/api/teachers/me/availability", ANY_TIME | {"weekly": weekly("tuesday 10:00-14:00")})
    page = visit(teacher).open("/availability")
    assert "Move them to these hours" in page.text

    page.open(PAGE)
    assert f'value="{first} 2026-11-24T10:00:00+00:00" selected' in page.answer.text
    assert f'value="{second} 2026-11-24T11:00:00+00:00" selected' in page.answer.text
    # Anna's lesson to the time that is proposed, and Ben's to one that is not free.
    page.post(PAGE, page.form().values | {"moves": [f"{first} 2026-11-24T10:00:00Z", f"{second} 2026-11-24T10:30:00Z"]})

    assert "The lesson is moved. Its student is told." in page.text
    assert "1 lesson stays as it was: Ben Cole" in page.text
    assert anna.get(f"/api/bookings/{first}").json["starts_at"] == "2026-11-24T10:00:00Z"
    assert ben.get(f"/api/bookings/{second}").json["starts_at"] == "2026-11-23T11:00:00Z"


def test_without_a_choice_nothing_moves(visit: Visit, world: World) -> None:
    teacher, anna = world.teacher(time_zone="UTC"), world.student(name="Anna Berg")
    lesson = world.accepted(anna, teacher, world.gig(teacher), starts_at="2026-11-23T10:00:00Z")["id"]
    teacher.put("/api/teachers/me/availability", ANY_TIME | {"weekly": weekly("tuesday 10:00-14:00")})
    page = visit(teacher).open(PAGE)

    page.post(PAGE, page.form().values | {"moves": [str(lesson)]})

    assert "No lesson was moved" in page.text
    assert anna.get(f"/api/bookings/{lesson}").json["starts_at"] == "2026-11-23T10:00:00Z"

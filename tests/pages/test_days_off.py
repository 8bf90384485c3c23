"""Why days of a week have no time: a gig's page names the school's holidays, and when its teacher is away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.pages.visitor import Visitor
from tests.schedule.bodies import weekly
from tests.support.world import ANY_TIME, Person, World

Visit = Callable[..., Visitor]

AVAILABILITY = "/api/teachers/me/availability"
HARBOUR = {"name": "Day of the harbour", "first_day": "2026-11-24", "last_day": "2026-11-24"}
MONDAY_TO_WEDNESDAY = weekly("monday 09:00-10:30", "tuesday 09:00-10:30", "wednesday 09:00-10:30")


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher(name="Ada Marlowe", time_zone="Europe/Berlin")


def gig_with(world: World, teacher: Person, rules: dict[str, Any], **changes: Any) -> str:
    assert teacher.put(AVAILABILITY, ANY_TIME | rules).status_code == 200
    return f"/gigs/{world.gig(teacher, **changes)['id']}"


def close(world: World, **changes: str) -> None:
    assert world.admin().post("/api/admin/holidays", HARBOUR | changes).status_code == 201


def test_a_holiday_is_named_where_it_takes_the_times_of_a_day(visit: Visit, world: World, teacher: Person) -> None:
    path = gig_with(world, teacher, {"weekly": MONDAY_TO_WEDNESDAY})
    assert "no lessons" not in visit().open(path).text

    close(world)

    assert "Day of the harbour: no lessons on 24 Nov 2026." in visit().open(path).text
    assert "Day of the harbour" not in visit().open(f"{path}?week=2026-W49").text


def test_a_week_without_any_time_names_its_holidays(visit: Visit, world: World, teacher: Person) -> None:
    path = gig_with(world, teacher, {"weekly": MONDAY_TO_WEDNESDAY})

    close(world, name="Autumn", first_day="2026-11-23", last_day="2026-11-29")

    text = visit().open(f"{path}?week=2026-W48").text
    assert "Autumn: no lessons from 23 Nov 2026 to 29 Nov 2026. No time is free this week." in text


def test_a_holiday_is_not_named_where_there_was_no_time_anyway(visit: Visit, world: World, teacher: Person) -> None:
    path = gig_with(world, teacher, {"weekly": weekly("monday 09:00-10:30", "wednesday 09:00-10:30")})

    close(world)

    assert "Day of the harbour" not in visit().open(path).text


def test_a_holiday_is_named_where_a_lesson_is_moved(visit: Visit, world: World, teacher: Person) -> None:
    path = gig_with(world, teacher, {"weekly": MONDAY_TO_WEDNESDAY})
    student = world.student(time_zone="Europe/Berlin")
    asked = {"gig_id": int(path.rpartition("/")[2]), "starts_at": "2026-11-23T08:00:00Z"}
    lesson = student.post("/api/bookings", asked).json

    close(world)

    text = visit(student).open(f"/lessons/{lesson['id']}/move").text
    assert "Day of the harbour: no lessons on 24 Nov 2026." in text


def test_a_teachers_day_off_is_named_in_its_week(visit: Visit, world: World, teacher: Person) -> None:
    off = {"from": "2026-11-23T23:00:00Z", "to": "2026-11-24T23:00:00Z"}
    path = gig_with(world, teacher, {"weekly": MONDAY_TO_WEDNESDAY, "time_off": [off]})
    said = "Ada is away from Tue 24 Nov and back on Wed 25 Nov."

    assert said in visit(world.student(time_zone="Europe/Berlin")).open(path).text
    assert "is away" not in visit().open(f"{path}?week=2026-W49").text
    # In New York it begins on Monday evening, whose times it leaves alone.
    there = visit(world.student(time_zone="America/New_York")).open(path).text
    assert "Ada is away from Mon 23 Nov, 18:00 and back on Tue 24 Nov, 18:00." in there


def test_time_off_that_the_page_tells_already_is_not_told_again(visit: Visit, world: World, teacher: Person) -> None:
    off = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-02T00:00:00Z"}
    path = gig_with(world, teacher, {"weekly": MONDAY_TO_WEDNESDAY, "time_off": [off]})

    assert visit().open(f"{path}?week=2026-W48").text.count("is away") == 1

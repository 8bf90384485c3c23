"""After every change that concerns it, the list of slots is new in the next answer, in every application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from bookings.service import expire_due
from tests.conftest import SATURDAY, FakeClock
from tests.schedule.bodies import exception, weekly
from tests.support.world import ANY_TIME, Person, World

AVAILABILITY = "/api/teachers/me/availability"
MONDAY_NINE = "2026-11-23T09:00:00Z"


@dataclass
class Scene:
    """A teacher with windows on Monday from nine to twelve, a gig, and a lesson at ten that was asked for."""

    world: World
    teacher: Person
    student: Person
    gig: dict[str, Any]
    booking: dict[str, Any]

    def starts(self, app: Flask) -> list[str]:
        query = {"gig_id": self.gig["id"], "from": "2026-11-23T00:00:00Z", "to": "2026-11-24T00:00:00Z"}
        answer = app.test_client(use_cookies=False).get(f"/api/teachers/{self.teacher.id}/slots", query_string=query)
        return [slot["starts_at"][11:16] for slot in answer.json["data"]] if answer.status_code == 200 else ["404"]


@pytest.fixture
def scene(world: World) -> Scene:
    teacher, student = world.teacher(time_zone="UTC"), world.student()
    teacher.put(AVAILABILITY, {"weekly": weekly("monday 09:00-12:00")})
    gig = world.gig(teacher, duration_minutes=60)
    return Scene(world, teacher, student, gig, world.booking(student, gig, starts_at="2026-11-23T10:00:00Z"))


def _another_booking(scene: Scene) -> None:
    scene.world.booking(scene.student, scene.gig, starts_at=MONDAY_NINE)


def _another_gigs_booking(scene: Scene) -> None:
    other = scene.world.gig(scene.teacher, duration_minutes=60)
    scene.world.booking(scene.student, other, starts_at=MONDAY_NINE)


def _status(who: str, status: str) -> Callable[[Scene], None]:
    def change(scene: Scene) -> None:
        person = scene.student if who == "student" else scene.teacher
        assert person.patch(f"/api/bookings/{scene.booking['id']}", {"status": status}).status_code == 200

    return change


def _put(body: dict[str, Any]) -> Callable[[Scene], None]:
    def change(scene: Scene) -> None:
        assert scene.teacher.put(AVAILABILITY, ANY_TIME | body).status_code == 200

    return change


def _gig(changes: dict[str, Any]) -> Callable[[Scene], None]:
    def change(scene: Scene) -> None:
        assert scene.teacher.patch(f"/api/gigs/{scene.gig['id']}", changes).status_code == 200

    return change


def _gig_state(kind: str, value: str) -> Callable[[Scene], None]:
    def change(scene: Scene) -> None:
        assert scene.teacher.post(f"/api/gigs/{scene.gig['id']}/{kind}", {kind: value}).status_code == 200

    return change


def _zone(scene: Scene) -> None:
    rules = {"weekly": weekly("monday 09:00-12:00"), "time_zone": "Europe/Berlin"}
    assert scene.teacher.put(AVAILABILITY, rules).status_code == 200


def _block(scene: Scene) -> None:
    body = {"starts_at": "2026-11-23T11:30:00Z", "ends_at": "2026-11-23T12:00:00Z"}
    assert scene.teacher.post("/api/teachers/me/blocks", body).status_code == 201


def _another_schedule(scene: Scene) -> None:
    made = scene.teacher.post("/api/teachers/me/schedules", {"name": "Late", "weekly": weekly("monday 20:00-21:00")})
    _gig({"schedule_id": made.json["id"]})(scene)


def _operator(*command: str) -> Callable[[Scene], None]:
    return lambda scene: scene.world.operator("accounts", command[0], scene.teacher.email, *command[1:])


CHANGES: dict[str, tuple[Callable[[Scene], None], list[str]]] = {
    "another booking": (_another_booking, ["11:00"]),
    "a booking of another gig": (_another_gigs_booking, ["11:00"]),
    "cancelled": (_status("student", "cancelled"), ["09:00", "10:00", "11:00"]),
    "rejected": (_status("teacher", "rejected"), ["09:00", "10:00", "11:00"]),
    "other windows": (_put({"weekly": weekly("monday 14:00-16:00")}), ["14:00", "15:00"]),
    "an exception": (_put({"weekly": [], "exceptions": [exception("2026-11-23", "08:00-10:00")]}), ["08:00", "09:00"]),
    "longer lessons": (_gig({"duration_minutes": 45}), ["09:00", "11:15"]),
    "more seats": (_gig({"capacity": 2}), ["09:00", "10:00", "11:00"]),
    "by application": (_gig({"enrolment": "application"}), []),
    "paused": (_gig_state("status", "paused"), []),
    "private": (_gig_state("visibility", "private"), ["404"]),
    "another zone": (_zone, ["08:00", "09:00"]),
    "a block": (_block, ["09:00"]),
    "another schedule": (_another_schedule, ["20:00"]),
    "another role": (_operator("set-role", "student"), ["404"]),
    "left": (_operator("deactivate"), ["404"]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_seen_at_once_everywhere(scene: Scene, make_app: Callable[..., Flask], name: str) -> None:
    apps = [scene.world.app, make_app()]
    change, after = CHANGES[name]
    before = [scene.starts(app) for app in apps]

    change(scene)

    assert before == [["09:00", "11:00"]] * 2
    assert [scene.starts(app) for app in apps] == [after] * 2


def test_what_expires_is_free_again(scene: Scene, clock: FakeClock) -> None:
    # Whether it counts for a limit cannot be seen in any other way, because its own time has passed.
    scene.teacher.put(AVAILABILITY, {"weekly": weekly("monday 09:00-12:00"), "max_per_day": 1})
    clock.instant = SATURDAY + timedelta(days=2, hours=0.75)
    before = scene.starts(scene.world.app)

    with scene.world.app.app_context():
        expire_due(clock.instant)

    assert before == []
    assert scene.starts(scene.world.app) == ["11:00"]


def test_the_clock_alone_cuts_slots_off_an_answer_that_is_kept(scene: Scene, clock: FakeClock) -> None:
    scene.teacher.put(AVAILABILITY, {"weekly": weekly("monday 09:00-12:00"), "minimum_notice_minutes": 60})
    found = []

    for minutes in (-61, -60, -59, 0, 61):
        clock.instant = SATURDAY + timedelta(days=2, minutes=minutes - 30)
        found.append(scene.starts(scene.world.app))

    assert found == [["09:00", "11:00"], ["09:00", "11:00"], ["11:00"], ["11:00"], []]


def test_a_change_of_zone_moves_the_rules_and_no_booking(scene: Scene) -> None:
    before = scene.student.get(f"/api/bookings/{scene.booking['id']}").json

    _zone(scene)

    assert scene.student.get(f"/api/bookings/{scene.booking['id']}").json == before
    assert scene.teacher.get(AVAILABILITY).json["weekly"] == weekly("monday 09:00-12:00")
    assert _booked(scene, "2026-11-23T11:00:00Z") == 409
    assert _booked(scene, "2026-11-23T08:00:00Z") == 201


def test_what_does_not_concern_the_teacher_leaves_the_list_in_the_cache(scene: Scene) -> None:
    scene.starts(scene.world.app)
    other = scene.world.teacher()

    other.put(AVAILABILITY, {"weekly": []})
    scene.world.booking(scene.student, scene.world.gig(scene.world.teacher()))

    query = {"gig_id": scene.gig["id"], "from": "2026-11-23T00:00:00Z", "to": "2026-11-24T00:00:00Z"}
    answer = scene.world.anyone.get(f"/api/teachers/{scene.teacher.id}/slots", query_string=query)
    assert answer.json["cached"] is True


def _booked(scene: Scene, at: str) -> int:
    return scene.student.post("/api/bookings", {"gig_id": scene.gig["id"], "starts_at": at}).status_code


@pytest.mark.parametrize("first", ["page", "api"])
def test_a_gigs_page_and_the_list_of_its_slots_do_not_take_each_others_answers(world: World, first: str) -> None:
    teacher = world.teacher(time_zone="Europe/Berlin")
    gig = world.gig(teacher)
    teacher.put("/api/teachers/me/availability", {"weekly": weekly("monday 09:00-12:00"), "horizon_days": 14})
    # The range in which the page of a week without free times looks for the next one.
    slots = f"/api/teachers/{teacher.id}/slots?gig_id={gig['id']}&from=2026-11-22T23:00:00Z&to=2026-12-06T00:00:00Z"
    asked = [slots, f"/gigs/{gig['id']}?week=2026-W47"]

    client = world.app.test_client()
    answers = [client.get(path).status_code for path in (asked if first == "api" else reversed(asked))]

    assert answers == [200, 200]

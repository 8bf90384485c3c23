"""What teachers say about their time while others book it: who comes second sees what the first has done."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from accounts.actors import Actor
from accounts.models import User
from bookings.rules.agreement import LessonRequest
from bookings.service import create_booking
from bookings.waitlist.sweep import look_for_places
from database import writing
from gigs.models import Gig
from schedule.blocks.service import block_time
from schedule.models import Hours, Stretch
from schedule.service import replace_schedule
from schedule.times.rules import NOTHING_SAID
from server.children import wait_until
from tests.conftest import FakeClock
from tests.support.races import at_once, waits_for_lock
from tests.support.world import ANY_TIME, Person, World

MONDAY = datetime.fromisoformat("2026-11-23T09:00:00Z")
SCHEDULES = "/api/teachers/me/schedules"
# SQLite has one writer at a time.
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher(time_zone="UTC")


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    return world.gig(teacher, duration_minutes=60)


def test_a_schedule_is_deleted_or_chosen_and_never_both(world: World, teacher: Person) -> None:
    for _ in range(4):
        schedule = teacher.post(SCHEDULES, ANY_TIME | {"name": "Evenings", "time_zone": "UTC"}).json["id"]
        gigs = [world.gig(teacher, status="draft")["id"] for _ in range(3)]
        choices = [partial(_send, world, teacher, "PATCH", f"/api/gigs/{it}", {"schedule_id": schedule}) for it in gigs]

        deleted, *chosen = at_once([partial(_send, world, teacher, "DELETE", f"{SCHEDULES}/{schedule}"), *choices])

        using = [teacher.get(f"/api/gigs/{gig_id}").json["schedule_id"] for gig_id in gigs]
        if deleted.status_code == 204:
            assert {answer.status_code for answer in chosen} == {422}
            assert using == [None] * 3
        else:
            assert deleted.json["type"] == "/problems/schedule-in-use"
            assert {answer.status_code for answer in chosen} == {200}
            assert using == [schedule] * 3


@pytest.mark.parametrize("what", ["a block", "other hours"])
def test_a_booking_that_comes_second_is_refused_what_is_not_offered_any_more(
    world: World, clock: FakeClock, teacher: Person, gig: dict[str, Any], what: str
) -> None:
    deeds: dict[str, Callable[[], object]] = {
        "a block": lambda: block_time(
            teacher.id, Stretch(start=MONDAY, end=MONDAY + timedelta(hours=1)), "", now=clock()
        ),
        "other hours": lambda: replace_schedule(teacher.id, None, Hours(rules=NOTHING_SAID), now=clock()),
    }
    book = partial(_send, world, world.student(), "POST", "/api/bookings", _lesson(gig))

    with world.app.app_context(), ThreadPoolExecutor(1) as pool:
        with writing():
            deeds[what]()
            answer = pool.submit(book)
            assert wait_until(lambda: waits_for_lock(world.app), seconds=20)

        booked = answer.result(20)

    assert (booked.status_code, booked.json["type"]) == (409, "/problems/slot-unavailable")


def test_hours_that_come_second_say_that_a_new_lesson_lies_outside(
    world: World, clock: FakeClock, teacher: Person, gig: dict[str, Any]
) -> None:
    student = world.student()
    wanted = LessonRequest(gig_id=gig["id"], starts_at=MONDAY)
    put = partial(_send, world, teacher, "PUT", "/api/teachers/me/availability", {"weekly": []})

    with world.app.app_context(), ThreadPoolExecutor(1) as pool:
        with writing():
            booking_id = create_booking(wanted, actor=_actor(student), now=clock())
            answer = pool.submit(put)
            assert wait_until(lambda: waits_for_lock(world.app), seconds=20)

        assert answer.result(20).json["outside"] == [booking_id]


@on_postgresql
def test_a_place_that_becomes_free_does_not_wait_for_a_gig_whose_teacher_is_waited_for(
    world: World, clock: FakeClock, teacher: Person, gig: dict[str, Any]
) -> None:
    owner, waiting = world.student(), world.student()
    booking = world.booking(owner, gig, starts_at=f"{MONDAY:%Y-%m-%dT%H:%M:%SZ}")
    waiting.post("/api/waitlist", _lesson(gig))
    cancel = partial(_send, world, owner, "PATCH", f"/api/bookings/{booking['id']}", {"status": "cancelled"})

    with world.app.app_context(), ThreadPoolExecutor(1) as pool:
        # What publishing a gig does, step by step.
        with writing() as session:
            session.execute(select(Gig.id).where(Gig.id == gig["id"]).with_for_update())
            assert pool.submit(cancel).result(20).status_code == 200
            session.execute(select(User.id).where(User.id == teacher.id).with_for_update(key_share=True))
        assert waiting.get("/api/waitlist").json["data"][0]["status"] == "waiting"
        offered = look_for_places(clock())

    assert offered == 1
    assert waiting.get("/api/waitlist").json["data"][0]["status"] == "offered"


def test_deleting_a_schedule_takes_it_from_archived_gigs(world: World, teacher: Person) -> None:
    schedule = teacher.post(SCHEDULES, ANY_TIME | {"name": "Evenings", "time_zone": "UTC"}).json["id"]
    gigs = [world.gig(teacher, schedule_id=schedule)["id"] for _ in range(2)]
    archive = partial(teacher.post, json={"status": "archived"})

    archive(f"/api/gigs/{gigs[0]}/status")
    while_used = teacher.delete(f"{SCHEDULES}/{schedule}")
    kept = teacher.get(f"/api/gigs/{gigs[0]}").json["schedule_id"]
    archive(f"/api/gigs/{gigs[1]}/status")
    deleted = teacher.delete(f"{SCHEDULES}/{schedule}")

    assert (while_used.status_code, kept, deleted.status_code) == (409, schedule, 204)
    assert [teacher.get(f"/api/gigs/{gig_id}").json["schedule_id"] for gig_id in gigs] == [None, None]


def _lesson(gig: dict[str, Any]) -> dict[str, Any]:
    return {"gig_id": gig["id"], "starts_at": f"{MONDAY:%Y-%m-%dT%H:%M:%SZ}"}


def _actor(person: Person) -> Actor:
    return _Somebody(person.id, person.role)


class _Somebody:
    def __init__(self, id_: int, role: str) -> None:
        self.id, self.role = id_, role


def _send(world: World, person: Person, method: str, path: str, body: dict[str, Any] | None = None) -> TestResponse:
    client = world.app.test_client(use_cookies=False)
    return client.open(path, method=method, json=body, headers=person.headers)

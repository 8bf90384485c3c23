"""Standing wishes: the table of their states, and who gets a free place when several ask for it at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

import tags
from bookings.models import HeldTime
from bookings.standing.models import StandingWish, WishStatus
from bookings.standing.service import end, sweep
from bookings.standing.states import TRANSITIONS, Mover, sources_of
from caching import invalidate
from database import reading, writing
from tests.conftest import FakeClock
from tests.schedule.bodies import weekly
from tests.support.races import at_once
from tests.support.world import Person, World

STATES = list(WishStatus)
# By the students' clock, an hour ahead.
MONDAYS: dict[str, Any] = {"weekdays": ["monday"], "after": "10:00", "before": "11:00", "until": "2026-11-30"}
FREED, TAKEN = "2026-11-23T09:00:00Z", "2026-11-30T09:00:00Z"


def test_the_table_is_the_one_that_was_agreed() -> None:
    rows = {(row.source, row.target): row.who for row in TRANSITIONS}

    assert len(rows) == len(TRANSITIONS)
    assert rows == {
        ("waiting", "offered"): Mover.SWEEP,
        ("waiting", "left"): Mover.STUDENT,
        ("waiting", "lapsed"): Mover.CLOCK,
    }
    assert {row.who for row in TRANSITIONS} == set(Mover)


def test_every_state_but_the_first_is_an_end_that_can_be_reached() -> None:
    assert {row.source for row in TRANSITIONS} == {WishStatus.WAITING}
    assert {row.target for row in TRANSITIONS} == set(WishStatus) - {WishStatus.WAITING}
    assert sources_of(WishStatus.WAITING) == []


@pytest.fixture
def gig(world: World) -> dict[str, Any]:
    """A gig with one time on Mondays, which is taken on the next two of them."""
    teacher = world.teacher(time_zone="UTC")
    teacher.put("/api/teachers/me/availability", {"weekly": weekly("monday 09:00-09:45")})
    return world.gig(teacher)


@pytest.fixture
def owner(world: World, gig: dict[str, Any]) -> Person:
    world.booking(world.student(), gig, starts_at=TAKEN)
    return world.student()


@pytest.fixture
def lesson(world: World, gig: dict[str, Any], owner: Person) -> int:
    return int(world.booking(owner, gig, starts_at=FREED)["id"])


@pytest.mark.usefixtures("lesson")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_wish_goes_the_ways_of_the_table_and_no_other(world: World, gig: dict[str, Any]) -> None:
    wish_id = _wish(world.student(), gig)
    ways = {(row.source, row.target) for row in TRANSITIONS}

    for source, target in product(STATES, STATES):
        with world.app.app_context(), writing() as session:
            _set_status(session, wish_id, source)
            ended = end(session, StandingWish.id == wish_id, target)
            found = session.scalar(select(StandingWish.status).where(StandingWish.id == wish_id))

        assert (source, target, ended, found) == (
            *(source, target, int((source, target) in ways)),
            target if (source, target) in ways else source,
        )


@pytest.mark.parametrize("status", [it for it in STATES if it != WishStatus.WAITING])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("lesson")
def test_a_wish_that_has_ended_is_neither_left_nor_offered_anything(
    world: World, clock: FakeClock, gig: dict[str, Any], owner: Person, lesson: int, status: WishStatus
) -> None:
    student = world.student()
    wish_id = _wish(student, gig)
    with world.app.app_context(), writing() as session:
        _set_status(session, wish_id, status)
    owner.patch(f"/api/bookings/{lesson}", {"status": "cancelled"})

    left = student.delete(f"/api/wishes/{wish_id}")
    _sweep(world.app, clock)

    assert (left.status_code, left.json["type"], left.json["current"]) == (409, "/problems/wrong-state", status)
    assert student.get("/api/waitlist").json["data"] == []


def test_a_wish_that_is_left_while_a_place_is_offered_ends_once(
    world: World, clock: FakeClock, gig: dict[str, Any], owner: Person, lesson: int
) -> None:
    for _ in range(4):
        student = world.student()
        wish_id = _wish(student, gig)
        owner.patch(f"/api/bookings/{lesson}", {"status": "cancelled"})

        left, _ = at_once(
            [partial(_send, world, student, "DELETE", f"/api/wishes/{wish_id}"), partial(_sweep, world.app, clock)]
        )

        entries = student.get("/api/waitlist").json["data"]
        assert (left.status_code, [entry["status"] for entry in entries]) in [(204, []), (409, ["offered"])]
        assert _status(world, wish_id) == ("left" if left.status_code == 204 else "offered")
        for entry in entries:
            student.post(f"/api/waitlist/{entry['id']}/decline")
        lesson = int(world.booking(owner, gig, starts_at=FREED)["id"])


def test_of_two_wishes_and_two_sweeps_the_first_wish_gets_the_one_place(
    world: World, clock: FakeClock, gig: dict[str, Any], owner: Person, lesson: int
) -> None:
    students = [world.student(), world.student()]
    wishes = [_wish(student, gig) for student in students]
    owner.patch(f"/api/bookings/{lesson}", {"status": "cancelled"})

    at_once([partial(_sweep, world.app, clock)] * 4)

    assert [_status(world, wish_id) for wish_id in wishes] == ["offered", "waiting"]
    assert [len(student.get("/api/waitlist").json["data"]) for student in students] == [1, 0]
    assert _held(world) == 2


def test_a_freed_place_is_offered_or_booked_and_never_both(
    world: World, clock: FakeClock, gig: dict[str, Any], owner: Person, lesson: int
) -> None:
    for _ in range(4):
        student, rival = world.student(), world.student()
        wish_id = _wish(student, gig)
        owner.patch(f"/api/bookings/{lesson}", {"status": "cancelled"})
        body = {"gig_id": gig["id"], "starts_at": FREED}
        attempts: list[Callable[[], Any]] = [partial(_send, world, rival, "POST", "/api/bookings", body)]

        booked, _ = at_once([*attempts, partial(_sweep, world.app, clock)])

        entries = student.get("/api/waitlist").json["data"]
        if booked.status_code == 201:
            assert (entries, _status(world, wish_id)) == ([], "waiting")
            rival.patch(f"/api/bookings/{booked.json['id']}", {"status": "cancelled"})
            student.delete(f"/api/wishes/{wish_id}")
        else:
            assert booked.json["type"] == "/problems/slot-taken"
            assert [entry["status"] for entry in entries] == ["offered"]
            student.post(f"/api/waitlist/{entries[0]['id']}/decline")
        lesson = int(world.booking(owner, gig, starts_at=FREED)["id"])
        assert _held(world) == 2


def _wish(student: Person, gig: dict[str, Any]) -> int:
    made = student.post(f"/api/gigs/{gig['id']}/waitlist", MONDAYS)
    assert made.status_code == 201, made.text
    return int(made.json["id"])


def _set_status(session: Session, wish_id: int, status: WishStatus) -> None:
    wish = session.get_one(StandingWish, wish_id, populate_existing=True)
    session.execute(update(StandingWish).where(StandingWish.id == wish_id).values(status=status))
    invalidate(tags.user_waitlist(wish.student_id), tags.user_waitlist(wish.teacher_id))


def _sweep(app: Flask, clock: FakeClock) -> None:
    with app.app_context():
        sweep(clock())


def _send(world: World, person: Person, method: str, path: str, body: dict[str, Any] | None = None) -> TestResponse:
    client = world.app.test_client(use_cookies=False)
    return client.open(path, method=method, json=body, headers=person.headers)


def _status(world: World, wish_id: int) -> str:
    with world.app.app_context(), reading() as connection:
        return str(connection.scalar(select(StandingWish.status).where(StandingWish.id == wish_id)))


def _held(world: World) -> int:
    with world.app.app_context(), reading() as connection:
        return len(connection.execute(select(HeldTime.id)).all())

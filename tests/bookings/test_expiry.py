"""The sweep: pending bookings whose time has come expire, once, whoever sweeps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask

from bookings import service
from bookings.service import expire_due
from tests.bookings.rows import count_events, insert_booking, status_of
from tests.conftest import SATURDAY, FakeClock
from tests.support.races import at_once
from tests.support.world import World

START = SATURDAY + timedelta(minutes=10)


def test_a_pending_booking_expires_when_its_time_comes(world: World, clock: FakeClock) -> None:
    student, teacher = world.student(), world.teacher()
    booking = world.booking(student, world.gig(teacher), starts_at=world.at(minutes=10))

    assert _sweep(world.app, clock) == 0
    clock.instant = START - timedelta(seconds=1)
    assert _sweep(world.app, clock) == 0
    clock.instant = START
    assert _sweep(world.app, clock) == 1
    assert _sweep(world.app, clock) == 0

    last = student.get(f"/api/bookings/{booking['id']}/history").json["data"][-1]
    assert last == {
        "at": "2026-11-21T09:40:00Z",
        "actor": None,
        "from": "pending",
        "to": "expired",
        "what": "expired",
        "reason": "",
    }


def test_only_pending_bookings_expire(world: World, clock: FakeClock) -> None:
    student, gig = world.student(), world.gig(world.teacher())
    others = ["accepted", "rejected", "cancelled", "completed", "no_show"]
    ids = {status: insert_booking(world.app, student, gig, START, status=status) for status in others}
    clock.advance(days=1)

    assert _sweep(world.app, clock) == 0

    assert {status_of(world.app, booking_id) for booking_id in ids.values()} == set(others)


def test_the_lists_of_both_and_of_the_administrators_show_it_at_once(world: World, clock: FakeClock) -> None:
    student, teacher, admin = world.student(), world.teacher(), world.admin()
    world.booking(student, world.gig(teacher), starts_at=world.at(minutes=10))
    people = (student, teacher, admin)
    before = [person.get("/api/bookings").json["data"][0]["status"] for person in people]
    clock.instant = START

    _sweep(world.app, clock)

    assert before == ["pending"] * 3
    assert [person.get("/api/bookings").json["data"][0]["status"] for person in people] == ["expired"] * 3


def test_many_expire_in_several_batches(world: World, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SWEEP_BATCH", 3)
    student, gig = world.student(), world.gig(world.teacher())
    for number in range(7):
        insert_booking(world.app, student, gig, START + timedelta(hours=number))
    clock.advance(days=1)

    assert _sweep(world.app, clock) == 7


def test_two_sweepers_at_once_expire_each_booking_once(
    world: World, make_app: Callable[..., Flask], clock: FakeClock
) -> None:
    student, gig = world.student(), world.gig(world.teacher())
    for number in range(20):
        insert_booking(world.app, student, gig, START + timedelta(hours=number))
    clock.advance(days=2)
    events = count_events(world.app)

    swept = at_once([partial(_sweep, app, clock) for app in (world.app, make_app(), world.app, make_app())])

    assert sum(swept) == 20
    assert count_events(world.app) - events == 20


def test_whoever_answers_while_the_sweep_runs_wins_or_is_told(world: World, clock: FakeClock) -> None:
    student, teacher = world.student(), world.teacher()
    booking = world.booking(student, world.gig(teacher), starts_at=world.at(minutes=10))
    clock.instant = START
    path = f"/api/bookings/{booking['id']}"

    swept, answer = at_once(
        [
            partial(_sweep, world.app, clock),
            lambda: world.anyone.patch(path, json={"status": "rejected"}, headers=teacher.headers).status_code,
        ]
    )

    outcomes = {(1, 409): "expired", (0, 200): "rejected"}
    assert status_of(world.app, booking["id"]) == outcomes[swept, answer]


def _sweep(app: Flask, clock: FakeClock) -> int:
    with app.app_context():
        return expire_due(clock())

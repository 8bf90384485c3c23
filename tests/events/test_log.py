"""The log of events: a program that reads on from where it stopped gets everything once, in order."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

import events
from config import ROOT
from database import writing
from errors import NotFound
from events import EventType
from events.catalogue import MEANINGS, as_table
from events.log import order
from events.types import FOR_PEOPLE_ALONE, LOGGED
from extensions import db
from tests.conftest import SATURDAY, FakeClock
from tests.support.world import Person, World

only_on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
only_on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def news(admin: Person, since: str | None = None, more: str = "") -> tuple[list[Any], str]:
    page = admin.get(f"/api/events?limit=100{more}" + (f"&since={since}" if since else "")).json
    return page["data"], page["next_cursor"]


def all_news(admin: Person) -> Iterator[Any]:
    since = None
    while True:
        data, since = news(admin, since)
        if not data:
            return
        yield from data


def say(session: Session, number: int) -> None:
    session.connection()
    events.record(session, EventType.REVIEW_CREATED, at=SATURDAY, actor_id=1, review_id=number)


def say_and_fail() -> None:
    with writing() as session:
        say(session, 1)
        raise NotFound


def numbers(data: list[Any]) -> list[int]:
    return [event["data"]["review_id"] for event in data if event["type"] == "review.created"]


@only_on_sqlite
def test_a_program_reads_on_from_where_it_stopped(world: World) -> None:
    admin, student, teacher = world.admin(), world.student(), world.teacher()
    gig = world.gig(teacher)
    _, here = news(admin)

    booking = world.booking(student, gig)
    teacher.patch(f"/api/bookings/{booking['id']}", {"status": "rejected", "reason": "I am ill, do not tell"})
    told, there = news(admin, here)
    nothing, still_there = news(admin, there)

    assert [event["type"] for event in told] == ["booking.requested", "booking.declined"]
    assert told[1]["data"]["booking_id"] == booking["id"]
    assert told[1]["data"]["actor_id"] == teacher.id
    assert {f"user:{student.id} bookings", f"user:{teacher.id} bookings"} <= set(told[1]["invalidates"])
    assert "ill" not in str(told)
    assert (nothing, still_there) == ([], there)


@only_on_sqlite
def test_types_are_chosen_and_unknown_ones_refused(world: World) -> None:
    admin, student = world.admin(), world.student()
    world.booking(student, world.gig(world.teacher()))

    (told, _), refused = news(admin, more="&type=booking.requested"), admin.get("/api/events?type=booking.eaten")
    other_list = admin.get("/api/bookings?limit=1").json["next_cursor"] or "WyJuZXdlc3QiLDAsMV0"

    assert [event["type"] for event in told] == ["booking.requested"]
    assert refused.status_code == 422
    assert admin.get(f"/api/events?since={other_list}").status_code == 422


@only_on_sqlite
def test_gigs_and_people_are_told_of(world: World) -> None:
    admin, teacher = world.admin(), world.teacher()
    gig = world.gig(teacher)
    _, here = news(admin)

    teacher.patch(f"/api/gigs/{gig['id']}", {"title": "Another title"})
    teacher.patch(f"/api/gigs/{gig['id']}", {"title": "Another title"})
    for status in ("paused", "published", "archived"):
        teacher.post(f"/api/gigs/{gig['id']}/status", {"status": status})
    teacher.patch("/api/users/me", {"name": "Somebody Else"})
    world.student()
    told, _ = news(admin, here)

    assert [event["type"] for event in told] == [
        *("gig.changed", "gig.paused", "gig.published", "gig.archived"),
        *("user.renamed", "user.registered"),
    ]


@only_on_sqlite
def test_what_is_rolled_back_is_not_in_the_log(app: Flask, world: World) -> None:
    admin = world.admin()

    with app.app_context(), pytest.raises(NotFound):
        say_and_fail()

    assert numbers(list(all_news(admin))) == []


@only_on_postgresql
def test_an_event_that_is_committed_late_is_not_skipped(app: Flask, world: World) -> None:
    admin = world.admin()
    wrote, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with app.app_context(), writing() as session:
            say(session, 1)
            # What the listener writes just before a COMMIT, while the COMMIT takes its time.
            events.recording._before_commit(session)
            wrote.set()
            assert may_commit.wait(20)

    with ThreadPoolExecutor(1) as threads:
        late = threads.submit(slow)
        assert wrote.wait(20)
        with app.app_context(), writing() as session:
            say(session, 2)
        early, here = news(admin)
        may_commit.set()
        late.result()
    rest, _ = news(admin, here)

    assert (numbers(early), numbers(rest)) == ([2], [1])


def test_of_a_thousand_commits_at_once_none_is_missed_and_none_told_twice(app: Flask, world: World) -> None:
    admin, done = world.admin(), threading.Event()
    heard: list[int] = []

    def change(thread: int) -> None:
        with app.app_context():
            for number in range(thread * 125, thread * 125 + 125):
                with writing() as session:
                    say(session, number)
                db.session.remove()

    def listen() -> None:
        since: str | None = None
        while True:
            over = done.is_set()
            data, since = news(admin, since)
            heard.extend(numbers(data))
            if over and not data:
                return

    with ThreadPoolExecutor(9) as threads:
        listener = threads.submit(listen)
        list(threads.map(change, range(8)))
        done.set()
        listener.result()

    assert len(heard) == 1_000
    assert set(heard) == set(range(1_000))


@only_on_sqlite
def test_old_events_are_forgotten_and_a_position_is_never_given_again(world: World, clock: FakeClock) -> None:
    admin = world.admin()
    _, here = news(admin)
    with world.app.app_context():
        order.tidy_up(clock() + order.KEPT_FOR + timedelta(minutes=1))

    assert list(all_news(admin)) == []
    with world.app.app_context(), writing() as session:
        say(session, 7)
    assert numbers(news(admin, here)[0]) == [7]


def test_every_type_has_a_meaning_and_stands_in_the_documentation() -> None:
    assert list(MEANINGS) == list(LOGGED)
    assert set(EventType) == {*LOGGED, *FOR_PEOPLE_ALONE}
    assert as_table() in (ROOT / "docs" / "events.md").read_text()

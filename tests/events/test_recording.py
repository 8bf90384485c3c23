"""What is said to have happened: once a transaction, with the change or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import events
from database import reading, writing
from errors import NotFound
from events import Event, EventType, recording
from jobs import queue
from jobs.models import Job
from tests.conftest import SATURDAY
from tests.support.world import Person, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch) -> list[list[Event]]:
    """What listeners are told, a list for each transaction."""
    told: list[list[Event]] = []
    monkeypatch.setattr(recording, "_listeners", [])
    events.listen(lambda _session, happened: told.append(list(happened)))
    return told


def types(heard: list[list[Event]]) -> list[list[str]]:
    return [[str(event.type) for event in together] for together in heard]


def fail() -> None:
    with writing() as session:
        say(session, 1)
        raise NotFound


def say(session: Session, number: int) -> None:
    session.connection()
    events.record(session, EventType.REVIEW_CREATED, at=SATURDAY, actor_id=1, review_id=number)


def test_listeners_hear_all_of_a_transaction_at_once_before_its_commit(app: Flask, heard: list[list[Event]]) -> None:
    with app.app_context(), writing() as session:
        say(session, 1)
        with writing():
            say(session, 2)
        heard_before = list(heard)

    assert heard_before == []
    assert [[event.data for event in together] for together in heard] == [[{"review_id": 1}, {"review_id": 2}]]


def test_what_is_rolled_back_has_not_happened(app: Flask, heard: list[list[Event]]) -> None:
    with app.app_context():
        with pytest.raises(NotFound):
            fail()
        with writing() as session:
            session.connection()

    assert heard == []


def test_what_a_listener_writes_is_part_of_the_change(app: Flask) -> None:
    def note(session: Session, happened: Sequence[Event]) -> None:
        queue.enqueue(session, "accounts.tell", {"number": len(happened)})

    def refuse(_session: Session, _happened: Sequence[Event]) -> None:
        raise NotFound

    with app.app_context():
        events.listen(note)
        events.listen(refuse)
        with pytest.raises(NotFound), writing() as session:
            say(session, 1)
        with reading() as connection:
            assert connection.scalar(select(func.count(Job.id))) == 0


def test_a_past_that_is_made_up_is_no_news(app: Flask, heard: list[list[Event]]) -> None:
    with app.app_context(), writing() as session, events.unheard(session):
        say(session, 1)

    assert heard == []


def test_a_listener_that_is_connected_twice_hears_everything_once(app: Flask) -> None:
    called = []

    def hear(_session: Session, _happened: Sequence[Event]) -> None:
        called.append(1)

    events.listen(hear)
    events.listen(hear)
    with app.app_context(), writing() as session:
        say(session, 1)

    assert called == [1]


class TestBookings:
    """Each change of a booking is said once, by its name."""

    @pytest.fixture
    def people(self, world: World, heard: list[list[Event]]) -> tuple[Person, Person, dict[str, Any]]:
        student, teacher = world.student(), world.teacher()
        gig = world.gig(teacher)
        heard.clear()
        return student, teacher, gig

    def test_a_lesson_is_asked_for_moved_accepted_and_cancelled(
        self, world: World, people: tuple[Person, Person, dict[str, Any]], heard: list[list[Event]]
    ) -> None:
        student, teacher, gig = people

        booking = world.booking(student, gig)
        path = f"/api/bookings/{booking['id']}"
        student.patch(path, {"starts_at": world.at(days=2), "reason": "A day later."})
        teacher.patch(path, {"status": "accepted"})
        student.patch(path, {"status": "cancelled", "reason": "I am ill."})

        assert types(heard) == [["booking.requested"], ["booking.moved"], ["booking.accepted"], ["booking.cancelled"]]
        moved, cancelled = heard[1][0], heard[3][0]
        ids = {"booking_id": booking["id"], "student_id": student.id, "teacher_id": teacher.id}
        assert moved.actor_id == cancelled.actor_id == student.id
        assert moved.data.items() >= ids.items()
        assert (moved.data["starts_at"] - moved.data["from_starts_at"]).days == 1
        assert moved.data["reason"] == "A day later."
        assert (cancelled.data["from_status"], cancelled.data["fee_cents"]) == ("accepted", 0)

    def test_a_series_is_said_together(
        self, world: World, people: tuple[Person, Person, dict[str, Any]], heard: list[list[Event]]
    ) -> None:
        student, teacher, gig = people

        made = student.post("/api/bookings/series", {"gig_id": gig["id"], "starts_at": world.at(days=1), "weeks": 3})
        teacher.patch(f"/api/bookings/{made.json['data'][0]['id']}/series", {"status": "accepted"})

        assert types(heard) == [["booking.requested"] * 3, ["booking.accepted"] * 3]

    def test_a_refused_change_is_not_said(
        self, world: World, people: tuple[Person, Person, dict[str, Any]], heard: list[list[Event]]
    ) -> None:
        student, _teacher, gig = people
        booking = world.booking(student, gig)
        heard.clear()

        refused = student.patch(f"/api/bookings/{booking['id']}", {"status": "accepted"})

        assert refused.status_code == 403
        assert heard == []

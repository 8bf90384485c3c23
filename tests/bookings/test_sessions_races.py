"""Sessions at the same moment: no seat is sold twice, no place outlives its session, and nobody gets a 500."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from bookings.models import Booking, HeldTime
from bookings.moves.service import lapse_due
from bookings.sessions import lessons, records, service
from bookings.sessions.models import GroupSession
from bookings.sessions.plan import NewSessions
from bookings.waitlist.queue import lock_all
from database import reading, writing
from extensions import db
from server.children import wait_until
from tests.support.races import at_once, waits_for_lock
from tests.support.world import Person, World

THURSDAY = "2026-11-26T17:00:00Z"
NEXT_THURSDAY = "2026-12-03T17:00:00Z"
# SQLite has one writer at a time.
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher()


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    return world.gig(teacher, capacity=4, times="timetable", duration_minutes=60)


@pytest.fixture
def session_id(teacher: Person, gig: dict[str, Any]) -> int:
    made = teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": THURSDAY})
    return int(made.json["data"][0]["id"])


def test_the_last_place_is_sold_once(world: World, gig: dict[str, Any], session_id: int) -> None:
    answers = at_once([partial(_book, world, world.student(), gig) for _ in range(12)])

    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] * 4 + [409] * 8
    assert _consistent(world, session_id)


@pytest.mark.parametrize(
    "change",
    [{"status": "cancelled", "reason": "I am ill."}, {"starts_at": "2026-11-26T17:30:00Z"}, {"capacity": 1}],
    ids=["cancelling", "moving", "shrinking"],
)
def test_places_are_booked_while_the_session_changes(
    world: World, teacher: Person, gig: dict[str, Any], session_id: int, change: dict[str, Any]
) -> None:
    def alter() -> TestResponse:
        client = world.app.test_client(use_cookies=False)
        return client.patch(f"/api/sessions/{session_id}", json=change, headers=teacher.headers)

    attempts: list[Callable[[], TestResponse]] = [partial(_book, world, world.student(), gig) for _ in range(3)]

    answers = at_once([*attempts[:2], alter, *attempts[2:]])

    changed = answers.pop(2).status_code
    booked = [answer.status_code for answer in answers]
    # It has fewer places than were taken if it comes too late. Nothing else refuses a change of a session.
    assert changed == (409 if "capacity" in change and booked.count(201) > 1 else 200)
    assert set(booked) <= {201, 409}
    assert _consistent(world, session_id)


@on_postgresql
def test_a_student_who_leaves_meanwhile_does_not_fail_the_change_of_the_session(
    world: World, teacher: Person, gig: dict[str, Any], session_id: int
) -> None:
    leaves, stays = (_book(world, world.student(), gig).json["id"] for _ in range(2))
    cancel = partial(_patch, world, teacher, f"/api/sessions/{session_id}", {"status": "cancelled"})

    with world.app.app_context(), ThreadPoolExecutor(1) as pool:
        with db.engine.begin() as connection:
            connection.execute(update(Booking).where(Booking.id == leaves).values(status="cancelled"))
            answer = pool.submit(cancel)
            assert wait_until(lambda: waits_for_lock(world.app), seconds=20)

        assert answer.result(20).status_code == 200
    assert teacher.get(f"/api/bookings/{stays}").json["status"] == "rejected"


@on_postgresql
@pytest.mark.parametrize("ends", ["by an answer", "because its time has come"])
def test_the_end_of_a_wish_and_a_change_of_its_session_wait_for_each_other(
    world: World, teacher: Person, gig: dict[str, Any], session_id: int, ends: str
) -> None:
    student = world.student()
    booking = world.accepted(student, teacher, gig, starts_at=THURSDAY)
    teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": NEXT_THURSDAY})
    _patch(world, student, f"/api/bookings/{booking['id']}", {"starts_at": NEXT_THURSDAY})
    by_answer = partial(_patch, world, teacher, f"/api/bookings/{booking['id']}", {"move": "decline"})
    end = by_answer if ends == "by an answer" else partial(_lapse, world)

    with world.app.app_context(), ThreadPoolExecutor(1) as pool:
        # What a change of the session does, step by step.
        with writing() as session:
            record = records.read(session, session_id)
            lock_all(session, teacher.id, lessons.people_of(session, record))
            record = records.read(session, session_id, locked=True)
            ended = pool.submit(end)
            assert wait_until(lambda: waits_for_lock(world.app), seconds=20)
            its_lessons = select(Booking.id).where(Booking.session_id == record.id)
            locked = session.scalars(its_lessons.with_for_update()).all()
        ended.result(20)

    assert locked == [booking["id"]]
    assert student.get(f"/api/bookings/{booking['id']}").json["move"] is None


@on_postgresql
def test_a_wish_that_is_granted_while_its_time_becomes_a_session_leads_into_the_session(
    world: World, teacher: Person
) -> None:
    open_gig = world.gig(teacher, capacity=4, duration_minutes=60)
    student = world.student()
    booking = world.accepted(student, teacher, open_gig, starts_at=THURSDAY)
    path = f"/api/bookings/{booking['id']}"
    asked = _patch(world, student, path, {"starts_at": NEXT_THURSDAY})
    _patch(world, teacher, f"/api/gigs/{open_gig['id']}", {"times": "timetable"})
    start = NewSessions(starts_at=_instant(NEXT_THURSDAY))

    with world.app.app_context(), ThreadPoolExecutor(1) as pool:
        with writing():
            (made,) = service.create(open_gig["id"], start, actor=teacher, now=world.clock())
            answer = pool.submit(partial(_patch, world, teacher, path, {"move": "accept"}))
            assert wait_until(lambda: waits_for_lock(world.app), seconds=20)
        answers = (asked.status_code, answer.result(20).status_code)

    assert answers == (200, 200)
    assert [row["booking_id"] for row in teacher.get(f"/api/sessions/{made}").json["roster"]] == [booking["id"]]


def test_of_two_sessions_at_once_one_is_set(world: World, teacher: Person, gig: dict[str, Any]) -> None:
    other = world.gig(teacher, times="timetable", duration_minutes=60)

    def attempt(gig_id: int, starts_at: str) -> TestResponse:
        client = world.app.test_client(use_cookies=False)
        return client.post(f"/api/gigs/{gig_id}/sessions", json={"starts_at": starts_at}, headers=teacher.headers)

    starts = (THURSDAY, "2026-11-26T17:30:00Z")
    answers = at_once([partial(attempt, one["id"], start) for one in (gig, other) for start in starts])

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


def test_the_database_itself_knows_the_places_and_the_time_of_a_session(
    world: World, teacher: Person, gig: dict[str, Any], session_id: int
) -> None:
    made = _book(world, world.student(), gig).json
    wrong: list[dict[str, Any]] = [{"seat": 5}, {"starts_at": _instant("2026-11-26T16:30:00Z")}]

    for values in wrong:
        refused = pytest.raises(IntegrityError, match="no such place in the session")
        with world.app.app_context(), refused, db.engine.begin() as connection:
            connection.execute(update(Booking).where(Booking.id == made["id"]).values(**values))

    with world.app.app_context(), db.engine.connect() as connection:
        row = connection.execute(select(GroupSession).where(GroupSession.id == session_id)).mappings().one()
    twice = {name: row[name] for name in row if name != "id"} | {"gig_id": world.gig(teacher)["id"]}
    refused = pytest.raises(IntegrityError, match=r"overlap|ex_held_times")
    with world.app.app_context(), refused, db.engine.begin() as connection:
        connection.execute(insert(GroupSession).values(**twice))


def _instant(text: str) -> Any:
    return datetime.fromisoformat(text)


def _book(world: World, student: Person, gig: dict[str, Any]) -> TestResponse:
    client = world.app.test_client(use_cookies=False)
    body = {"gig_id": gig["id"], "starts_at": THURSDAY}
    return client.post("/api/bookings", json=body, headers=student.headers)


def _patch(world: World, person: Person, path: str, body: dict[str, Any]) -> TestResponse:
    return world.app.test_client(use_cookies=False).patch(path, json=body, headers=person.headers)


def _lapse(world: World) -> int:
    with world.app.app_context():
        return lapse_due(_instant(THURSDAY))


def _consistent(world: World, session_id: int) -> bool:
    """Tell whether all that is held in a session's name is at its time, on its seats, and only while it is set."""
    with world.app.app_context(), reading() as connection:
        session = connection.execute(select(GroupSession.__table__).where(GroupSession.id == session_id)).one()
        held = connection.execute(select(HeldTime.__table__).where(HeldTime.holder == -session_id)).all()
        active = connection.execute(
            select(Booking.starts_at).where(Booking.session_id == session_id, Booking.status == "pending")
        ).all()
    if session.status == "cancelled":
        return not held and not active
    seats = [row.seat for row in held if row.seat]
    return (
        len(seats) == len(set(seats)) == len(active) == len(held) - 1
        and max(seats, default=0) <= session.capacity
        and {row.starts_at for row in (*held, *active)} == {session.starts_at}
    )

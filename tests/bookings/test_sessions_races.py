"""Sessions at the same moment: no seat is sold twice, no place outlives its session, and nobody gets a 500."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from bookings.models import Booking, HeldTime
from bookings.sessions.models import GroupSession
from database import reading
from extensions import db
from tests.support.races import at_once
from tests.support.world import Person, World

THURSDAY = "2026-11-26T17:00:00Z"


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

    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert _consistent(world, session_id)


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

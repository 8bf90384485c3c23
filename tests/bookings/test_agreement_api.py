"""What was seen is what is agreed: nobody is bound to a price, to terms or to a fee that they were not shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.bookings.rows import count_bookings, status_of
from tests.conftest import FakeClock
from tests.support.races import at_once
from tests.support.world import Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SEEN = {
    "seen_price_cents": 3333,
    "seen_currency": "EUR",
    "seen_duration_minutes": 45,
    "seen_free_cancellation_hours": 24,
    "seen_late_cancellation_percent": 50,
}


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher()


@pytest.fixture
def student(world: World) -> Person:
    return world.student()


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    return world.gig(teacher, price_cents=3333, free_cancellation_hours=24, late_cancellation_percent=50)


def book(world: World, student: Person, gig: dict[str, Any], **body: Any) -> TestResponse:
    return student.post("/api/bookings", {"gig_id": gig["id"], "starts_at": world.at(days=2)} | body)


def book_series(world: World, student: Person, gig: dict[str, Any], **body: Any) -> TestResponse:
    return student.post("/api/bookings/series", {"gig_id": gig["id"], "starts_at": world.at(days=2), "weeks": 2} | body)


@on_sqlite
@pytest.mark.parametrize("ask", [book, book_series])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("price_cents", 9_000_000),
        ("price_cents", 1),
        ("currency", "KES"),
        ("duration_minutes", 5),
        ("free_cancellation_hours", 720),
        ("late_cancellation_percent", 100),
    ],
)
def test_a_lesson_is_not_booked_at_other_terms_than_those_that_were_seen(
    world: World,
    teacher: Person,
    student: Person,
    gig: dict[str, Any],
    ask: Callable[..., TestResponse],
    name: str,
    value: Any,
) -> None:
    assert teacher.patch(f"/api/gigs/{gig['id']}", {name: value}).status_code == 200

    answer = ask(world, student, gig, **SEEN)

    assert (answer.status_code, answer.json["type"]) == (409, "/problems/price-changed")
    now = {seen.removeprefix("seen_"): each for seen, each in SEEN.items()} | {name: value}
    assert answer.json["current"] == now
    assert count_bookings(world.app) == 0
    again = ask(world, student, gig, **{f"seen_{each}": what for each, what in answer.json["current"].items()})
    assert again.status_code == 201


def test_a_price_that_changes_in_that_very_moment_binds_nobody(world: World, teacher: Person) -> None:
    gig = world.gig(teacher, price_cents=1000)
    students = [world.student() for _ in range(6)]
    dearer = partial(teacher.patch, f"/api/gigs/{gig['id']}", {"price_cents": 9000})
    asking = [
        partial(book, world, person, gig, starts_at=world.at(days=number + 1), seen_price_cents=1000)
        for number, person in enumerate(students)
    ]

    _, *answers = at_once([dearer, *asking])

    prices = {answer.json["price_cents"] for answer in answers if answer.status_code == 201}
    assert prices <= {1000}
    assert {answer.json["type"] for answer in answers if answer.status_code != 201} <= {"/problems/price-changed"}


@on_sqlite
def test_a_place_of_the_waitlist_is_taken_at_the_price_that_was_seen(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    holder = world.student()
    taken = world.booking(holder, gig)
    entry = student.post("/api/waitlist", {"gig_id": gig["id"], "starts_at": taken["starts_at"]}).json["id"]
    teacher.patch(f"/api/gigs/{gig['id']}", {"price_cents": 9900})
    holder.patch(f"/api/bookings/{taken['id']}", {"status": "cancelled"})

    refused = student.post(f"/api/waitlist/{entry}/accept", SEEN)

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/price-changed")
    assert refused.json["current"]["price_cents"] == 9900
    assert student.get("/api/waitlist").json["data"][0]["status"] == "offered"
    assert student.post(f"/api/waitlist/{entry}/accept", {"seen_price_cents": 9900}).status_code == 200


@on_sqlite
def test_nobody_cancels_at_another_fee_than_they_were_told(
    world: World, clock: FakeClock, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.accepted(student, teacher, gig, starts_at=world.at(hours=24, minutes=5))
    path = f"/api/bookings/{booking['id']}"
    told = student.get(f"{path}/cancellation").json["fee_cents"]
    clock.advance(minutes=6)

    refused = student.patch(path, {"status": "cancelled", "fee_cents": told})

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/fee-changed")
    assert refused.json["current"] == {"fee_cents": 1667}
    assert status_of(world.app, booking["id"]) == "accepted"
    assert student.patch(path, {"status": "cancelled", "fee_cents": 1667}).json["cancellation_fee_cents"] == 1667


@on_sqlite
def test_nobody_moves_a_lesson_into_a_fee_that_they_were_not_told_of(
    world: World, clock: FakeClock, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    # Of other gigs a student only asks to move, which costs nothing.
    teacher.patch(f"/api/gigs/{gig['id']}", {"confirmation": "instant"})
    booking = world.booking(student, gig, starts_at=world.at(hours=24, minutes=5))
    path, later = f"/api/bookings/{booking['id']}", world.at(days=9)
    clock.advance(minutes=6)

    refused = student.patch(path, {"starts_at": later, "fee_cents": 0})

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/fee-changed")
    assert student.get(path).json["starts_at"] == booking["starts_at"]
    assert student.patch(path, {"starts_at": later, "fee_cents": 1667}).json["starts_at"] == later


@on_sqlite
@pytest.mark.parametrize(
    "body",
    [
        {"status": "accepted", "fee_cents": 0},
        {"status": "completed", "waive_fee": True},
        {"starts_at": "2026-12-01T10:00:00Z", "waive_fee": True},
        {"status": "rejected", "waive_fee": "true"},
        {"status": "rejected", "fee_cents": -1},
    ],
)
def test_fees_go_with_what_ends_or_moves_a_lesson(
    world: World, teacher: Person, student: Person, gig: dict[str, Any], body: dict[str, Any]
) -> None:
    booking = world.booking(student, gig)

    assert teacher.patch(f"/api/bookings/{booking['id']}", body).status_code == 422

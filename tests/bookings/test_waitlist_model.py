"""Waitlists in any order of events: places are never sold twice, and never stay empty while somebody waits."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import select

from bookings.models import Booking
from bookings.states import TRANSITIONS as BOOKING_TRANSITIONS
from bookings.statuses import ACTIVE, BookingStatus
from bookings.waitlist import sweep
from bookings.waitlist.models import OPEN, EntryStatus, WaitlistEntry
from bookings.waitlist.states import AFTER_OFFER, TRANSITIONS, Mover, open_to_student
from database import reading
from tests.conftest import FakeClock
from tests.support.world import World

STUDENTS, CAPACITY = 5, 2


def test_the_table_is_the_one_that_was_agreed() -> None:
    rows = {(row.source, row.target): row.who for row in TRANSITIONS}

    assert len(rows) == len(TRANSITIONS)
    assert rows == {
        ("waiting", "offered"): Mover.QUEUE,
        ("waiting", "left"): Mover.STUDENT,
        ("waiting", "lapsed"): Mover.CLOCK,
        ("offered", "accepted"): Mover.STUDENT,
        ("offered", "declined"): Mover.STUDENT,
        ("offered", "expired"): Mover.CLOCK,
        ("offered", "lapsed"): Mover.TEACHER,
    }
    assert {status for status in EntryStatus if any(row.source == status for row in TRANSITIONS)} == set(OPEN)
    assert open_to_student("offered") == ["accepted", "declined"]


def test_the_waitlist_follows_whatever_becomes_of_an_offered_booking() -> None:
    assert AFTER_OFFER.keys() == {row.target for row in BOOKING_TRANSITIONS if row.source == BookingStatus.PENDING}
    ends = {row.target for row in TRANSITIONS if row.source == EntryStatus.OFFERED}
    assert set(AFTER_OFFER.values()) == ends


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_events_keeps_the_places_full_and_sold_once(world: World, clock: FakeClock, seed: int) -> None:
    chance = random.Random(seed)
    gig = world.gig(world.teacher(), capacity=CAPACITY)
    at = world.at(days=2)
    students = [world.student() for _ in range(STUDENTS)]
    for _ in range(30):
        clock.advance(minutes=chance.choice((0, 1, 130)))
        person = world.sign_in(chance.choice(students))
        body = {"gig_id": gig["id"], "starts_at": at}
        entry, booking = _standing(world, person.id)
        move: Any = chance.choice(("book", "join", "accept", "decline", "cancel", "sweep"))
        if move == "book":
            answer = person.post("/api/bookings", body)
        elif move == "join":
            answer = person.post("/api/waitlist", body)
        elif move in ("accept", "decline"):
            answer = person.post(f"/api/waitlist/{entry}/{move}")
        elif move == "cancel":
            answer = person.patch(f"/api/bookings/{booking}", {"status": "cancelled"})
        else:
            answer = None
        assert answer is None or answer.status_code in (200, 201, 403, 404, 409), (move, answer.text)
        with world.app.app_context():
            sweep.sweep(clock())
        _assert_sound(world)


def _standing(world: World, student_id: int) -> tuple[int, int]:
    """The student's last entry and last booking; 1 if there is none, which is somebody else's or nobody's."""
    with world.app.app_context(), reading() as connection:
        entry = select(WaitlistEntry.id).where(WaitlistEntry.student_id == student_id)
        booking = select(Booking.id).where(Booking.student_id == student_id)
        return (
            connection.scalar(entry.order_by(WaitlistEntry.id.desc()).limit(1)) or 1,
            connection.scalar(booking.order_by(Booking.id.desc()).limit(1)) or 1,
        )


def _assert_sound(world: World) -> None:
    with world.app.app_context(), reading() as connection:
        active = connection.execute(
            select(Booking.id, Booking.student_id, Booking.seat, Booking.offered_until).where(
                Booking.status.in_(ACTIVE)
            )
        ).all()
        entries = connection.execute(
            select(WaitlistEntry.student_id, WaitlistEntry.status, WaitlistEntry.booking_id).where(
                WaitlistEntry.status.in_(OPEN)
            )
        ).all()
    assert len(active) <= CAPACITY
    assert len({row.seat for row in active}) == len({row.student_id for row in active}) == len(active)
    # A place is kept exactly for those to whom it is offered.
    kept = {(row.student_id, row.id) for row in active if row.offered_until}
    assert kept == {(row.student_id, row.booking_id) for row in entries if row.status == EntryStatus.OFFERED}
    # After a sweep nobody waits in vain: whoever still does sits in the lesson already, or the lesson is full.
    seated = {row.student_id for row in active}
    waiting = {row.student_id for row in entries if row.status == EntryStatus.WAITING}
    assert len(active) == CAPACITY or waiting <= seated

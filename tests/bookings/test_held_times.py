"""The times that bookings hold: kept by the database itself, whatever code changes a booking."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bookings.models import HeldTime
from bookings.statuses import BookingStatus
from database import reading
from tests.bookings.rows import delete_bookings, insert_booking, set_booking
from tests.conftest import SATURDAY
from tests.support.world import World

NOON = SATURDAY + timedelta(days=1)
MINUTE = timedelta(minutes=1)
ACTIVE = ("pending", "accepted")


def wish(starts_at: datetime, *, seat: int = 1, minutes: int = 45) -> dict[str, Any]:
    """The columns of a move that is asked for."""
    return {
        "move_starts_at": starts_at,
        "move_ends_at": starts_at + minutes * MINUTE,
        "move_seat": seat,
        "move_asked_by": "student",
        "move_asked_at": NOON,
    }


NO_WISH: dict[str, Any] = dict.fromkeys(wish(NOON))


def test_an_active_booking_holds_its_time_and_no_other_booking_does(world: World) -> None:
    student, gig = world.student(), world.gig(world.teacher())

    for day, status in enumerate(map(str, BookingStatus)):
        starts_at = NOON + timedelta(days=day)
        booking_id = insert_booking(world.app, student, gig, starts_at, status=status)

        assert held(world.app, booking_id) == ([starts_at] if status in ACTIVE else [])


def test_a_booking_holds_both_its_times_while_a_move_is_asked_for(world: World) -> None:
    student, gig = world.student(), world.gig(world.teacher())
    booking_id = insert_booking(world.app, student, gig, NOON, status="accepted")

    set_booking(world.app, booking_id, **wish(NOON + 30 * MINUTE))
    both = held(world.app, booking_id)
    set_booking(world.app, booking_id, starts_at=NOON + 30 * MINUTE, ends_at=NOON + 75 * MINUTE, **NO_WISH)
    moved = held(world.app, booking_id)
    set_booking(world.app, booking_id, status="cancelled")

    assert both == [NOON, NOON + 30 * MINUTE]
    assert moved == [NOON + 30 * MINUTE]
    assert held(world.app, booking_id) == []


@pytest.mark.parametrize("shared", ["teacher", "student"])
@pytest.mark.parametrize("minutes", [-44, 0, 44, 120 - 44, 120, 120 + 44])
def test_nobody_else_gets_either_of_the_two_times(world: World, shared: str, minutes: int) -> None:
    student, gig = world.student(), world.gig(teacher := world.teacher())
    booking_id = insert_booking(world.app, student, gig, NOON, status="accepted")
    set_booking(world.app, booking_id, **wish(NOON + 120 * MINUTE))
    booker = student if shared == "student" else world.student()
    second = world.gig(teacher if shared == "teacher" else world.teacher())

    with pytest.raises(IntegrityError):
        insert_booking(world.app, booker, second, NOON + minutes * MINUTE)

    assert insert_booking(world.app, booker, second, NOON + 60 * MINUTE)


def test_a_move_is_asked_for_no_time_that_is_taken(world: World) -> None:
    student, gig = world.student(), world.gig(world.teacher())
    booking_id = insert_booking(world.app, student, gig, NOON, status="accepted")
    insert_booking(world.app, world.student(), gig, NOON + 120 * MINUTE)

    with pytest.raises(IntegrityError):
        set_booking(world.app, booking_id, **wish(NOON + 100 * MINUTE))

    assert held(world.app, booking_id) == [NOON]


def test_a_wish_takes_one_seat_of_the_group_that_it_is_to_join(world: World) -> None:
    student, gig = world.student(), world.gig(world.teacher(), capacity=3)
    booking_id = insert_booking(world.app, student, gig, NOON, status="accepted")
    insert_booking(world.app, world.student(), gig, NOON + 120 * MINUTE, seat=1)

    with pytest.raises(IntegrityError):
        set_booking(world.app, booking_id, **wish(NOON + 120 * MINUTE, seat=1))
    set_booking(world.app, booking_id, **wish(NOON + 120 * MINUTE, seat=2))
    with pytest.raises(IntegrityError):
        insert_booking(world.app, world.student(), gig, NOON + 120 * MINUTE, seat=2)

    assert insert_booking(world.app, world.student(), gig, NOON + 120 * MINUTE, seat=3)


def test_only_a_lesson_that_is_agreed_on_can_be_asked_to_move(world: World) -> None:
    booking_id = insert_booking(world.app, world.student(), world.gig(world.teacher()), NOON)

    with pytest.raises(IntegrityError):
        set_booking(world.app, booking_id, **wish(NOON + 120 * MINUTE))


def test_a_deleted_booking_holds_nothing(world: World) -> None:
    booking_id = insert_booking(world.app, world.student(), world.gig(world.teacher()), NOON)

    delete_bookings(world.app)

    assert held(world.app, booking_id) == []


def held(app: Flask, booking_id: int) -> list[datetime]:
    """When the times begin that a booking holds."""
    with app.app_context(), reading() as connection:
        times = select(HeldTime.starts_at).where(HeldTime.booking_id == booking_id).order_by(HeldTime.starts_at)
        return list(connection.execute(times).scalars())

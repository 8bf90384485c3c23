"""A person's bookings at a glance: counts, what waits, a teacher's taken times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from flask import Flask

from bookings.my_lessons.queries import booking_counts, waiting_count
from bookings.rules.occupancy import taken_times
from support.queries import count_queries
from tests.bookings.rows import insert_booking
from tests.conftest import SATURDAY
from tests.support.world import World

Result = TypeVar("Result")

NOON = SATURDAY + timedelta(days=1)
NOTHING = dict.fromkeys(["pending", "accepted", "rejected", "cancelled", "expired", "completed", "no_show"], 0)


def status_counts(user_id: int, role: str) -> dict[str, int]:
    counts: dict[str, int] = booking_counts(user_id, role).json()["statuses"]
    return counts


def waiting_for(user_id: int, role: str) -> int:
    return int(waiting_count(user_id, role).json()["number"])


def test_bookings_are_counted_by_status_for_both_sides(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher)
    before = _in(world.app, lambda: status_counts(student.id, "student"))
    for number, status in enumerate(["pending", "accepted", "completed", "completed"]):
        insert_booking(world.app, student, gig, NOON + timedelta(hours=number), status=status)

    expected = NOTHING | {"pending": 1, "accepted": 1, "completed": 2}

    assert before == NOTHING
    assert _in(world.app, lambda: status_counts(student.id, "student")) == expected
    assert _in(world.app, lambda: status_counts(teacher.id, "teacher")) == expected


def test_what_waits_are_the_requests_of_the_other_side(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher)
    insert_booking(world.app, student, gig, NOON)
    insert_booking(world.app, student, gig, NOON + timedelta(hours=1))
    insert_booking(world.app, student, gig, NOON + timedelta(hours=2), requested_by="teacher")
    insert_booking(world.app, student, gig, NOON + timedelta(hours=3), status="accepted")

    assert _in(world.app, lambda: waiting_for(teacher.id, "teacher")) == 2
    assert _in(world.app, lambda: waiting_for(student.id, "student")) == 1


def test_counts_are_cached_and_follow_every_change(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    booking = world.booking(student, world.gig(teacher))
    assert _in(world.app, lambda: waiting_for(teacher.id, "teacher")) == 1

    with count_queries() as statements:
        again = _in(world.app, lambda: waiting_for(teacher.id, "teacher"))
    teacher.patch(f"/api/bookings/{booking['id']}", {"status": "accepted"})

    assert (again, statements) == (1, [])
    assert _in(world.app, lambda: waiting_for(teacher.id, "teacher")) == 0
    assert _in(world.app, lambda: status_counts(student.id, "student"))["accepted"] == 1


def test_taken_times_are_a_teachers_active_lessons_that_reach_into_the_interval(world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig, group, long = world.gig(teacher), world.gig(teacher, capacity=3), world.gig(teacher, duration_minutes=480)
    hour = timedelta(hours=1)
    insert_booking(world.app, student, long, NOON - 7 * hour, minutes=480)
    insert_booking(world.app, student, gig, NOON + 2 * hour, status="accepted")
    for seat in (1, 2):
        insert_booking(world.app, world.student(), group, NOON + 3 * hour, seat=seat)
    insert_booking(world.app, student, gig, NOON + 4 * hour, status="cancelled")
    insert_booking(world.app, student, gig, NOON + 6 * hour)
    insert_booking(world.app, world.student(), world.gig(world.teacher()), NOON + 2 * hour)

    taken = _in(world.app, lambda: taken_times(teacher.id, NOON, NOON + 6 * hour))

    lesson = timedelta(minutes=45)
    assert taken == [
        (NOON - 7 * hour, NOON + hour),
        (NOON + 2 * hour, NOON + 2 * hour + lesson),
        (NOON + 3 * hour, NOON + 3 * hour + lesson),
    ]


def _in(app: Flask, ask: Callable[[], Result]) -> Result:
    with app.app_context():
        return ask()

"""No two active lessons of one person overlap: the API says so kindly, and the database has the last word."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bookings.rules import checks
from bookings.statuses import BookingStatus
from tests.bookings.rows import count_bookings, insert_booking, overlapping_pairs, seats, set_booking
from tests.conftest import SATURDAY
from tests.support.world import World

NOON = SATURDAY + timedelta(days=1)
# Minutes between the first lesson's start and the second one's; both last 45. Do they overlap?
DISTANCES = [
    (0, True),
    (1, True),
    (44, True),
    (-1, True),
    (-44, True),
    (45, False),
    (-45, False),
    (46, False),
    (-46, False),
    (12 * 60, False),
]
# Each distance is tried on a day of its own.
NOONS = [NOON + timedelta(days=2 * number) for number in range(len(DISTANCES))]
ACTIVE = ["pending", "accepted"]
OVER = [status for status in map(str, BookingStatus) if status not in ACTIVE]


@pytest.mark.parametrize("shared", ["teacher", "student"])
def test_lessons_of_one_person_may_touch_but_not_overlap(world: World, shared: str) -> None:
    student, gig = world.student(), world.gig(teacher := world.teacher())
    booker = student if shared == "student" else world.student()
    second = world.gig(teacher if shared == "teacher" else world.teacher())

    for noon, (minutes, overlaps) in zip(NOONS, DISTANCES, strict=True):
        world.booking(student, gig, starts_at=_written(noon))
        body = {"gig_id": second["id"], "starts_at": _written(noon + timedelta(minutes=minutes))}
        answer = booker.post("/api/bookings", body)

        assert (minutes, answer.status_code) == (minutes, 409 if overlaps else 201)
        assert not overlaps or answer.json["type"].endswith("/slot-taken")
    assert overlapping_pairs(world.app) == 0


def test_a_lesson_that_is_not_active_is_in_nobodys_way(world: World) -> None:
    student, gig = world.student(), world.gig(world.teacher())
    for status in OVER:
        insert_booking(world.app, student, gig, NOON, status=status)

    assert world.booking(student, gig, starts_at=_written(NOON))


def test_a_cancelled_lesson_frees_its_time(world: World) -> None:
    student, other, teacher = world.student(), world.student(), world.teacher()
    gig = world.gig(teacher)
    booking = world.booking(student, gig, starts_at=_written(NOON))

    student.patch(f"/api/bookings/{booking['id']}", {"status": "cancelled"})

    assert world.booking(other, gig, starts_at=_written(NOON))


def test_short_lessons_do_not_fit_into_a_long_one(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    world.booking(student, world.gig(teacher, duration_minutes=480), starts_at=_written(NOON))
    short = world.gig(teacher, duration_minutes=5)

    for minutes in (0, 240, 475):
        body = {"gig_id": short["id"], "starts_at": _written(NOON + timedelta(minutes=minutes))}
        assert world.student().post("/api/bookings", body).status_code == 409
    assert world.booking(world.student(), short, starts_at=_written(NOON + timedelta(minutes=480)))


def test_the_seats_of_a_group_lesson_are_taken_from_the_lowest(world: World) -> None:
    gig = world.gig(world.teacher(), capacity=3)
    first, second, third, late = (world.student() for _ in range(4))
    bookings = [world.booking(person, gig, starts_at=_written(NOON)) for person in (first, second, third)]
    body = {"gig_id": gig["id"], "starts_at": _written(NOON)}

    full = late.post("/api/bookings", body)
    second.patch(f"/api/bookings/{bookings[1]['id']}", {"status": "cancelled"})
    again = late.post("/api/bookings", body)

    assert full.status_code == 409
    assert full.json["type"].endswith("/slot-taken")
    assert again.status_code == 201
    assert sorted(seats(world.app)) == [1, 2, 2, 3]


def test_a_group_shares_one_start_only_and_nobody_sits_on_two_seats(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher, capacity=5)
    world.booking(student, gig, starts_at=_written(NOON))

    for booker, offered, minutes in (
        (world.student(), gig, 5),
        (world.student(), world.gig(teacher, capacity=5), 0),
        (student, gig, 0),
    ):
        body = {"gig_id": offered["id"], "starts_at": _written(NOON + timedelta(minutes=minutes))}
        assert booker.post("/api/bookings", body).status_code == 409


@pytest.mark.parametrize("shared", ["teacher", "student"])
def test_the_database_itself_refuses_an_overlap(world: World, shared: str) -> None:
    student, gig = world.student(), world.gig(teacher := world.teacher())
    booker = student if shared == "student" else world.student()
    second = world.gig(teacher if shared == "teacher" else world.teacher())

    for noon, (minutes, overlaps) in zip(NOONS, DISTANCES, strict=True):
        insert_booking(world.app, student, gig, noon)
        with pytest.raises(IntegrityError) if overlaps else nullcontext():
            insert_booking(world.app, booker, second, noon + timedelta(minutes=minutes))
    assert overlapping_pairs(world.app) == 0


def test_the_database_refuses_to_move_or_wake_a_lesson_into_another_one(world: World) -> None:
    student, gig = world.student(), world.gig(world.teacher())
    insert_booking(world.app, student, gig, NOON)
    later = insert_booking(world.app, student, gig, NOON + timedelta(hours=2))
    cancelled = insert_booking(world.app, student, gig, NOON, status="cancelled")

    with pytest.raises(IntegrityError):
        set_booking(world.app, later, starts_at=NOON + timedelta(minutes=44))
    with pytest.raises(IntegrityError):
        set_booking(world.app, cancelled, status="accepted")

    set_booking(world.app, later, ends_at=NOON + timedelta(hours=4))


def test_the_database_sells_each_seat_once(world: World) -> None:
    gig = world.gig(world.teacher(), capacity=5)
    insert_booking(world.app, world.student(), gig, NOON, seat=1)
    insert_booking(world.app, world.student(), gig, NOON, seat=2)

    with pytest.raises(IntegrityError):
        insert_booking(world.app, world.student(), gig, NOON, seat=2)


def test_without_its_rule_the_database_takes_anything(world: World, without_overlap_rule: None) -> None:
    # The control: if this failed, the tests above would prove nothing.
    student, gig = world.student(), world.gig(world.teacher())

    insert_booking(world.app, student, gig, NOON)
    insert_booking(world.app, student, gig, NOON + timedelta(minutes=10))

    assert overlapping_pairs(world.app) == 1


def test_what_the_check_lets_through_the_database_turns_into_the_same_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    student, gig = world.student(), world.gig(world.teacher(), capacity=2)
    world.booking(student, gig, starts_at=_written(NOON))
    monkeypatch.setattr(checks, "free_seat", lambda *_, **__: 1)

    overlap = student.post("/api/bookings", {"gig_id": gig["id"], "starts_at": _written(NOON + timedelta(minutes=5))})
    seat = world.student().post("/api/bookings", {"gig_id": gig["id"], "starts_at": _written(NOON)})

    for answer in (overlap, seat):
        assert answer.status_code == 409
        assert answer.json["type"].endswith("/slot-taken")
    assert count_bookings(world.app) == 1


def _written(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")

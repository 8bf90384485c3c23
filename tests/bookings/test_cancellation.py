"""What calling a lesson off costs: the arithmetic, the promise that it is kept, and no way around it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Role
from bookings.records import BookingRecord
from bookings.rules.cancellation import after_move, fee_cents, share_of
from bookings.statuses import BookingStatus
from tests.conftest import FakeClock
from tests.support.world import Person, World

START = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)
MICROSECOND, HOUR = timedelta(microseconds=1), timedelta(hours=1)


def terms(**changes: Any) -> BookingRecord:
    """A booking with these terms; who it is of does not matter here."""
    usual: dict[str, Any] = {
        "status": BookingStatus.ACCEPTED,
        "starts_at": START,
        "price_cents": 3000,
        "free_cancellation_hours": 24,
        "late_cancellation_percent": 50,
        "fee_since": None,
    }
    ids = dict.fromkeys(("id", "gig_id", "student_id"), 1) | {"teacher_id": 2}
    others: dict[str, Any] = {"series_id": None, "session_id": None, "cancellation_fee_cents": None}
    others |= {"requested_by": Role.STUDENT, "ends_at": START, "currency": "EUR"}
    return BookingRecord(**ids | others | usual | changes)


def fee(of: BookingRecord, now: datetime, *, by_student: bool = True) -> int:
    return fee_cents(of, by_student=by_student, now=now)


@pytest.mark.parametrize(
    ("now", "owed"),
    [
        (START - 100 * HOUR, 0),
        (START - 24 * HOUR - MICROSECOND, 0),
        (START - 24 * HOUR, 0),
        (START - 24 * HOUR + MICROSECOND, 1500),
        (START - MICROSECOND, 1500),
    ],
)
def test_the_last_free_instant_is_so_many_hours_before_the_start(now: datetime, owed: int) -> None:
    assert fee(terms(), now) == owed


@pytest.mark.parametrize(
    ("price", "percent", "owed"),
    [(1, 50, 1), (1, 49, 0), (3, 50, 2), (999, 33, 330), (150, 33, 50), (0, 100, 0), (10_000_000, 100, 10_000_000)],
)
def test_a_share_is_rounded_half_up(price: int, percent: int, owed: int) -> None:
    assert share_of(price, percent) == owed


LATE = START - HOUR


@pytest.mark.parametrize(
    "of",
    [
        terms(late_cancellation_percent=0),
        # Until it starts, calling off is free, and after that it is impossible.
        terms(free_cancellation_hours=0),
        terms(status=BookingStatus.PENDING),
        terms(price_cents=0),
    ],
)
def test_what_costs_nothing(of: BookingRecord) -> None:
    assert fee(of, LATE) == 0


def test_only_the_student_ever_owes_anything() -> None:
    assert (fee(terms(), LATE), fee(terms(), LATE, by_student=False)) == (1500, 0)


some_terms = st.builds(
    terms,
    status=st.sampled_from([BookingStatus.PENDING, BookingStatus.ACCEPTED]),
    starts_at=st.integers(0, 10_000).map(lambda minutes: START + timedelta(minutes=minutes)),
    price_cents=st.integers(0, 10_000_000),
    free_cancellation_hours=st.integers(0, 720),
    late_cancellation_percent=st.integers(0, 100),
)
instants = st.timedeltas(timedelta(days=-40), timedelta(days=10)).map(lambda distance: START + distance)


@given(some_terms, instants, instants, st.booleans())
def test_a_fee_never_falls_with_time_and_never_exceeds_its_share(
    of: BookingRecord, one: datetime, other: datetime, by_student: bool
) -> None:
    sooner, later = (fee(of, now, by_student=by_student) for now in sorted((one, other)))

    exact = Fraction(of.price_cents * of.late_cancellation_percent, 100)
    assert 0 <= sooner <= later <= of.price_cents
    assert later == 0 or abs(later - exact) <= Fraction(1, 2)


@given(some_terms, instants, st.lists(st.tuples(st.integers(-10_000, 100_000), st.integers(0, 5000)), max_size=5))
def test_no_number_of_moves_by_the_student_makes_a_fee_smaller(
    of: BookingRecord, now: datetime, moves: list[tuple[int, int]]
) -> None:
    owed = fee(of, now)
    for distance, minutes in moves:
        changes = after_move(of, by_student=True, now=now)
        of = replace(of, **changes, status=BookingStatus.PENDING, starts_at=START + timedelta(minutes=distance))
        now += timedelta(minutes=minutes)

        assert fee(of, now) >= owed


@given(some_terms, instants)
def test_what_somebody_else_moves_costs_the_student_nothing(of: BookingRecord, now: datetime) -> None:
    moved = replace(of, **after_move(of, by_student=False, now=now))

    assert fee(moved, now) == 0


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher()


@pytest.fixture
def student(world: World) -> Person:
    return world.student()


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    return world.gig(teacher, price_cents=3333, free_cancellation_hours=24, late_cancellation_percent=50)


def ask(person: Person, booking: dict[str, Any]) -> dict[str, Any]:
    answer = person.get(f"/api/bookings/{booking['id']}/cancellation")
    assert answer.status_code == 200
    return dict(answer.json)


def cancel(person: Person, booking: dict[str, Any]) -> int:
    answer = person.patch(f"/api/bookings/{booking['id']}", {"status": "cancelled"})
    assert answer.status_code == 200, answer.text
    return int(answer.json["cancellation_fee_cents"])


def move(person: Person, booking: dict[str, Any], starts_at: str) -> None:
    assert person.patch(f"/api/bookings/{booking['id']}", {"starts_at": starts_at}).status_code == 200


def accept(person: Person, booking: dict[str, Any]) -> None:
    assert person.patch(f"/api/bookings/{booking['id']}", {"status": "accepted"}).status_code == 200


def test_each_person_is_told_what_their_own_cancelling_would_cost(
    world: World, clock: FakeClock, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking, admin = world.booking(student, gig, starts_at=world.at(hours=24, minutes=5)), world.admin()
    free_until = {"free_until": "2026-11-21T09:35:00Z", "late_percent": 50, "currency": "EUR"}

    assert ask(student, booking) == {"allowed": True, "fee_cents": 0} | free_until
    # Whoever was asked does not cancel but decline.
    assert ask(teacher, booking) == {"allowed": False, "fee_cents": 0} | free_until
    accept(teacher, booking)
    clock.advance(minutes=5)
    assert ask(student, booking) == {"allowed": True, "fee_cents": 0} | free_until
    clock.advance(seconds=1)
    assert ask(student, booking) == {"allowed": True, "fee_cents": 1667} | free_until
    for person in (teacher, admin):
        assert ask(person, booking) == {"allowed": True, "fee_cents": 0} | free_until


def test_what_was_shown_is_what_is_kept(world: World, teacher: Person, student: Person, gig: dict[str, Any]) -> None:
    booking = world.accepted(student, teacher, gig, starts_at=world.at(hours=23))

    assert "cancellation_fee_cents" not in booking
    assert ask(student, booking)["fee_cents"] == 1667
    assert cancel(student, booking) == 1667
    assert teacher.get(f"/api/bookings/{booking['id']}").json["cancellation_fee_cents"] == 1667
    assert "cancellation_fee_cents" not in teacher.get("/api/bookings").json["data"][0]
    over = {"allowed": False, "fee_cents": 0, "currency": "EUR", "free_until": None, "late_percent": 50}
    assert ask(student, booking) == over


@pytest.mark.parametrize("role", ["teacher", "admin"])
def test_a_lesson_that_somebody_else_calls_off_costs_nothing(
    world: World, teacher: Person, student: Person, gig: dict[str, Any], role: str
) -> None:
    booking = world.accepted(student, teacher, gig, starts_at=world.at(hours=1))

    assert cancel(teacher if role == "teacher" else world.admin(), booking) == 0


def test_the_terms_are_those_under_which_the_lesson_was_booked(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.accepted(student, teacher, gig, starts_at=world.at(hours=23))
    terms = {"free_cancellation_hours": 720, "late_cancellation_percent": 100, "price_cents": 9900}
    assert teacher.patch(f"/api/gigs/{gig['id']}", terms).status_code == 200
    later = world.accepted(student, teacher, gig, starts_at=world.at(hours=100))

    assert (ask(student, booking)["fee_cents"], ask(student, later)["fee_cents"]) == (1667, 9900)


def test_without_terms_cancelling_is_free_at_any_time(world: World, teacher: Person, student: Person) -> None:
    booking = world.accepted(student, teacher, world.gig(teacher), starts_at=world.at(minutes=1))

    free = {"allowed": True, "fee_cents": 0, "currency": "EUR", "free_until": None, "late_percent": 0}
    assert ask(student, booking) == free


def test_a_lesson_moved_at_once_and_too_late_costs_what_it_would_have_cost_however_far_it_was_moved(
    world: World, clock: FakeClock, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.accepted(student, teacher, gig, starts_at=world.at(hours=23))
    teacher.patch(f"/api/gigs/{gig['id']}", {"confirmation": "instant"})
    free_until = ask(student, booking)["free_until"]

    move(student, booking, world.at(days=300))

    # Not after yet another move either.
    assert (ask(student, booking)["fee_cents"], ask(student, booking)["free_until"]) == (1667, free_until)
    clock.advance(minutes=1)
    move(student, booking, world.at(days=200))
    assert (ask(student, booking)["fee_cents"], ask(student, booking)["free_until"]) == (1667, free_until)
    assert cancel(student, booking) == 1667


def test_a_lesson_moved_in_time_has_a_new_last_free_instant(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.accepted(student, teacher, gig, starts_at=world.at(hours=24))
    teacher.patch(f"/api/gigs/{gig['id']}", {"confirmation": "instant"})

    move(student, booking, world.at(hours=48))

    assert ask(student, booking)["free_until"] == world.at(hours=24)
    assert cancel(student, booking) == 0


def test_a_request_for_the_next_hours_may_be_moved_and_taken_back_for_nothing(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.booking(student, gig, starts_at=world.at(hours=2))

    move(student, booking, world.at(hours=90))
    accept(teacher, booking)

    assert ask(student, booking)["free_until"] == world.at(hours=66)
    assert cancel(student, booking) == 0


def test_a_time_that_the_teacher_has_chosen_alone_costs_the_student_nothing(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.accepted(student, teacher, gig, starts_at=world.at(days=9))

    move(teacher, booking, world.at(hours=2))

    assert ask(student, booking)["late_percent"] == 0
    assert cancel(student, booking) == 0


def test_a_time_that_the_teacher_asks_for_and_the_student_accepts_has_the_usual_terms(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.booking(student, gig, starts_at=world.at(hours=2))

    move(teacher, booking, world.at(hours=3))
    assert ask(student, booking)["fee_cents"] == 0
    accept(student, booking)

    assert cancel(student, booking) == 1667


def test_cancellation_is_nobody_elses_business(world: World, student: Person, gig: dict[str, Any]) -> None:
    path = f"/api/bookings/{world.booking(student, gig)['id']}/cancellation"

    assert world.student().get(path).status_code == 404
    assert world.teacher().get(path).status_code == 404
    assert student.get("/api/bookings/999/cancellation").status_code == 404

"""Many people at the same moment: one of them wins, everybody else gets a 409, and nobody a 500.

Every attempt is a request of its own with real commits, all of them released by one barrier.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import cycle, islice
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bookings import admission
from tests.bookings.rows import count_bookings, count_events, overlapping_pairs, status_of
from tests.conftest import SATURDAY
from tests.support.races import at_once
from tests.support.world import Person, World

ATTEMPTS = 100
NOON = SATURDAY + timedelta(days=1)


@pytest.mark.parametrize("step", [0, 1], ids=["the same time", "times that overlap"])
def test_a_hundred_attempts_at_one_slot_make_one_booking(world: World, step: int) -> None:
    gig = world.gig(world.teacher(), duration_minutes=ATTEMPTS + 5)
    students = islice(cycle([world.student() for _ in range(10)]), ATTEMPTS)

    answers = at_once(
        [partial(_book, world, person, gig, minutes=step * number) for number, person in enumerate(students)]
    )

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: ATTEMPTS - 1}
    assert {answer.json["type"] for answer in answers if answer.status_code == 409} == {"/problems/slot-taken"}
    assert (count_bookings(world.app), count_events(world.app)) == (1, 1)


def test_the_database_alone_lets_one_through(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without the service's locks and checks the constraints are left, which may find each other in a deadlock.
    monkeypatch.setattr(admission, "lock_people", lambda *_: None)
    monkeypatch.setattr(admission, "free_seat", lambda *_: 1)
    gig = world.gig(world.teacher())
    students = [world.student() for _ in range(20)]

    answers = at_once([partial(_book, world, person, gig, minutes=n) for n, person in enumerate(students)])

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
    assert {answer.json["type"] for answer in answers if answer.status_code == 409} <= {
        "/problems/slot-taken",
        "/problems/busy",
    }
    assert overlapping_pairs(world.app) == 0


def test_a_student_who_books_several_teachers_at_once_gets_one(world: World) -> None:
    student = world.student()
    gigs = [world.gig(world.teacher()) for _ in range(5)]

    answers = at_once([partial(_book, world, student, gig, minutes=5 * n) for n, gig in enumerate(gigs * 4)])

    # Twenty attempts, five minutes apart, at lessons of 45 minutes: no more than three fit one after the other.
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) == {201, 409}
    assert statuses[201] <= 3
    assert overlapping_pairs(world.app) == 0


def test_people_who_book_each_others_times_crosswise_do_not_block_each_other(world: World) -> None:
    students, teachers = [world.student() for _ in range(6)], [world.teacher() for _ in range(6)]
    gigs = [world.gig(teacher) for teacher in teachers]

    answers = at_once([partial(_book, world, student, gig) for student in students for gig in gigs])

    # The most that fits is a pairing of everybody; how many find each other depends on the race.
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {201, 409}
    assert 1 <= statuses[201] <= 6
    assert overlapping_pairs(world.app) == 0


def test_the_last_seats_are_sold_once(world: World) -> None:
    gig = world.gig(world.teacher(), capacity=3)
    students = [world.student() for _ in range(12)]

    answers = at_once([partial(_book, world, student, gig) for student in students])

    assert Counter(answer.status_code for answer in answers) == {201: 3, 409: 9}


@pytest.mark.parametrize("rival", [("student", "cancelled"), ("teacher", "rejected"), ("teacher", "accepted")])
def test_of_two_who_act_at_once_one_wins(world: World, rival: tuple[str, str]) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher)
    for day in range(8):
        booking = world.booking(student, gig, starts_at=world.at(days=1 + day))
        second = partial(_change, world, student if rival[0] == "student" else teacher, booking, rival[1])
        events = count_events(world.app)

        answers = at_once([partial(_change, world, teacher, booking, "accepted"), second])

        _assert_one_won_or_both_in_turn(answers, rival[1])
        changes = count_events(world.app) - events
        assert changes == sum(answer.status_code == 200 for answer in answers)
        assert status_of(world.app, booking["id"]) in ("accepted", rival[1])


def test_a_time_that_becomes_free_is_taken_once(world: World) -> None:
    owner, teacher = world.student(), world.teacher()
    gig = world.gig(teacher)
    booking = world.booking(owner, gig, starts_at=world.at(days=1))
    others = [world.student() for _ in range(8)]
    attempts: list[Callable[[], TestResponse]] = [partial(_book, world, person, gig) for person in others]

    answers = at_once([partial(_change, world, owner, booking, "cancelled"), *attempts])

    assert answers[0].status_code == 200
    assert set(Counter(answer.status_code for answer in answers[1:])) <= {201, 409}
    assert sum(answer.status_code == 201 for answer in answers[1:]) <= 1
    assert overlapping_pairs(world.app) == 0


def _assert_one_won_or_both_in_turn(answers: list[TestResponse], rival: str) -> None:
    """Only an acceptance can be followed by a cancellation; any other pair has one winner and a 409."""
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200, 409] or (rival == "cancelled" and codes == [200, 200])


def _book(world: World, person: Person, gig: dict[str, Any], *, minutes: int = 0) -> TestResponse:
    starts_at = (NOON + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {"gig_id": gig["id"], "starts_at": starts_at}
    return world.anyone.post("/api/bookings", json=body, headers=person.headers)


def _change(world: World, person: Person, booking: dict[str, Any], status: str) -> TestResponse:
    return world.anyone.patch(f"/api/bookings/{booking['id']}", json={"status": status}, headers=person.headers)

"""Many people at the same moment: one of them wins, everybody else gets a 409, and nobody a 500.

Every attempt is a request of its own with real commits, all of them released by one barrier.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import cycle, islice
from threading import Barrier
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bookings.rules import checks
from extensions import db
from tests.bookings.rows import count_bookings, count_events, overlapping_pairs, seats, status_of
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


def test_of_many_who_take_a_time_that_is_confirmed_at_once_one_has_it(world: World) -> None:
    teacher = world.teacher()
    gigs = [world.gig(teacher, confirmation=how) for how in ("instant", "instant", "ask")]
    attempts = [partial(_book, world, world.student(), gigs[n % 3], minutes=7 * (n % 4)) for n in range(12)]

    answers = at_once(attempts)

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 11}
    assert _types(answers) == {"slot-taken"}
    won = next(answer.json for answer in answers if answer.status_code == 201)
    assert won["status"] == ("pending" if won["gig"]["id"] == gigs[2]["id"] else "accepted")


def test_the_database_alone_lets_one_through(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without the service's locks and checks the constraints are left, which may find each other in a deadlock.
    monkeypatch.setattr(checks, "lock_people", lambda *_: None)
    monkeypatch.setattr(checks, "free_seat", lambda *_, **__: 1)
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


def test_of_fifty_who_want_the_last_seat_one_gets_it(world: World) -> None:
    gig = world.gig(world.teacher(), capacity=3)
    for _ in range(2):
        world.booking(world.student(), gig)
    students = [world.student() for _ in range(50)]

    answers = at_once([partial(_book, world, student, gig) for student in students])

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 49}
    assert sorted(seats(world.app)) == [1, 2, 3]


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


def test_a_lesson_that_is_moved_and_others_that_are_booked_never_get_the_same_time(world: World) -> None:
    teacher, owner = world.teacher(), world.student()
    gig = world.gig(teacher)
    others = [world.student() for _ in range(6)]
    for day in range(4):
        lesson = world.accepted(owner, teacher, gig, starts_at=world.at(days=20 + day))
        noon = 1440 * day
        bookings = [partial(_book, world, person, gig, minutes=noon + 7 * n) for n, person in enumerate(others)]

        answers = at_once([partial(_move, world, owner, lesson, minutes=noon + 20), *bookings])

        assert {answer.status_code for answer in answers} <= {200, 201, 409}
        assert sum(answer.status_code != 409 for answer in answers) == 1
        assert _types(answers) == {"slot-taken"}
    assert overlapping_pairs(world.app) == 0


def test_two_lessons_that_change_places_at_once_stay_where_they_are(world: World) -> None:
    teacher = world.teacher()
    gig, students = world.gig(teacher), [world.student() for _ in range(2)]
    one, two = (_book(world, person, gig, minutes=60 * n).json for n, person in enumerate(students))

    for _ in range(6):
        answers = at_once(
            [
                partial(_move, world, students[0], one, minutes=60),
                partial(_move, world, teacher, one, minutes=60),
                partial(_move, world, students[1], two, minutes=0),
                partial(_move, world, teacher, two, minutes=0),
            ]
        )

        assert {answer.status_code for answer in answers} == {409}
        assert _types(answers) == {"slot-taken"}


def test_lessons_that_are_moved_crosswise_do_not_block_each_other(world: World) -> None:
    students, teachers = [world.student() for _ in range(3)], [world.teacher() for _ in range(3)]
    gigs = [world.gig(teacher) for teacher in teachers]
    pairs = [(student, gig) for student in students for gig in gigs]
    lessons = [_book(world, student, gig, minutes=60 * n).json for n, (student, gig) in enumerate(pairs)]
    attempts = [
        partial(_move, world, mover, lesson, minutes=1440 + 10 * n)
        for n, (lesson, (student, gig)) in enumerate(zip(lessons, pairs, strict=True))
        for mover in (student, next(it for it in teachers if it.id == gig["teacher"]["id"]))
    ]

    answers = at_once(attempts)

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert any(answer.status_code == 200 for answer in answers)
    # A deadlock would be "busy".
    assert _types(answers) <= {"slot-taken", "wrong-state"}
    assert overlapping_pairs(world.app) == 0


@pytest.mark.parametrize("rival", ["accepted", "rejected", "cancelled"])
def test_a_move_and_another_change_at_once_leave_a_history_without_a_hole(world: World, rival: str) -> None:
    student, teacher = world.student(), world.teacher()
    gig, rivals_own = world.gig(teacher), student if rival == "cancelled" else teacher
    for day in range(5):
        lesson = world.booking(student, gig, starts_at=world.at(days=10 + day))

        move = partial(_move, world, student, lesson, minutes=1440 * day)
        answers = at_once([move, partial(_change, world, rivals_own, lesson, rival)])

        assert {answer.status_code for answer in answers} <= {200, 409}
        history = student.get(f"/api/bookings/{lesson['id']}/history").json["data"]
        found = student.get(f"/api/bookings/{lesson['id']}").json
        assert len(history) == 1 + sum(answer.status_code == 200 for answer in answers)
        assert [event["from"] for event in history] == [None, *(event["to"] for event in history[:-1])]
        assert history[-1]["to"] == found["status"]
        # What is only asked for moves nothing: a lesson that has been accepted keeps its time until the answer.
        moved = [event["to_starts_at"] for event in history if event["what"] == "moved"]
        assert found["starts_at"] == (moved or [lesson["starts_at"]])[-1]


@pytest.mark.parametrize("how", ["booked", "moved"])
def test_without_the_databases_rule_and_the_locks_lessons_do_overlap(
    world: World, monkeypatch: pytest.MonkeyPatch, without_overlap_rule: None, how: str
) -> None:
    # The control: if nothing overlapped now, the tests above would prove nothing.
    gig, students = world.gig(world.teacher()), [world.student() for _ in range(6)]
    attempts: list[Callable[[], TestResponse]] = [
        partial(_book, world, person, gig, minutes=n) for n, person in enumerate(students)
    ]
    if how == "moved":
        lessons = [_book(world, person, gig, minutes=1440 + 60 * n).json for n, person in enumerate(students)]
        attempts = [
            partial(_move, world, person, lesson, minutes=n)
            for n, (person, lesson) in enumerate(zip(students, lessons, strict=True))
        ]
    monkeypatch.setattr(checks, "lock_people", lambda *_: None)
    monkeypatch.setattr(checks, "free_seat", _check_before_anybody_writes(world, len(attempts)))

    at_once(attempts)

    assert overlapping_pairs(world.app) > 0


def _check_before_anybody_writes(world: World, people: int) -> Callable[..., int]:
    """The check of a free seat, but nobody goes on before all have made it.

    SQLite lets the second writer check only after the first has written, so there the check itself is left out.
    """
    with world.app.app_context():
        if db.engine.dialect.name == "sqlite":
            return lambda *_, **__: 1
    barrier, check = Barrier(people), checks.free_seat

    def checked(*args: Any, **kwargs: Any) -> int:
        seat = check(*args, **kwargs)
        barrier.wait(timeout=30)
        return seat

    return checked


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


def _move(world: World, person: Person, booking: dict[str, Any], *, minutes: int) -> TestResponse:
    body = {"starts_at": (NOON + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")}
    return world.anyone.patch(f"/api/bookings/{booking['id']}", json=body, headers=person.headers)


def _types(answers: list[TestResponse]) -> set[str]:
    """What the refusals say."""
    return {answer.json["type"].rpartition("/")[2] for answer in answers if answer.status_code == 409}

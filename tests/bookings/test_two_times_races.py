"""Sessions, moves and answers to wishes while others book: nobody's time is given twice, and no free time is lost.

Every attempt is a request of its own with real commits, all of them released by one barrier.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import combinations
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from bookings.models import Booking
from bookings.rules import checks
from bookings.sessions import service as sessions
from bookings.sessions.models import GroupSession
from database import reading
from tests.conftest import SATURDAY
from tests.support.races import at_once
from tests.support.world import Person, World

ROUNDS = 3
HOUR = timedelta(hours=1)


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher()


@pytest.fixture
def students(world: World) -> list[Person]:
    return [world.student() for _ in range(4)]


@pytest.mark.parametrize("weeks", [0, 1], ids=["one session", "a row of sessions"])
def test_a_session_and_bookings_of_other_gigs_never_get_the_same_time(
    world: World, teacher: Person, students: list[Person], weeks: int
) -> None:
    choir = world.gig(teacher, times="timetable", capacity=4, duration_minutes=60)
    gigs = [world.gig(teacher, confirmation=how, duration_minutes=60) for how in ("ask", "instant")]
    for day in range(ROUNDS):
        start = SATURDAY + timedelta(days=30 + day)
        row = {"repeat": {"until": f"{start + timedelta(days=7):%Y-%m-%d}", "every_weeks": 1}} if weeks else {}
        # Of a row it is the second session that others want the time of; then none of the row is set.
        lesson = start + timedelta(days=7 * weeks)
        attempts = [partial(_set, world, teacher, choir, start, **row)]
        attempts += [
            partial(_book, world, student, gigs[n % 2], lesson + timedelta(minutes=15 * n))
            for n, student in enumerate(students)
        ]

        answers = at_once(attempts)

        # All of these times overlap.
        assert sorted(answer.status_code for answer in answers) == [201, *[409] * len(students)]
        assert _slugs(answers) <= {"slot-taken", "sessions-taken"}
        assert (len(_sessions(world, start)) > 0) == (answers[0].status_code == 201)
    assert _taken_twice(world) == []


def test_a_move_that_needs_no_answer_takes_one_time_and_frees_the_other(
    world: World, teacher: Person, students: list[Person]
) -> None:
    gig = world.gig(teacher, confirmation="instant", duration_minutes=60)
    owner = world.student()
    for day in range(ROUNDS):
        old, new = (SATURDAY + timedelta(days=30 + day, hours=hours) for hours in (0, 5))
        lesson = _book(world, owner, gig, old).json
        move = partial(_patch, world, owner, lesson, starts_at=_text(new))

        moved, at_old, at_new = _race(world, gig, move, students, old, new)

        assert (moved == 200) + at_new.count(201) == 1
        assert at_old.count(201) <= (moved == 200)
        assert _starts_of(owner, lesson) == _text(new if moved == 200 else old)
        _assert_free(world, gig, old, moved == 200 and 201 not in at_old)
    assert _taken_twice(world) == []


@pytest.mark.parametrize("answer", ["accept", "decline", "withdraw"])
def test_an_answer_to_a_wish_frees_one_of_its_two_times_and_no_other(
    world: World, teacher: Person, students: list[Person], answer: str
) -> None:
    gig = world.gig(teacher, duration_minutes=60)
    owner = world.student()
    for day in range(ROUNDS):
        old, new = (SATURDAY + timedelta(days=30 + day, hours=hours) for hours in (0, 5))
        lesson = world.accepted(owner, teacher, gig, starts_at=_text(old))
        assert owner.patch(f"/api/bookings/{lesson['id']}", {"starts_at": _text(new)}).status_code == 200
        says = partial(_patch, world, owner if answer == "withdraw" else teacher, lesson, move=answer)

        answered, at_old, at_new = _race(world, gig, says, students, old, new)

        freed, kept = (at_old, at_new) if answer == "accept" else (at_new, at_old)
        assert answered == 200
        assert kept == [409] * len(kept)
        assert freed.count(201) <= 1
        assert _starts_of(owner, lesson) == _text(new if answer == "accept" else old)
        # Nobody may have come late enough to get the freed time; then it is there for the next one.
        _assert_free(world, gig, old if answer == "accept" else new, 201 not in freed)
    assert _taken_twice(world) == []


def test_without_the_databases_rule_and_the_checks_a_time_is_taken_twice(
    world: World, teacher: Person, monkeypatch: pytest.MonkeyPatch, without_overlap_rule: None
) -> None:
    # The control: if nothing was found now, the tests above would prove nothing.
    monkeypatch.setattr(checks, "free_seat", lambda *_, **__: 1)
    monkeypatch.setattr(sessions, "in_the_way", lambda *_, **__: [])
    choir = world.gig(teacher, times="timetable", capacity=4, duration_minutes=60)
    gig, start = world.gig(teacher, duration_minutes=60), SATURDAY + timedelta(days=30)

    made = [_book(world, world.student(), gig, start), _set(world, teacher, choir, start + HOUR / 2)]

    assert [answer.status_code for answer in made] == [201, 201]
    assert len(_taken_twice(world)) == 1


def _race(
    world: World,
    gig: dict[str, Any],
    change: Callable[[], TestResponse],
    students: list[Person],
    *times: datetime,
) -> tuple[int, list[int], list[int]]:
    """Make the change while half of the students book each of its two times, or one that overlaps it."""
    half = len(students) // 2
    bookings = [
        partial(_book, world, student, gig, times[n // half] + timedelta(minutes=20 * (n % half)))
        for n, student in enumerate(students)
    ]
    answers = at_once([change, *bookings])
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert _slugs(answers) <= {"slot-taken"}
    codes = [answer.status_code for answer in answers]
    return codes[0], codes[1 : 1 + half], codes[1 + half :]


def _assert_free(world: World, gig: dict[str, Any], start: datetime, free: bool) -> None:
    assert _book(world, world.student(), gig, start).status_code == (201 if free else 409)


def _taken_twice(world: World) -> list[tuple[int, int]]:
    """Find the lessons, wished times and sessions of one teacher that overlap, whatever the database allows.

    A session and the lessons in it are one.
    """
    with world.app.app_context(), reading() as connection:
        lesson = Booking.__table__.c
        active = lesson.status.in_(("pending", "accepted"))
        alone = select(lesson.id, lesson.starts_at, lesson.ends_at).where(active, lesson.session_id.is_(None))
        wished = select(lesson.id, lesson.move_starts_at, lesson.move_ends_at)
        wished = wished.where(active, lesson.move_starts_at.is_not(None))
        group = GroupSession.__table__.c
        together = select(-group.id, group.starts_at, group.ends_at).where(group.status == "scheduled")
        rows = [tuple(row) for statement in (alone, wished, together) for row in connection.execute(statement)]
    return [(a[0], b[0]) for a, b in combinations(rows, 2) if a[0] != b[0] and a[1] < b[2] and b[1] < a[2]]


def _sessions(world: World, start: datetime) -> list[int]:
    """Read the sessions that were set from this instant on, at the same hour."""
    with world.app.app_context(), reading() as connection:
        group = GroupSession.__table__.c
        times = (start, start + timedelta(days=7))
        return list(connection.execute(select(group.id).where(group.starts_at.in_(times))).scalars())


def _text(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def _book(world: World, person: Person, gig: dict[str, Any], start: datetime) -> TestResponse:
    body = {"gig_id": gig["id"], "starts_at": _text(start)}
    return world.anyone.post("/api/bookings", json=body, headers=person.headers)


def _set(world: World, teacher: Person, gig: dict[str, Any], start: datetime, **row: Any) -> TestResponse:
    body = {"starts_at": _text(start), **row}
    return world.anyone.post(f"/api/gigs/{gig['id']}/sessions", json=body, headers=teacher.headers)


def _patch(world: World, person: Person, lesson: dict[str, Any], **body: Any) -> TestResponse:
    return world.anyone.patch(f"/api/bookings/{lesson['id']}", json=body, headers=person.headers)


def _starts_of(person: Person, lesson: dict[str, Any]) -> str:
    return str(person.get(f"/api/bookings/{lesson['id']}").json["starts_at"])


def _slugs(answers: list[TestResponse]) -> set[str]:
    """What the refusals say."""
    return {answer.json["type"].rpartition("/")[2] for answer in answers if answer.status_code == 409}

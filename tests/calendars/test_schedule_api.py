"""A teacher's schedule: which lessons, for whom, kept how long, and how fresh."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection

from calendars import queries as reads
from support.queries import count_commands, count_queries
from support.redis_server import RedisServer
from tests.bookings.rows import insert_booking, set_booking
from tests.conftest import FakeClock
from tests.support.world import Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# The clock of all tests stands at Saturday 21 November, 10:30 in Berlin.
PAST, TODAY, FUTURE = "2026-11-19T15:00:00Z", "2026-11-21T15:00:00Z", "2026-11-24T15:00:00Z"
# A past stretch, the teacher's today, and the time to come, from one to the next.
DAYS = ("2026-11-15T23:00:00Z", "2026-11-20T23:00:00Z", "2026-11-21T23:00:00Z", "2026-11-29T23:00:00Z")
WEEKS = ("2026-11-15T23:00:00Z", "2026-11-29T23:00:00Z")


def ask(person: Person, teacher: Person, start: str = WEEKS[0], end: str = WEEKS[1]) -> Any:
    answer = person.get(f"/api/teachers/{teacher.id}/schedule?from={start}&to={end}")
    assert answer.status_code == 200, answer.text
    return answer


def ids(answer: Any) -> list[int]:
    return [row["id"] for row in answer.json["data"]]


def add(world: World, student: Person, gig: dict[str, Any], *starts: str, **values: Any) -> list[int]:
    return [insert_booking(world.app, student, gig, datetime.fromisoformat(it), **values) for it in starts]


def test_it_lists_lessons_of_the_past_of_today_and_of_the_future_in_order(world: World) -> None:
    student, teacher, admin = world.student(), world.teacher(), world.admin()
    gig = world.gig(teacher)
    lessons = add(world, student, gig, FUTURE, TODAY, PAST, status="accepted")

    answer = ask(teacher, teacher)

    assert ids(answer) == lessons[::-1]
    assert answer.json["data"] == teacher.get("/api/bookings?order=starts_at").json["data"]
    assert set(answer.json) == {"data", "sessions", "cached"}
    assert ids(ask(admin, teacher)) == lessons[::-1]


def test_only_what_takes_or_took_up_time_stands_in_it(world: World) -> None:
    student, teacher, other = world.student(), world.teacher(), world.teacher()
    gig, day = world.gig(teacher), datetime.fromisoformat("2026-11-18T08:00:00Z")
    statuses = ["pending", "accepted", "completed", "no_show", "rejected", "cancelled", "expired"]
    for number, status in enumerate(statuses):
        insert_booking(world.app, student, gig, day + timedelta(hours=number), status=status)
    add(world, student, world.gig(other), FUTURE)

    shown = ask(teacher, teacher).json["data"]

    assert [row["status"] for row in shown] == statuses[:4]


def test_the_beginning_belongs_to_it_and_the_end_does_not(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    first, _ = add(world, student, world.gig(teacher), PAST, FUTURE)

    assert ids(ask(teacher, teacher, PAST, FUTURE)) == [first]


@on_sqlite
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "from"),
        (f"from={PAST}", "to"),
        (f"from={FUTURE}&to={PAST}", "from"),
        (f"from={PAST}&to={PAST}", "from"),
        ("from=2026-11-01T00:00:00Z&to=2027-01-02T00:00:01Z", "to"),
        (f"from=yesterday&to={FUTURE}", "from"),
        (f"from={PAST}&to={FUTURE}&status=pending", "status"),
    ],
)
def test_a_malformed_stretch_is_a_422_that_names_the_field(world: World, query: str, field: str) -> None:
    teacher = world.teacher()

    answer = teacher.get(f"/api/teachers/{teacher.id}/schedule?{query}")

    assert answer.status_code == 422
    assert field in answer.json["errors"]


@on_sqlite
def test_the_ends_of_the_calendar_can_be_asked_for(world: World) -> None:
    teacher = world.teacher()

    for start, end in (
        ("0001-01-01T00:00:00Z", "0001-03-01T00:00:00Z"),
        ("9999-11-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    ):
        assert ids(ask(teacher, teacher, start, end)) == []


def test_a_second_look_needs_no_sql_and_two_commands(world: World, redis_server: RedisServer) -> None:
    student, teacher = world.student(), world.teacher()
    lessons = add(world, student, world.gig(teacher), PAST, TODAY, FUTURE)
    first = ask(teacher, teacher)

    with count_queries() as queries, count_commands(redis_server) as commands:
        second = ask(teacher, teacher)

    assert (first.json["cached"], second.json["cached"]) == (False, True)
    assert (queries, commands) == ([], ["mget", "mget"])
    assert ids(second) == lessons
    assert first.headers["ETag"] == second.headers["ETag"]


@on_sqlite
def test_past_present_and_future_live_as_long_as_was_promised(world: World, redis_server: RedisServer) -> None:
    student, teacher = world.student(), world.teacher()
    lessons = add(world, student, world.gig(teacher), PAST, TODAY, FUTURE)

    asked = [ids(ask(teacher, teacher, start, end)) for start, end in (DAYS[:2], DAYS[1:3], DAYS[2:])]

    with redis_server.client() as redis:
        lives = {key.split(b":")[-2].decode(): redis.ttl(key) for key in redis.scan_iter("lectern:*:val:*:schedule-*")}
    assert asked == [[lesson] for lesson in lessons]
    assert lives == {
        "schedule-past": pytest.approx(86400, abs=60),
        "schedule-today": pytest.approx(1800, abs=60),
        "schedule-future": pytest.approx(7200, abs=60),
    }


def test_every_change_of_a_lesson_is_in_the_next_answer(world: World, make_app: Callable[..., Flask]) -> None:
    student, teacher, admin, other_app = world.student(), world.teacher(), world.admin(), make_app()
    gig = world.gig(teacher)

    def seen() -> list[tuple[str, str]]:
        """What everybody sees, in both applications, which has to be the same."""
        apps = (world.app, other_app)
        clients = [(app.test_client(use_cookies=False), who) for app in apps for who in (teacher, admin)]
        path = f"/api/teachers/{teacher.id}/schedule?from={WEEKS[0]}&to={WEEKS[1]}"
        answers = [client.get(path, headers=who.headers).json["data"] for client, who in clients]
        rows = [[(row["status"], row["starts_at"]) for row in rows] for rows in answers]
        assert rows == [rows[0]] * 4
        return rows[0]

    assert seen() == []
    booking = world.booking(student, gig, starts_at=TODAY)
    path = f"/api/bookings/{booking['id']}"
    assert seen() == [("pending", TODAY)]
    teacher.patch(path, {"status": "accepted"})
    assert seen() == [("accepted", TODAY)]
    teacher.patch(path, {"starts_at": FUTURE})
    assert seen() == [("accepted", FUTURE)]
    student.patch(path, {"starts_at": "2026-11-22T15:00:00Z"})
    assert seen() == [("accepted", FUTURE)]
    teacher.patch(path, {"move": "accept"})
    assert seen() == [("accepted", "2026-11-22T15:00:00Z")]
    student.patch(path, {"status": "cancelled"})
    assert seen() == []


def test_today_becomes_the_past_and_tomorrow_today_at_the_teachers_midnight(
    world: World, clock: FakeClock, redis_server: RedisServer
) -> None:
    student, teacher = world.student(), world.teacher(time_zone="Europe/Berlin")
    lessons = add(world, student, world.gig(teacher), PAST, TODAY, "2026-11-22T15:00:00Z", FUTURE)

    def look() -> list[bool]:
        """Ask for the past, today and the time to come; tell which of them came from the cache."""
        answers = [ask(teacher, teacher, start, end) for start, end in (DAYS[:2], DAYS[1:3], DAYS[2:])]
        assert [found for answer in answers for found in ids(answer)] == lessons
        return [answer.json["cached"] for answer in answers]

    def families() -> Counter[tuple[str, int]]:
        """Which reads are kept, and how many lessons each has."""
        with redis_server.client() as redis:
            keys = list(redis.scan_iter("lectern:*:val:*:schedule-*"))
            return Counter((key.split(b":")[-2].decode()[9:], redis.get(key).count(b'"currency"')) for key in keys)

    clock.instant = datetime.fromisoformat("2026-11-21T22:59:59Z")
    teacher = world.sign_in(teacher)
    assert look() == [False, False, False]
    before = families()
    clock.advance(seconds=1)

    assert look() == [True, False, False]
    assert before == Counter([("past", 1), ("today", 1), ("future", 2)])
    assert families() - before == Counter([("past", 1), ("today", 2)])
    assert look() == [True, True, True]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"])
@on_sqlite
def test_wherever_the_teacher_lives_nothing_is_lost_at_the_borders_of_the_day(world: World, zone: str) -> None:
    student, teacher = world.student(), world.teacher(time_zone=zone)
    starts = [f"2026-11-{day}T{hour:02}:00:00Z" for day in (20, 21, 22) for hour in range(24)]
    lessons = add(world, student, world.gig(teacher), *starts)

    assert [ids(ask(teacher, teacher)) for _ in range(2)] == [lessons, lessons]


def test_a_lesson_that_is_moved_while_the_schedule_is_read_is_there_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    student, teacher = world.student(), world.teacher()
    (lesson,) = add(world, student, world.gig(teacher), FUTURE)
    # Today alone, which has no lesson yet, is in the cache.
    ask(teacher, teacher, "2026-11-20T23:00:00Z", "2026-11-21T23:00:00Z")
    load = reads._schedule
    moved: list[bool] = []

    def load_after_a_move(connection: Connection, *args: Any) -> dict[str, Any]:
        # The reader's snapshot begins with its first statement, which is yet to come.
        if not moved:
            moved.append(True)
            start = datetime.fromisoformat(TODAY)
            set_booking(world.app, lesson, starts_at=start, ends_at=start + timedelta(minutes=45))
        return load(connection, *args)

    monkeypatch.setattr(reads, "_schedule", load_after_a_move)

    answer = ask(teacher, teacher, "2026-11-20T23:00:00Z", WEEKS[1])

    assert (moved, ids(answer)) == ([True], [lesson])


@on_sqlite
def test_without_the_cache_it_is_the_same(world: World, make_app: Callable[..., Flask]) -> None:
    student, teacher = world.student(), world.teacher()
    add(world, student, world.gig(teacher), PAST, TODAY, FUTURE)
    path = f"/api/teachers/{teacher.id}/schedule?from={WEEKS[0]}&to={WEEKS[1]}"

    uncached = make_app(cache_type="NullCache").test_client(use_cookies=False).get(path, headers=teacher.headers)

    assert uncached.headers["X-Cache"] == "BYPASS"
    assert uncached.json == ask(teacher, teacher).json

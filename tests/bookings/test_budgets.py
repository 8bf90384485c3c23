"""What lists and changes of bookings cost: SQL statements, Redis commands, round trips."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from bookings.schemas import BookingsQuerySchema
from caching import reads
from caching.connections import Connections
from support.monitor import monitor
from support.queries import WITHOUT_INDEX, count_queries, plan_of, recorded_queries
from support.servers import RedisServer
from tests.bookings.rows import insert_booking
from tests.conftest import SATURDAY
from tests.support.world import Person, World

pytestmark = pytest.mark.middleware_not_compared
NOON = SATURDAY + timedelta(days=1)


@pytest.mark.parametrize("role", ["student", "teacher", "admin"])
def test_a_hit_asks_the_database_nothing(world: World, role: str) -> None:
    person = _people_with_bookings(world, 3)[role]
    person.get("/api/bookings")

    with count_queries() as statements:
        answer = person.get("/api/bookings")

    assert answer.json["cached"] is True
    assert statements == []


@pytest.mark.parametrize("role", ["student", "teacher", "admin"])
def test_a_miss_takes_at_most_three_statements_whatever_the_page_size(world: World, role: str) -> None:
    person = _people_with_bookings(world, 60)[role]
    person.get("/api/users/me")

    costs = []
    for limit in (1, 10, 50):
        with count_queries() as statements:
            answer = person.get(f"/api/bookings?limit={limit}&status=pending&from=2026-11-21T00:00:00Z")
        assert answer.json["cached"] is False
        assert len(answer.json["data"]) == limit
        costs.append(len(statements))

    assert costs == [costs[0]] * 3
    assert costs[0] <= 3


@pytest.mark.parametrize("role", ["student", "teacher"])
def test_a_hit_on_ones_own_list_is_one_redis_command(world: World, redis_server: RedisServer, role: str) -> None:
    person = _people_with_bookings(world, 1)[role]
    person.get("/api/bookings")

    with monitor(redis_server) as commands:
        answer = person.get("/api/bookings")

    assert answer.json["cached"] is True
    assert [command.split()[0] for command in commands] == ["MGET"]


def test_a_miss_is_at_most_three_redis_commands(world: World, redis_server: RedisServer) -> None:
    student = _people_with_bookings(world, 1)["student"]
    student.get("/api/users/me")

    with monitor(redis_server) as commands:
        answer = student.get("/api/bookings")

    assert answer.json["cached"] is False
    assert len(commands) <= 3, commands


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_miss_is_parsed_and_digested_once_and_what_was_asked_before_is_not_parsed_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = _people_with_bookings(world, 1)["student"]
    student.get("/api/users/me")
    through_flask = {"Cookie": "theme=dark", **student.headers}
    # Asked nowhere else: what a list was asked before is remembered as long as the process lives.
    question = "/api/bookings?limit=71"
    parsed = counted(monkeypatch, BookingsQuerySchema, "load")
    digested = counted(monkeypatch, reads, "digest")

    missed = student.get(question)
    costs_of_miss = (len(parsed), len(digested))
    hits = [student.client.get(question, headers=through_flask) for _ in range(2)]

    assert missed.headers["X-Cache"] == "MISS"
    assert [hit.headers["X-Cache"] for hit in hits] == ["HIT"] * 2
    assert costs_of_miss == (len(parsed), len(digested)) == (1, 1)


@pytest.mark.parametrize("variants", [0, 10, 60])
def test_a_change_is_two_round_trips_however_much_is_cached(
    world: World, redis_server: RedisServer, variants: int
) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher)
    for person in (student, teacher):
        person.get("/api/users/me")
        for limit in range(1, variants + 1):
            person.get(f"/api/bookings?limit={limit}")

    with monitor(redis_server) as commands, round_trips() as trips:
        booking = world.booking(student, gig)
    of_booking = (len(trips), len(commands))
    with monitor(redis_server) as commands, round_trips() as trips:
        teacher.patch(f"/api/bookings/{booking['id']}", {"status": "accepted"})
    of_answer = (len(trips), len(commands))

    # One look at the viewer; then marks and removals of five tags, each in one pipeline: both people's lists, the
    # administrators', the free times, and the places in the gig's sessions. Whether a gig has sessions is not asked
    # first: that would be a query more, and the fifth tag travels with the others.
    assert of_booking == of_answer == (1 + 2, 1 + 2 * 5)


@pytest.mark.parametrize("role", ["student", "teacher", "admin"])
def test_every_list_is_read_in_the_order_of_an_index(world: World, role: str) -> None:
    person = _people_with_bookings(world, 3)[role]
    cursor = person.get("/api/bookings?limit=1").json["next_cursor"]
    queries = ["limit=2", "order=starts_at", "from=2026-11-21T00:00:00Z&to=2027-11-21T00:00:00Z", f"cursor={cursor}"]

    for query in queries:
        with recorded_queries() as asked:
            assert person.get(f"/api/bookings?{query}").json["cached"] is False

        (page,) = (asking for asking in asked if "FROM bookings" in asking.statement)
        plan = plan_of(world.app, page, avoid=WITHOUT_INDEX)
        assert "ix_bookings_" in plan, (query, plan)
        assert "TEMP B-TREE" not in plan, (query, plan)
        assert "Sort" not in plan, (query, plan)


def counted(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> list[str]:
    """Collect the calls of a function while it does what it always does."""
    calls: list[str] = []
    function = getattr(owner, name)

    def counting(*args: Any, **kwargs: Any) -> Any:
        calls.append(name)
        return function(*args, **kwargs)

    monkeypatch.setattr(owner, name, counting)
    return calls


@contextmanager
def round_trips() -> Iterator[list[str]]:
    """Collect what this process waits for: commands that are sent together are one round trip."""
    trips: list[str] = []
    exchange = Connections.send_packed

    def note(self: Any, packed: bytes, number: int) -> Any:
        # The name of the first command, as it is sent: `*2 $4 MGET …`.
        trips.append(packed.split(b"\r\n", 3)[2].decode())
        return exchange(self, packed, number)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connections, "send_packed", note)
        yield trips


def _people_with_bookings(world: World, number: int) -> dict[str, Person]:
    student, teacher, admin = world.student(), world.teacher(), world.admin()
    gig = world.gig(teacher)
    for hour in range(number):
        insert_booking(world.app, student, gig, NOON + timedelta(hours=hour))
    return {"student": student, "teacher": teacher, "admin": admin}

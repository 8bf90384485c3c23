"""What pages cost: a warm one asks the database only for what is never cached."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.monitor import monitor
from support.queries import count_queries
from support.servers import RedisServer
from tests.pages.visitor import Visitor
from tests.schedule.bodies import weekly
from tests.support.world import Person, World

Visit = Callable[..., Visitor]


@pytest.fixture
def people(world: World) -> dict[str, Person]:
    """A teacher with a gig, and a student with lessons in several states."""
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    world.accepted(student, teacher, gig, starts_at=world.at(days=2))
    world.booking(student, gig)
    world.review(student, gig)
    return {"teacher": teacher, "student": student, "admin": world.admin()}


@pytest.mark.parametrize(
    ("role", "path", "round_trips"),
    [
        # The second one asks for the other people's time zones.
        ("student", "/lessons", 2),
        ("teacher", "/lessons", 2),
        ("admin", "/lessons", 2),
        ("student", "/", 1),
        ("teacher", "/", 1),
        ("teacher", "/gigs", 1),
        ("teacher", "/gigs/mine", 1),
        ("teacher", "/reviews", 1),
        ("student", "/teachers/1", 1),
    ],
)
def test_a_warm_list_asks_the_database_nothing(
    visit: Visit, people: dict[str, Person], redis_server: RedisServer, role: str, path: str, round_trips: int
) -> None:
    visitor = visit(people[role]).open(path)

    with count_queries() as statements, monitor(redis_server) as commands:
        visitor.open(path)

    assert visitor.status == 200
    assert statements == []
    assert [command.split()[0] for command in commands] == ["MGET"] * round_trips


def test_a_warm_gig_asks_only_which_times_are_taken(
    visit: Visit, people: dict[str, Person], redis_server: RedisServer
) -> None:
    visitor = visit(people["student"]).open("/gigs/1")

    with count_queries() as statements, monitor(redis_server) as commands:
        visitor.open("/gigs/1")

    assert len(statements) == 1
    assert "bookings" in statements[0]
    # The gig; its reviews and its teacher; the free times, by the zone that is known by now.
    assert [command.split()[0] for command in commands] == ["MGET"] * 3


def test_a_warm_gig_of_a_teacher_with_windows_asks_nothing(visit: Visit, people: dict[str, Person]) -> None:
    people["teacher"].put("/api/teachers/me/availability", {"weekly": weekly("monday 09:00-17:00")})
    visitor = visit(people["student"]).open("/gigs/1")

    with count_queries() as statements:
        visitor.open("/gigs/1")

    assert statements == []


def test_a_cold_list_costs_the_same_however_long_it_is(visit: Visit, people: dict[str, Person], world: World) -> None:
    gig = {"id": 1, "teacher": {"id": people["teacher"].id}}
    visitor = visit(people["student"]).open("/profile")
    costs = []
    for more in (1, 10):
        for day in range(more):
            world.booking(people["student"], gig, starts_at=world.at(days=10 * more + day))
        with count_queries() as statements:
            visitor.open("/lessons")
        costs.append(len(statements))

    assert costs == [4, 4]

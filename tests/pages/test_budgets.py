"""What pages cost: a warm one asks the database only for what is never cached."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert

import tags
from bookings.models import Booking
from caching import invalidate
from database import writing
from support.monitor import monitor
from support.queries import count_queries
from support.servers import RedisServer
from tests.bookings.rows import set_booking
from tests.conftest import FakeClock
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
        ("student", "/lessons", 1),
        ("teacher", "/lessons", 1),
        ("teacher", "/lessons?tab=todo", 1),
        ("admin", "/lessons", 1),
        ("student", "/", 1),
        ("teacher", "/", 1),
        ("teacher", "/gigs", 1),
        ("teacher", "/gigs/mine", 1),
        ("teacher", "/reviews", 1),
        ("teacher", "/students", 1),
        ("student", "/payments", 1),
        ("teacher", "/payments", 1),
        # Who is asking comes first.
        ("admin", "/reports/analytics", 2),
        # The next free times are those of the gigs that were found.
        ("student", "/teachers/1", 2),
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
    assert "held_times" in statements[0]
    # The gig; its reviews and its teacher; the free times, by the zone that is known by now.
    assert [command.split()[0] for command in commands] == ["MGET"] * 3


def test_a_warm_gig_of_a_teacher_with_windows_asks_nothing(visit: Visit, people: dict[str, Person]) -> None:
    people["teacher"].put("/api/teachers/me/availability", {"weekly": weekly("monday 09:00-17:00")})
    visitor = visit(people["student"]).open("/gigs/1")

    with count_queries() as statements:
        visitor.open("/gigs/1")

    assert statements == []


@pytest.mark.parametrize("role", ["student", "teacher"])
def test_seven_hundred_lessons_cost_few_statements_cold_and_none_warm(
    visit: Visit, world: World, clock: FakeClock, role: str
) -> None:
    people = full_school(world, clock)
    visitor = visit(people[role]).open("/profile")
    cold: dict[str, int] = {}
    warm: dict[str, int] = {}
    paths = ["/lessons", "/lessons?tab=todo", "/lessons?tab=past", f"/lessons?person={people['teacher'].id}"]
    calendars = ["/calendar", *(["/schedule", "/schedule/day"] if role == "teacher" else [])]
    for path in (*paths, *calendars):
        # The second one is between these two.
        set_booking(world.app, 2, note="Another one")
        with world.app.app_context(), writing() as session:
            session.connection()
            invalidate(tags.teacher_slots(people["teacher"].id), tags.holidays())
        for costs in (cold, warm):
            with count_queries() as statements:
                visitor.open(path)
            assert visitor.status == 200
            costs[path] = len(statements)

    assert {path: cost for path, cost in cold.items() if cost > 3} == {}
    assert set(warm.values()) == {0}


def full_school(world: World, clock: FakeClock) -> dict[str, Person]:
    """A teacher with thirty students and 700 lessons around now, 350 of them one student's."""
    teacher, students = world.teacher(), [world.student() for _ in range(30)]
    gigs = [world.gig(teacher) for _ in range(3)]
    rows = [
        {
            "gig_id": gigs[number % 3]["id"],
            "student_id": students[0 if number % 2 else number % 30].id,
            "teacher_id": teacher.id,
            "starts_at": (at := clock() + timedelta(hours=number - 200)),
            "ends_at": at + timedelta(minutes=45),
            "status": "pending" if number > 200 and number % 20 == 0 else "accepted" if number > 190 else "completed",
            "price_cents": 3000,
            "currency": "EUR",
            "created_at": at,
            "updated_at": at,
        }
        for number in range(700)
    ]
    with world.app.app_context(), writing() as session:
        session.execute(insert(Booking), rows)
        invalidate(tags.user_bookings(teacher.id), tags.user_bookings(students[0].id), tags.all_bookings())
        invalidate(tags.teacher_slots(teacher.id), *(tags.gig_sessions(gig["id"]) for gig in gigs))
    return {"teacher": teacher, "student": students[0]}

"""Waiting for any time that suits: what is a wish, and who gets what becomes free."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from bookings.standing.service import sweep
from bookings.waitlist.sweep import sweep as sweep_waitlists
from tests.conftest import FakeClock
from tests.schedule.bodies import weekly
from tests.support.world import Person, World

MONDAYS: dict[str, Any] = {"weekdays": ["monday"], "after": "09:00", "before": "10:00", "until": "2026-11-30"}
TAKEN = ("2026-11-23T08:00:00Z", "2026-11-30T08:00:00Z")


@pytest.fixture
def gig(world: World) -> dict[str, Any]:
    """A gig on Mondays at 09:00 and 09:45, of which the next two Mondays' first times suit and are taken."""
    teacher = world.teacher(name="Grace Hopper")
    teacher.put("/api/teachers/me/availability", {"weekly": weekly("monday 09:00-09:45")})
    return world.gig(teacher)


@pytest.fixture
def taken(world: World, gig: dict[str, Any]) -> list[tuple[Person, int]]:
    owners = [world.student() for _ in TAKEN]
    pairs = zip(owners, TAKEN, strict=True)
    return [(owner, world.booking(owner, gig, starts_at=at)["id"]) for owner, at in pairs]


def wish(person: Person, gig: dict[str, Any], **changes: Any) -> TestResponse:
    return person.post(f"/api/gigs/{gig['id']}/waitlist", MONDAYS | changes)


def look(world: World, clock: FakeClock) -> None:
    with world.app.app_context():
        sweep_waitlists(clock())
        sweep(clock())


def offers(person: Person) -> list[tuple[str, str]]:
    return [(row["starts_at"], row["status"]) for row in person.get("/api/waitlist").json["data"]]


@pytest.mark.usefixtures("taken")
def test_a_wish_is_listed_replaced_and_left(world: World, gig: dict[str, Any]) -> None:
    student = world.student()

    made = wish(student, gig)
    again = wish(student, gig, weekdays=["monday", "friday"])

    assert (made.status_code, again.status_code, again.json["id"]) == (201, 201, made.json["id"])
    assert [row["weekdays"] for row in student.get("/api/wishes").json["data"]] == [["monday", "friday"]]
    assert world.student().delete(f"/api/wishes/{made.json['id']}").status_code == 404
    assert student.delete(f"/api/wishes/{made.json['id']}").status_code == 204
    assert student.delete(f"/api/wishes/{made.json['id']}").status_code == 409
    assert student.get("/api/wishes").json["data"] == []


def test_the_first_who_waits_is_offered_what_becomes_free(
    world: World, clock: FakeClock, gig: dict[str, Any], taken: list[tuple[Person, int]]
) -> None:
    first, second = world.student(), world.student()
    for person in (first, second):
        assert wish(person, gig).status_code == 201
    look(world, clock)
    assert offers(first) == offers(second) == []

    owner, booking_id = taken[1]
    owner.patch(f"/api/bookings/{booking_id}", {"status": "cancelled"})
    look(world, clock)

    assert offers(first) == [("2026-11-30T08:00:00Z", "offered")]
    assert offers(second) == []
    assert first.get("/api/wishes").json["data"] == []
    entry = first.get("/api/waitlist").json["data"][0]["id"]
    assert first.post(f"/api/waitlist/{entry}/decline").status_code == 200
    look(world, clock)
    assert offers(second) == [("2026-11-30T08:00:00Z", "offered")]


def test_a_time_that_does_not_suit_is_not_offered(
    world: World, clock: FakeClock, gig: dict[str, Any], taken: list[tuple[Person, int]]
) -> None:
    student = world.student()
    assert wish(student, gig, after="09:01").status_code == 201

    owner, booking_id = taken[0]
    owner.patch(f"/api/bookings/{booking_id}", {"status": "cancelled"})
    look(world, clock)

    assert offers(student) == []


@pytest.mark.usefixtures("taken")
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"until": "2026-12-07"}, 409),
        ({"until": "2026-11-20"}, 422),
        ({"until": "2028-01-01"}, 422),
        ({"weekdays": []}, 422),
        ({"weekdays": ["someday"]}, 422),
        ({"after": "18:00", "before": "17:00"}, 422),
        ({"after": "25:00"}, 422),
    ],
)
def test_what_is_free_or_makes_no_sense_is_not_waited_for(
    world: World, gig: dict[str, Any], changes: dict[str, Any], status: int
) -> None:
    student = world.student()

    assert wish(student, gig, **changes).status_code == status
    assert student.get("/api/wishes").json["data"] == []


@pytest.mark.usefixtures("taken")
def test_a_wish_ends_with_its_last_day(world: World, clock: FakeClock, gig: dict[str, Any]) -> None:
    student = world.student()
    wish(student, gig)

    clock.advance(minutes=12 * 1440)
    look(world, clock)

    student = world.sign_in(student)
    assert student.get("/api/wishes").json["data"] == []

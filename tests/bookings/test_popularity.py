"""The order by popularity follows what was booked lately, when it is recomputed."""

from __future__ import annotations

from bookings.popularity import refresh_popularity
from tests.conftest import FakeClock
from tests.support.world import World


def popular(world: World) -> list[int]:
    return [gig["id"] for gig in world.anyone.get("/api/gigs?sort=popular").json["data"]]


def refresh(world: World) -> int:
    with world.app.app_context():
        return refresh_popularity(world.clock())


def test_the_gig_that_is_booked_most_comes_first(world: World) -> None:
    teacher, student = world.teacher(), world.student()
    quiet, busy = world.gig(teacher), world.gig(teacher)
    world.booking(student, quiet, starts_at=world.at(days=1))
    world.booking(student, busy, starts_at=world.at(days=2))
    world.booking(student, busy, starts_at=world.at(days=3))
    popular(world)

    assert refresh(world) == 2

    assert popular(world) == [busy["id"], quiet["id"]]


def test_lessons_that_came_to_nothing_or_lie_long_back_do_not_count(world: World, clock: FakeClock) -> None:
    teacher, student = world.teacher(), world.student()
    once, cancelled = world.gig(teacher), world.gig(teacher)
    world.booking(student, once, starts_at=world.at(days=1))
    booking = world.booking(student, cancelled, starts_at=world.at(days=2))
    student.patch(f"/api/bookings/{booking['id']}", {"status": "cancelled"})
    refresh(world)
    assert popular(world) == [once["id"], cancelled["id"]]

    clock.advance(days=91)

    assert refresh(world) == 1


def test_nothing_new_changes_nothing(world: World) -> None:
    world.booking(world.student(), world.gig(world.teacher()))
    refresh(world)

    assert refresh(world) == 0

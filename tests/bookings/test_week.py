"""A week of free times in which a lesson is looking for another place."""

from __future__ import annotations

from typing import Any

import pytest

from bookings.slots.queries import Moved
from bookings.slots.week import Sought, free_week
from errors import NotFound
from tests.conftest import FakeClock
from tests.schedule.bodies import weekly
from tests.support.world import World


def _starts(world: World, clock: FakeClock, gig: dict[str, Any], moved: Moved | None) -> list[str]:
    sought = Sought(
        teacher_id=gig["teacher"]["id"], gig_id=gig["id"], viewer=None, time_zone="UTC", now=clock(), moved=moved
    )
    with world.app.test_request_context():
        return [slot["clock"] for day in free_week(sought, "2026-W48").days for slot in day.slots]


def test_a_lesson_that_is_moved_is_not_in_its_own_way_and_keeps_its_length(world: World, clock: FakeClock) -> None:
    teacher = world.teacher(time_zone="UTC")
    gig = world.gig(teacher, duration_minutes=30)
    booking = world.booking(world.student(), gig, starts_at="2026-11-23T09:30:00Z")
    teacher.patch(f"/api/gigs/{gig['id']}", {"duration_minutes": 60})
    windows = {"weekly": weekly("monday 09:00-10:30"), "slot_step_minutes": 15}
    teacher.put("/api/teachers/me/availability", windows)

    assert _starts(world, clock, gig, None) == []
    assert _starts(world, clock, gig, Moved(booking["id"], 30)) == ["09:00", "09:15", "09:30", "09:45", "10:00"]


def test_a_lesson_can_be_moved_while_its_gig_is_paused(world: World, clock: FakeClock) -> None:
    teacher = world.teacher(time_zone="UTC")
    gig = world.gig(teacher)
    booking = world.booking(world.student(), gig, starts_at="2026-11-23T09:30:00Z")
    teacher.put("/api/teachers/me/availability", {"weekly": weekly("monday 09:00-10:30")})
    teacher.post(f"/api/gigs/{gig['id']}/status", {"status": "paused"})
    teacher.post(f"/api/gigs/{gig['id']}/visibility", {"visibility": "private"})

    with pytest.raises(NotFound):
        _starts(world, clock, gig, None)
    assert _starts(world, clock, gig, Moved(booking["id"], 45)) == ["09:00", "09:45"]

    teacher.post(f"/api/gigs/{gig['id']}/status", {"status": "archived"})
    assert _starts(world, clock, gig, Moved(booking["id"], 45)) == []

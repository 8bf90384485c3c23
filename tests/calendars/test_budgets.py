"""What calendars cost the database: an index for every query, and one statement for a feed of any length."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.queries import WITHOUT_INDEX, count_commands, count_queries, plan_of, recorded_queries
from support.redis_server import RedisServer
from tests.bookings.rows import insert_booking
from tests.calendars.feeds import fetch, subscribe
from tests.support.world import World


@pytest.mark.parametrize("role", ["student", "teacher"])
def test_a_feed_and_a_schedule_are_read_through_an_index(world: World, role: str) -> None:
    people = {"student": world.student(), "teacher": world.teacher()}
    for number in range(3):
        insert_booking(
            world.app, people["student"], world.gig(people["teacher"]), world.clock() + timedelta(days=number)
        )
    schedule = f"/api/teachers/{people['teacher'].id}/schedule?from=2026-11-22T00:00:00Z&to=2026-11-24T00:00:00Z"

    with recorded_queries() as queries:
        assert fetch(world.app, subscribe(people[role])).text.count("BEGIN:VEVENT") == 3
        assert people["teacher"].get(schedule).json["cached"] is False

    plans = [plan_of(world.app, query, avoid=WITHOUT_INDEX) for query in queries if "FROM bookings" in query.statement]
    assert len(plans) >= 2
    for plan in plans:
        assert "ix_bookings_" in plan, plan
        assert "Seq Scan on bookings" not in plan, plan
        assert "SCAN bookings" not in plan, plan


def test_a_feed_takes_three_statements_and_then_none(world: World, redis_server: RedisServer) -> None:
    student = world.student()
    gig = world.gig(world.teacher())
    for number in range(20):
        insert_booking(world.app, student, gig, world.clock() + timedelta(days=number))
    feed = subscribe(student)

    with count_queries() as first:
        fetch(world.app, feed)
    with count_queries() as second, count_commands(redis_server) as commands:
        fetch(world.app, feed)

    assert len(first) == 3
    assert (second, commands) == ([], ["mget", "mget"])

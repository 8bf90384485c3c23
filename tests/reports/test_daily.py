"""What happened on a day: exact, by the reader's clock, fresh, and for those who run the school."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from support.queries import count_queries
from tests.bookings.rows import insert_booking
from tests.support.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PATH = "/api/reports/daily"


def test_a_day_shows_what_happened_on_it(world: World) -> None:
    ada, mia, admin = world.teacher(), world.student(), world.admin()
    gig = world.gig(ada)
    world.place(mia, ada, world.gig(ada, enrolment="application"))
    for hour, status in ((8, "completed"), (9, "completed"), (10, "no_show")):
        insert_booking(world.app, mia, gig, datetime(2026, 11, 21, hour, tzinfo=UTC), status=status)

    found = admin.get(PATH).json

    assert (found["date"], found["time_zone"], found["cached"]) == ("2026-11-21", "Europe/Berlin", False)
    lessons = found["bookings"]
    assert (lessons["requested"], lessons["completed"], lessons["no_show"]) == (3, 2, 1)
    assert (lessons["hours_taught"], lessons["teachers"], lessons["students"]) == (1.5, 1, 1)
    assert lessons["earned"] == [{"currency": "EUR", "cents": 6000}]
    assert (found["users"]["registered"], found["gigs"]["created"], found["applications"]["received"]) == (3, 2, 1)


def test_a_day_is_one_of_the_readers_clock(world: World) -> None:
    admin = world.admin()
    insert_booking(world.app, world.student(), world.gig(world.teacher()), datetime(2026, 10, 31, 23, 30, tzinfo=UTC))

    asked = [("Europe/Berlin", "2026-11-01"), ("UTC", "2026-10-31"), ("UTC", "2026-11-01")]
    found = [admin.get(f"{PATH}?date={day}&time_zone={zone}").json["bookings"]["requested"] for zone, day in asked]

    assert found == [1, 1, 0]


@pytest.mark.middleware_not_compared
def test_a_day_is_cached_and_fresh_after_each_change(world: World) -> None:
    ada, admin = world.teacher(), world.admin()
    admin.get(PATH)
    with count_queries() as hit:
        assert admin.get(PATH).json["cached"] is True

    world.gig(ada, status="draft")

    after = admin.get(PATH).json
    assert (hit, after["gigs"]["draft"], after["cached"]) == ([], 1, False)


def test_a_day_is_for_those_who_run_the_school(world: World) -> None:
    statuses = [person.get(PATH).status_code for person in (world.teacher(), world.student(), world.admin())]

    assert statuses == [403, 403, 200]
    assert world.admin().get(f"{PATH}?date=yesterday").status_code == 422

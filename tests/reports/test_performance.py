"""How a teacher's lessons of a period went: exact, by the reader's clock, fresh, and for its people only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from support.monitor import monitor
from support.queries import count_queries
from support.servers import RedisServer
from tests.bookings.rows import insert_booking, set_booking
from tests.conftest import FakeClock
from tests.support.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PATH = "/api/reports/performance"
# On the last evening of October in UTC, and in November in Berlin already.
LATE = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)


def test_figures_say_what_became_of_each_lesson(world: World, clock: FakeClock) -> None:
    ada, mia, olga = world.teacher(), world.student(), world.student()
    gig = world.gig(ada, free_cancellation_hours=720, late_cancellation_percent=50)
    wanted = ("pending", "accepted", "rejected", "completed")
    asked = [world.booking(mia, gig, starts_at=world.at(days=1, hours=hours))["id"] for hours in range(len(wanted))]
    clock.advance(minutes=90)
    ada, mia, olga = (world.sign_in(person) for person in (ada, mia, olga))
    for lesson, status in zip(asked, wanted, strict=True):
        if status != "pending":
            ada.patch(f"/api/bookings/{lesson}", {"status": "rejected" if status == "rejected" else "accepted"})
    set_booking(world.app, asked[-1], status="completed")
    # One is called off before and one after it was agreed on, which costs half of its price.
    withdrawn = world.booking(mia, gig, starts_at=world.at(days=2))["id"]
    called_off = world.accepted(olga, ada, gig, starts_at=world.at(days=2, hours=2))["id"]
    for person, booking in ((mia, withdrawn), (olga, called_off)):
        assert person.patch(f"/api/bookings/{booking}", {"status": "cancelled"}).status_code == 200
    world.review(olga, gig, rating=4)

    found = ada.get(PATH).json

    assert found == {
        "teacher": {"id": ada.id, "name": ada.name},
        "period": "month",
        "from": "2026-11-01",
        "to": "2026-12-01",
        "time_zone": "Europe/Berlin",
        "requested": 7,
        "accepted": 1,
        "declined": 1,
        "cancelled": 2,
        "completed": 2,
        "no_show": 0,
        "expired": 0,
        # Of those that were decided about four were agreed on and one declined.
        "acceptance_rate": 0.8,
        "completion_rate": 0.6667,
        # Three took an hour and a half each, the fourth was answered at once.
        "response_hours_median": 1.5,
        "hours_taught": 1.5,
        "students": 2,
        "new_students": 2,
        "earned": [{"currency": "EUR", "cents": 2 * 3000 + 1500}],
        "rating": 4.0,
        "reviews": 1,
        "cached": False,
    }


def test_nothing_has_no_rates(world: World) -> None:
    found = world.teacher().get(PATH).json

    rates = ("acceptance_rate", "completion_rate", "response_hours_median", "rating")
    assert [found[name] for name in rates] == [None] * 4
    assert (found["requested"], found["hours_taught"], found["earned"]) == (0, 0, [])


def test_a_student_is_new_in_the_period_of_their_first_completed_lesson(world: World) -> None:
    ada, mia = world.teacher(), world.student()
    gig = world.gig(ada)
    for days, status in ((0, "cancelled"), (31, "completed"), (62, "completed")):
        insert_booking(world.app, mia, gig, datetime(2026, 1, 10, 12, tzinfo=UTC) + timedelta(days=days), status=status)

    found = [ada.get(f"{PATH}?date=2026-{month:02}-20").json for month in (1, 2, 3)]
    year = ada.get(f"{PATH}?date=2026-05-05&period=year").json

    assert [(it["students"], it["new_students"]) for it in found] == [(0, 0), (1, 1), (1, 0)]
    assert (year["students"], year["new_students"], year["completed"]) == (1, 1, 2)


@pytest.mark.parametrize(
    ("period", "first", "end"),
    [
        ("day", "2026-10-31", "2026-11-01"),
        ("week", "2026-10-26", "2026-11-02"),
        ("month", "2026-10-01", "2026-11-01"),
        ("quarter", "2026-10-01", "2027-01-01"),
        ("year", "2026-01-01", "2027-01-01"),
    ],
)
def test_periods_are_those_of_calendars(world: World, period: str, first: str, end: str) -> None:
    found = world.teacher().get(f"{PATH}?period={period}&date=2026-10-31").json

    assert (found["from"], found["to"]) == (first, end)


@pytest.mark.parametrize(
    ("zone", "month"), [("Europe/Berlin", 11), ("UTC", 10), ("America/New_York", 10), ("Asia/Kathmandu", 11)]
)
def test_a_period_is_one_of_the_readers_clock(world: World, zone: str, month: int) -> None:
    ada = world.teacher(time_zone=zone)
    insert_booking(world.app, world.student(), world.gig(ada), LATE)

    found = {number: ada.get(f"{PATH}?date=2026-{number}-15").json for number in (10, 11)}

    assert [number for number, it in found.items() if it["requested"]] == [month]
    assert {it["time_zone"] for it in found.values()} == {zone}


@pytest.mark.middleware_not_compared
def test_figures_are_cached_and_fresh_after_each_change(world: World, redis_server: RedisServer) -> None:
    ada, mia = world.teacher(), world.student()
    gig = world.gig(ada)
    lesson = world.past_lesson(mia, gig)
    ada.get("/api/users/me")

    with count_queries() as missed:
        assert ada.get(PATH).json["cached"] is False
    with count_queries() as hit, monitor(redis_server) as commands:
        assert ada.get(PATH).json["cached"] is True
    mia.post("/api/reviews", {"booking_id": lesson, "rating": 3, "comment": "Good."})
    reviewed = ada.get(PATH).json
    world.booking(mia, gig)
    asked = ada.get(PATH).json

    # The teacher's name, all about lessons, and the reviews.
    assert (len(missed), hit) == (3, [])
    assert [command.split()[0] for command in commands] == ["MGET"] * 2
    assert (reviewed["rating"], asked["requested"] - reviewed["requested"]) == (3.0, 1)
    assert ada.get(PATH, headers={"If-None-Match": ada.get(PATH).headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(("period", "seconds"), [("day", 300), ("month", 3600), ("year", 86400)])
@pytest.mark.middleware_not_compared
def test_figures_of_a_longer_period_are_kept_longer(
    world: World, redis_server: RedisServer, period: str, seconds: int
) -> None:
    ada = world.teacher()

    with monitor(redis_server) as commands:
        ada.get(f"{PATH}?period={period}")

    stored = [command for command in commands if command.startswith("SET ") and " EX " in command]
    assert sum(command.split(" EX ")[1].startswith(str(seconds)) for command in stored) >= 2, stored


def test_only_the_teacher_and_administrators_see_them(world: World) -> None:
    ada, emil, mia, admin = world.teacher(), world.teacher(), world.student(), world.admin()
    path = f"{PATH}?teacher_id={ada.id}"

    statuses = [person.get(path).status_code for person in (ada, emil, mia, admin)]

    assert statuses == [200, 403, 403, 200]
    assert admin.get(PATH).status_code == 422
    assert admin.get(f"{PATH}?teacher_id={mia.id}").status_code == 404
    assert admin.get(f"{PATH}?teacher_id=999999").status_code == 404


@pytest.mark.parametrize(
    "query", ["period=decade", "date=2026-02-30", "date=1999-12-31", "date=2100-01-01", "teacher_id=0", "x=1"]
)
def test_what_makes_no_sense_is_refused(world: World, query: str) -> None:
    assert world.teacher().get(f"{PATH}?{query}").status_code == 422

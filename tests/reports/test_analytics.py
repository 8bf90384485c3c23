"""Series of the whole school: exact, by the reader's clock, fresh, and for administrators only."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from database import reading
from reports.lesson_hours.upkeep import MANY, add_up_stale_days, many_days_are_stale
from support.queries import count_queries
from tests.bookings.rows import insert_booking
from tests.conftest import FakeClock
from tests.support.world import Person, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PATH = "/api/reports/analytics"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def series(admin: Person, subject: str, query: str = "") -> list[dict[str, Any]]:
    answer = admin.get(f"{PATH}/{subject}?{query}")
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json["data"]
    return data


def column(rows: list[dict[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]


def test_a_series_counts_lessons_and_money_by_month(world: World) -> None:
    ada, mia, admin = world.teacher(), world.student(), world.admin()
    gig = world.gig(ada)
    for days, status in ((0, "completed"), (1, "cancelled"), (31, "completed"), (32, "accepted"), (33, "pending")):
        insert_booking(world.app, mia, gig, START + timedelta(days=days), status=status)
    months = "from=2026-02-15&to=2026-05-01"

    lessons, money = series(admin, "bookings", months), series(admin, "revenue", months)

    assert column(lessons, "from") == ["2026-02-01", "2026-03-01", "2026-04-01"]
    assert column(lessons, "to") == ["2026-03-01", "2026-04-01", "2026-05-01"]
    assert column(lessons, "requested") == [0, 2, 3]
    assert column(lessons, "cancelled") == [0, 1, 0]
    assert column(lessons, "hours_taught") == [0, 0.75, 0.75]
    april = {"currency": "EUR", "earned_cents": 3000, "planned_cents": 3000, "packages_cents": 0}
    assert column(money, "money") == [[], [april | {"planned_cents": 0}], [april]]


def test_students_are_new_come_back_or_return(world: World) -> None:
    ada, admin = world.teacher(), world.admin()
    gig = world.gig(ada)
    # In which months each of them has a lesson.
    for months in ((1, 2, 3), (1, 3), (2,), (3,)):
        student = world.student()
        for month in months:
            insert_booking(
                world.app, student, gig, datetime(2026, month, student.id, 12, tzinfo=UTC), status="completed"
            )

    rows = series(admin, "retention", "from=2026-01-01&to=2026-04-01")

    found = {name: column(rows, name) for name in ("students", "new", "retained", "returned", "rate")}
    assert found == {
        "students": [2, 2, 3],
        "new": [2, 1, 1],
        "retained": [0, 1, 1],
        "returned": [0, 0, 1],
        "rate": [None, 0.5, 0.5],
    }


def test_what_is_new_is_counted_as_what_it_is_now(world: World) -> None:
    ada, mia, admin = world.teacher(), world.student(), world.admin()
    world.gig(ada, status="draft")
    course = world.gig(ada, enrolment="application")
    ada.post("/api/bookings", {"gig_id": world.gig(ada)["id"], "starts_at": world.at(days=1), "agreed": True})
    world.place(mia, ada, course)

    (users,), (gigs,), (applications,) = (
        series(admin, subject, "period=day&from=2026-11-21&to=2026-11-22")
        for subject in ("users", "gigs", "applications")
    )

    assert (users["registered"], users["students"], users["teachers"]) == (3, 1, 1)
    assert (gigs["created"], gigs["draft"], gigs["published"]) == (3, 1, 2)
    assert (applications["received"], applications["accepted"], applications["acceptance_rate"]) == (1, 1, 1.0)


@pytest.mark.parametrize(
    ("period", "first", "number"),
    [
        ("day", "2026-10-23", 30),
        ("week", "2026-08-31", 12),
        ("month", "2025-12-01", 12),
        ("quarter", "2025-01-01", 8),
        ("year", "2022-01-01", 5),
    ],
)
def test_the_latest_periods_are_the_usual_ones(world: World, period: str, first: str, number: int) -> None:
    rows = series(world.admin(), "bookings", f"period={period}")

    assert (rows[0]["from"], len(rows)) == (first, number)


@pytest.mark.parametrize("added_up", [False, True])
def test_days_are_those_of_any_time_zone(world: World, added_up: bool) -> None:
    ada, mia, admin = world.teacher(), world.student(), world.admin()
    gig = world.gig(ada)
    # Every quarter of an hour for three days around a change of the clocks.
    instants = [datetime(2026, 3, 28, tzinfo=UTC) + timedelta(minutes=15 * n) for n in range(3 * 96)]
    for instant in instants[::5]:
        insert_booking(world.app, mia, gig, instant, minutes=5, status="completed")
    if added_up:
        with world.app.app_context():
            assert add_up_stale_days() == 3

    for zone in ("Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "UTC"):
        rows = series(admin, "bookings", f"period=day&from=2026-03-27&to=2026-04-01&time_zone={zone}")
        expected = lessons_by_day(instants[::5], zone)
        assert {row["from"]: row["completed"] for row in rows if row["completed"]} == expected, zone


def lessons_by_day(instants: list[datetime], zone: str) -> dict[str, int]:
    return dict(Counter(instant.astimezone(ZoneInfo(zone)).date().isoformat() for instant in instants))


@pytest.mark.middleware_not_compared
def test_a_series_is_cached_and_fresh_after_each_change(world: World, clock: FakeClock) -> None:
    ada, mia, admin = world.teacher(), world.student(), world.admin()
    gig = world.gig(ada)
    admin.get("/api/users/me")
    changes = {
        "bookings": lambda: world.booking(mia, gig),
        "revenue": lambda: world.past_lesson(mia, gig),
        "retention": lambda: world.past_lesson(mia, gig),
        "users": world.student,
        "gigs": lambda: world.gig(ada, status="draft"),
        "applications": lambda: world.place(mia, ada, world.gig(ada, enrolment="application")),
    }
    for subject, change in changes.items():
        path = f"{PATH}/{subject}?period=day&from=2026-11-01&to=2026-12-01"
        with count_queries() as missed:
            before = admin.get(path).json
        with count_queries() as hit:
            assert admin.get(path).json["cached"] is True

        change()

        after = admin.get(path).json
        assert (len(missed) <= 4, hit, after["cached"]) == (True, [], False), (subject, missed)
        assert after["data"] != before["data"], subject


def test_many_stale_days_are_added_up_at_once_and_right_meanwhile(world: World) -> None:
    mia, admin = world.student(), world.admin()
    gig = world.gig(world.teacher())
    first = datetime(2026, 1, 5, 12, tzinfo=UTC)
    path = "period=month&from=2026-01-01&to=2026-07-01&time_zone=UTC"
    wanted = []
    for number in range(MANY + 1):
        with world.app.app_context(), reading() as connection:
            wanted.append(many_days_are_stale(connection))
        insert_booking(world.app, mia, gig, first + timedelta(days=number), status="completed")
    before = series(admin, "bookings", path)

    with world.app.app_context():
        with reading() as connection:
            wanted.append(many_days_are_stale(connection))
        assert add_up_stale_days() == MANY + 1
        with reading() as connection:
            wanted.append(many_days_are_stale(connection))

    assert wanted == [False] * (MANY + 1) + [True, False]
    assert sum(column(before, "completed")) == MANY + 1
    assert series(admin, "bookings", path) == before


def test_a_change_makes_an_added_up_day_right_at_once(world: World) -> None:
    ada, mia, admin = world.teacher(), world.student(), world.admin()
    gig = world.gig(ada)
    booking = world.booking(mia, gig)["id"]
    with world.app.app_context():
        add_up_stale_days()
    path = "period=day&from=2026-11-21&to=2026-11-24"
    assert sum(column(series(admin, "bookings", path), "pending")) == 1

    ada.patch(f"/api/bookings/{booking}", {"status": "accepted"})

    rows = series(admin, "bookings", path)
    assert (sum(column(rows, "pending")), sum(column(rows, "accepted"))) == (0, 1)
    assert sum(it["planned_cents"] for row in series(admin, "revenue", path) for it in row["money"]) == 3000


@pytest.mark.parametrize(
    "query",
    [
        "period=decade",
        "from=2026-05-01&to=2026-05-01",
        "from=2026-02-30",
        "from=1999-12-31",
        "period=day&from=2020-01-01",
        "period=day&from=2020-01-01&to=2099-01-01",
        "x=1",
    ],
)
def test_what_makes_no_sense_is_refused(world: World, query: str) -> None:
    assert world.admin().get(f"{PATH}/bookings?{query}").status_code == 422


def test_series_are_for_administrators(world: World) -> None:
    assert [person.get(f"{PATH}/users").status_code for person in (world.teacher(), world.student())] == [403, 403]
    assert world.admin().get(f"{PATH}/everything").status_code == 404

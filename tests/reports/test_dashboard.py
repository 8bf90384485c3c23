"""Dashboards: what stands out now for each role, exact, at once, and on the reader's clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from support.queries import count_queries
from tests.bookings.rows import insert_booking, set_booking
from tests.conftest import FakeClock
from tests.support.world import Person, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PATH = "/api/reports/dashboard"


def shown_to(person: Person) -> dict[str, Any]:
    answer = person.get(PATH)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_a_teacher_sees_today_the_week_and_what_waits(world: World, clock: FakeClock) -> None:
    ada, mia = world.teacher(), world.student()
    gig = world.gig(ada, price_cents=4000, duration_minutes=60)
    before = shown_to(ada)
    lesson = world.accepted(mia, ada, gig, starts_at=world.at(hours=1))["id"]
    world.booking(mia, gig, starts_at=world.at(hours=3))
    world.past_lesson(mia, gig, status="accepted")
    paid = {"booking_id": lesson, "method": "cash", "reference": "A1", "amount_cents": 1000, "currency": "EUR"}
    mia.post("/api/payments", paid)
    world.review(mia, gig)

    found = shown_to(ada)

    assert before["waiting"] == {"requests": 0, "unrecorded": 0, "payments": 0, "applications": 0, "handed_in": 0}
    assert (before["day"]["lessons"], before["next"], before["open_payments"]) == (0, [], [])
    assert found["role"] == "teacher"
    assert found["waiting"] == {"requests": 1, "unrecorded": 1, "payments": 1, "applications": 0, "handed_in": 0}
    assert found["next"][0]["id"] == lesson
    assert found["day"]["lessons"] + found["day"]["pending"] == len(_of_day(ada, found["day"]))
    assert found["unread_reviews"] == 1
    owed = ada.get("/api/users/me/balance").json["data"][0]["open_cents"]
    assert found["open_payments"] == [{"currency": "EUR", "cents": owed}]

    clock.advance(minutes=61)
    ada = world.sign_in(ada)
    assert shown_to(ada)["waiting"]["unrecorded"] == 2


def _of_day(person: Person, day: dict[str, Any]) -> list[Any]:
    """The lessons of a day of Berlin, which is an hour ahead of UTC in winter."""
    query = f"from={day['from']}T00:00:00%2B01:00&to={day['to']}T00:00:00%2B01:00&limit=100"
    rows = person.get(f"/api/bookings?{query}").json["data"]
    return [row for row in rows if row["status"] in ("pending", "accepted", "completed", "no_show")]


def test_a_student_sees_the_next_lessons_open_tasks_and_what_is_owed(world: World, clock: FakeClock) -> None:
    ada, mia = world.teacher(), world.student()
    gig = world.gig(ada, price_cents=4000)
    lesson = world.accepted(mia, ada, gig)["id"]
    course = world.gig(ada, enrolment="application")
    place = world.place(mia, ada, course)
    task = {"title": "Scales", "instructions": "Both hands.", "due_at": world.at(hours=2)}
    ada.post(f"/api/assignments/{place}/tasks", task)
    ada.post(f"/api/assignments/{place}/tasks", {"title": "Chords", "instructions": "All of them."})

    found = shown_to(mia)

    assert [row["id"] for row in found["next"]] == [lesson]
    assert (found["tasks"]["open"], found["tasks"]["overdue"]) == (2, 0)
    assert [row["title"] for row in found["tasks"]["next"]] == ["Scales", "Chords"]
    assert found["owed"] == [{"currency": "EUR", "cents": 4000}]
    assert "unread_reviews" not in found

    clock.advance(hours=3)
    mia = world.sign_in(mia)
    assert shown_to(mia)["tasks"]["overdue"] == 1
    mia.patch(f"/api/bookings/{lesson}", {"status": "cancelled"})
    after = shown_to(mia)
    assert (after["next"], after["week"]["cancelled"] + after["week"]["lessons"]) == ([], found["week"]["lessons"])


def test_an_administrator_sees_the_schools_day_and_week_beside_those_before(world: World, clock: FakeClock) -> None:
    ada, mia, admin = world.teacher(), world.student(), world.admin()
    gig = world.gig(ada)
    for days in (0, 1, 7):
        insert_booking(world.app, mia, gig, world.clock() - timedelta(days=days), status="completed")
    old = world.booking(mia, gig, starts_at=world.at(days=30))["id"]

    found = shown_to(admin)

    assert [found[name]["completed"] for name in ("day", "day_before")] == [1, 1]
    assert sum(found[name]["completed"] for name in ("week", "week_before")) == 3
    assert (found["day"]["new_teachers"], found["day"]["new_students"]) == (1, 1)
    assert found["attention"] == {"requests": 0, "unrecorded": 0, "payments": 0, "applications": 0, "failed_jobs": 0}

    clock.advance(days=2)
    set_booking(world.app, old, status="pending")
    assert shown_to(world.sign_in(admin))["attention"]["requests"] == 1


def test_days_are_those_of_the_readers_clock(world: World) -> None:
    east, west = world.teacher(time_zone="Pacific/Kiritimati"), world.teacher(time_zone="Pacific/Pago_Pago")

    first = [shown_to(person)["day"]["from"] for person in (east, west)]

    assert first[0] > first[1]


@pytest.mark.middleware_not_compared
def test_it_is_cached_until_something_changes(world: World) -> None:
    ada, mia = world.teacher(), world.student()
    gig = world.gig(ada)
    shown_to(ada)

    with count_queries() as statements:
        again = ada.get(PATH)
    changed = world.booking(mia, gig)["id"]
    after = shown_to(ada)

    assert (again.json["cached"], again.headers["X-Cache"], statements) == (True, "HIT", [])
    assert after["waiting"]["requests"] == again.json["waiting"]["requests"] + 1
    assert [row["id"] for row in after["next"]] == [changed]


@pytest.mark.middleware_not_compared
def test_it_is_one_row_of_csv_for_a_spreadsheet(world: World) -> None:
    answer = world.admin().get(f"{PATH}?format=csv")

    heading, row = answer.text.strip().splitlines()
    assert answer.mimetype == "text/csv"
    assert "week_before.lessons" in heading
    assert row.startswith("admin,Europe/Berlin,")

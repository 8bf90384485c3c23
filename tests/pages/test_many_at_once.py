"""Pages that change several lessons with one button, and say what became of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bookings.waitlist.sweep import sweep
from tests.bookings.rows import insert_booking, status_of
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.schedule.bodies import weekly
from tests.support.world import World

Visit = Callable[..., Visitor]
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("path", ["/lessons", "/"])
def test_all_that_took_place_is_completed_with_one_button(
    visit: Visit, world: World, clock: FakeClock, path: str
) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)
    ids = [
        insert_booking(world.app, world.student(), gig, clock() - timedelta(hours=hour), status="accepted")
        for hour in (2, 4, 6)
    ]
    page = visit(teacher).open(path)
    teacher.patch(f"/api/bookings/{ids[0]}", {"status": "no_show"})

    sent = page.form("/lessons/many", {"status": "completed"})
    shown = page.post(sent.action, sent.values | {"ids": [f"{number}" for number in ids]})

    assert shown.path == path
    assert "2 lessons are marked as completed." in shown.text
    assert "1 lesson stays as it was: Student Number" in shown.text
    assert "something about it has changed meanwhile" in shown.text
    assert [status_of(world.app, number) for number in ids] == ["no_show", "completed", "completed"]


def test_all_requests_are_accepted_at_the_times_that_were_shown(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    ids = [world.booking(student, gig, starts_at=world.at(days=day))["id"] for day in (1, 2, 3)]
    shown = [f"{number} {world.at(days=day)}" for number, day in zip(ids, (1, 2, 3), strict=True)]
    page = visit(teacher).open("/lessons")
    assert "Accept all 3" in page.text
    student.patch(f"/api/bookings/{ids[2]}", {"starts_at": world.at(days=9)})

    page.post("/lessons/many", page.form("/lessons/many", {"status": "accepted"}).values | {"ids": shown})

    assert "2 lessons are agreed on." in page.text
    assert [status_of(world.app, number) for number in ids] == ["accepted", "accepted", "pending"]


def test_one_lesson_alone_needs_no_button_for_all(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    world.booking(world.student(), world.gig(teacher))

    assert "Accept all" not in visit(teacher).open("/lessons").text


def test_a_teacher_who_is_ill_cancels_the_day_and_it_costs_nobody_anything(visit: Visit, world: World) -> None:
    teacher, anna, ben = world.teacher(), world.student(name="Anna Berg"), world.student(name="Ben Cole")
    gig = world.gig(teacher, late_cancellation_percent=50, free_cancellation_hours=72)
    agreed = world.accepted(anna, teacher, gig, starts_at=world.at(days=1))
    asked = world.booking(ben, gig, starts_at=world.at(days=1, hours=2))
    other_day = world.accepted(ben, teacher, gig, starts_at=world.at(days=3))
    date = datetime.fromisoformat(agreed["starts_at"]).astimezone(ZoneInfo("Europe/Berlin")).date()
    page = visit(teacher).open(f"/schedule/day?date={date}")
    assert "I am ill: cancel this day" in page.text

    page.open(f"/schedule/day/cancel?date={date}")
    assert "It costs nobody anything. Anna Berg and Ben Cole are told at once" in page.text
    ids = [str(agreed["id"]), str(asked["id"])]
    page.post(page.path, page.form().values | {"ids": ids, "reason": "I am ill."})

    assert "2 lessons are cancelled. Their students are told." in page.text
    found = [anna.get(f"/api/bookings/{agreed['id']}").json, ben.get(f"/api/bookings/{asked['id']}").json]
    assert [(it["status"], it["cancellation_fee_cents"]) for it in found] == [("cancelled", 0), ("rejected", 0)]
    assert status_of(world.app, other_day["id"]) == "accepted"


def test_a_cancelled_day_ends_sessions_and_offers_their_places_to_nobody(
    visit: Visit, world: World, clock: FakeClock
) -> None:
    teacher, anna, ben = world.teacher(), world.student(name="Anna Berg"), world.student(name="Ben Cole")
    choir, piano = world.gig(teacher, title="Choir", capacity=1, times="timetable"), world.gig(teacher)
    days = "2026-11-26T17:00:00Z", "2026-11-26T09:00:00Z"
    made = teacher.post(f"/api/gigs/{choir['id']}/sessions", {"starts_at": days[0]}).json["data"][0]
    empty = teacher.post(f"/api/gigs/{choir['id']}/sessions", {"starts_at": "2026-11-26T19:00:00Z"}).json["data"][0]
    lessons = [
        world.accepted(anna, teacher, gig, starts_at=at)["id"] for gig, at in zip((choir, piano), days, strict=True)
    ]
    for gig, at in zip((choir, piano), days, strict=True):
        assert ben.post("/api/waitlist", {"gig_id": gig["id"], "starts_at": at}).status_code == 201
    page = visit(teacher).open("/schedule/day/cancel?date=2026-11-26")
    assert "Thursday, 26 November: 2 sessions and 1 lesson with 1 student" in page.text
    assert "nothing of it is offered or booked any more" in page.text

    sessions = [str(made["id"]), str(empty["id"])]
    page.post(page.path, page.form().values | {"sessions": sessions, "reason": "I am ill."})
    with world.app.app_context():
        sweep(clock())

    assert "2 sessions and 1 lesson are cancelled. Their students are told." in page.text
    assert [teacher.get(f"/api/sessions/{number}").json["status"] for number in sessions] == ["cancelled"] * 2
    assert [status_of(world.app, number) for number in lessons] == ["cancelled", "cancelled"]
    assert {row["status"] for row in ben.get("/api/waitlist").json["data"]} == {"lapsed", "waiting"}
    again = ben.post("/api/bookings", {"gig_id": piano["id"], "starts_at": days[1]})
    assert again.json["type"] == "/problems/slot-unavailable"


def test_a_day_of_more_than_a_hundred_lessons_is_cancelled_as_a_whole(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    starts = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
    ids = [
        insert_booking(world.app, student, gig, starts + timedelta(minutes=10 * number), minutes=5, status="accepted")
        for number in range(101)
    ]

    page = visit(teacher).open("/schedule/day/cancel?date=2026-11-25")

    assert "101 lessons with 1 student" in page.text
    page.post(page.path, page.form().values | {"ids": [str(number) for number in ids]})
    assert "101 lessons are cancelled." in page.text
    assert status_of(world.app, ids[-1]) == "cancelled"


def test_the_rest_of_a_series_is_moved_on_the_page_where_one_lesson_is(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    made = student.post("/api/bookings/series", {"gig_id": gig["id"], "starts_at": world.at(days=2), "weeks": 3})
    ids = [lesson["id"] for lesson in made.json["data"]]
    teacher.patch(f"/api/bookings/{ids[0]}/series", {"status": "accepted"})
    page = visit(teacher).open(f"/lessons/{ids[1]}/move")
    assert "1 later lesson is moved by as much" in page.text

    page.send(starts_at=world.at(days=9, hours=2), rest="rest")

    assert "2 lessons of the series have a new time." in page.text
    starts = [teacher.get(f"/api/bookings/{number}").json["starts_at"] for number in ids]
    assert starts == [world.at(days=2), world.at(days=9, hours=2), world.at(days=16, hours=2)]


def test_lessons_outside_new_hours_are_cancelled_where_they_are_listed(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student(name="Anna Berg")
    gig = world.gig(teacher)
    # Sunday.
    lesson = world.accepted(student, teacher, gig, starts_at="2026-12-06T10:00:00Z")
    teacher.put("/api/teachers/me/availability", {"weekly": weekly("monday 09:00-10:00")})
    page = visit(teacher).open("/availability")
    assert "Anna Berg" in page.text

    page.post("/lessons/end", page.form("/lessons/end").values | {"reason": "Changed hours"})

    assert page.path == "/availability"
    assert "The lesson is cancelled. Its student is told." in page.text
    assert status_of(world.app, lesson["id"]) == "cancelled"

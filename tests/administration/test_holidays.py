"""Holidays of the whole school: nothing is offered or booked, at once and everywhere; what was booked before stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from bookings.many import closed_days
from bookings.slots.queries import free_starts, starts_and_holidays
from calendars.queries import hours_and_holidays, hours_between
from database import reading
from schedule.holidays.queries import holidays
from schedule.models import Stretch
from support.queries import count_queries
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.world import Person, World

HOLIDAYS = "/api/admin/holidays"
# The clock stands on Saturday, 21 November 2026.
TUESDAY: dict[str, Any] = {"name": "Day of the harbour", "first_day": "2026-11-24", "last_day": "2026-11-24"}
WEEK = {"from": "2026-11-23T00:00:00Z", "to": "2026-11-28T00:00:00Z", "time_zone": "UTC"}
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def close(office: Person, **changes: str) -> Any:
    answer = office.post(HOLIDAYS, TUESDAY | changes)
    assert answer.status_code == 201, answer.text
    return answer.json


def slots(world: World, teacher: Person, gig: dict[str, Any]) -> list[str]:
    found = world.anyone.get(f"/api/teachers/{teacher.id}/slots", query_string={"gig_id": gig["id"], **WEEK})
    assert found.status_code == 200, found.text
    return [slot["starts_at"] for slot in found.json["data"]]


def ask(student: Person, gig: dict[str, Any], at: str) -> TestResponse:
    return student.post("/api/bookings", {"gig_id": gig["id"], "starts_at": at})


def test_a_holiday_is_not_offered_by_any_teacher_and_cannot_be_booked(world: World) -> None:
    office, student = world.office(), world.student()
    people = [(teacher := world.teacher(), world.gig(teacher)) for _ in range(3)]
    assert all("2026-11-24T10:00:00Z" in slots(world, teacher, gig) for teacher, gig in people)

    close(office)

    for teacher, gig in people:
        days = {start[:10] for start in slots(world, teacher, gig)}
        assert days == {"2026-11-23", "2026-11-25", "2026-11-26", "2026-11-27"}
        assert ask(student, gig, "2026-11-24T10:00:00Z").json["type"] == "/problems/slot-unavailable"
        entered = {"gig_id": gig["id"], "starts_at": "2026-11-24T10:00:00Z", "student_id": student.id, "agreed": True}
        assert office.post("/api/bookings", entered).json["type"] == "/problems/slot-unavailable"
    assert ask(student, people[0][1], "2026-11-25T10:00:00Z").status_code == 201


@pytest.mark.parametrize(
    ("zone", "first_free_before", "first_free_after"),
    [("Europe/Berlin", "22:15", "23:00"), ("America/New_York", "04:15", "05:00"), ("Asia/Kathmandu", "17:30", "18:15")],
)
@on_sqlite
def test_a_day_begins_and_ends_by_the_clock_of_the_school(
    world: World, zone: str, first_free_before: str, first_free_after: str
) -> None:
    admin, student, teacher = world.admin(), world.student(), world.teacher(time_zone="Pacific/Auckland")
    gig = world.gig(teacher)
    admin.put("/api/admin/school", {"name": "Lectern", "time_zone": zone})
    day = close(admin)
    begins, ends = day["starts_at"][:10], day["ends_at"][:10]

    late = ask(student, gig, f"{begins}T{first_free_before}:00Z")
    too_late = ask(student, gig, f"{begins}T{first_free_before[:3]}{int(first_free_before[3:]) + 1}:00Z")
    last_minute = ask(student, gig, f"{ends}T{_minute_before(first_free_after)}:00Z")
    again = ask(student, gig, f"{ends}T{first_free_after}:00Z")

    assert [late.status_code, too_late.status_code, last_minute.status_code, again.status_code] == [201, 409, 409, 201]


def _minute_before(clock: str) -> str:
    minutes = int(clock[:2]) * 60 + int(clock[3:]) - 1
    return f"{minutes // 60:02}:{minutes % 60:02}"


def test_a_change_is_seen_at_once_in_every_process_and_forgets_no_slot(
    world: World, make_app: Callable[..., Flask]
) -> None:
    office = world.office()
    people = [(teacher := world.teacher(), world.gig(teacher)) for _ in range(3)]
    elsewhere = World(make_app(), world.clock)
    before = [slots(elsewhere, *person) for person in people]

    with elsewhere.app.app_context(), count_queries() as statements:
        holiday = close(office)
        during = [slots(elsewhere, *person) for person in people]
        reads = [text for text in statements if "held_times" in text]
        office.delete(f"{HOLIDAYS}/{holiday['id']}")
        after = [slots(elsewhere, *person) for person in people]

    # Each half hour of the day, and the one before it whose lesson would not be over.
    assert [len(found) for found in during] == [len(found) - 49 for found in before]
    assert after == before
    # What is cached of each teacher still counts: one tag was made old.
    assert reads == []


@on_sqlite
def test_days_stay_the_same_days_when_the_school_moves_to_another_zone(world: World) -> None:
    admin, teacher = world.admin(), world.teacher()
    gig = world.gig(teacher, duration_minutes=60)
    close(admin)
    assert "2026-11-23T23:00:00Z" in slots(world, teacher, gig)

    admin.put("/api/admin/school", {"name": "Lectern", "time_zone": "Europe/Berlin"})

    found = slots(world, teacher, gig)
    assert "2026-11-23T23:00:00Z" not in found
    assert "2026-11-24T23:00:00Z" in found
    assert admin.get(HOLIDAYS).json["data"][0]["starts_at"] == "2026-11-23T23:00:00Z"


@on_sqlite
def test_the_next_free_time_is_looked_for_beyond_holidays(world: World) -> None:
    office, student, teacher = world.office(), world.student(), world.teacher()
    world.gig(teacher)
    reader = Visitor(world.app).sign_in(student)
    close(office, first_day="2026-11-21", last_day="2026-11-24")
    close(office, first_day="2026-11-26", last_day="2026-11-26")

    page = reader.open("/teachers").answer.text

    assert "Wed 25 Nov" in page
    close(office, first_day="2026-11-25", last_day="2026-11-25")
    assert "Fri 27 Nov" in reader.open("/teachers").answer.text


@on_sqlite
def test_a_search_for_gigs_at_a_time_leaves_holidays_out(world: World) -> None:
    gig = world.gig(world.teacher())
    at = {"free_at": "2026-11-24T10:00:00Z"}
    assert [row["id"] for row in world.anyone.get("/api/gigs", query_string=at).json["data"]] == [gig["id"]]

    close(world.office())

    assert world.anyone.get("/api/gigs", query_string=at).json["data"] == []


def test_sessions_stay_and_are_shown_as_holidays_but_have_no_places(world: World) -> None:
    office, student, teacher = world.office(), world.student(), world.teacher()
    gig = world.gig(teacher, times="timetable", capacity=3)
    starts = "2026-11-24T10:00:00Z"
    made = teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": starts}).json["data"][0]
    assert slots(world, teacher, gig) == [starts]

    close(office)

    assert slots(world, teacher, gig) == []
    assert ask(student, gig, starts).status_code == 409
    listed = teacher.get(f"/api/gigs/{gig['id']}/sessions").json["data"]
    assert [row["holiday"] for row in listed] == ["Day of the harbour"]
    assert teacher.get(f"/api/sessions/{made['id']}").json["holiday"] == "Day of the harbour"
    reader = Visitor(world.app).sign_in(teacher)
    assert "Day of the harbour" in reader.open(f"/gigs/{gig['id']}/timetable").answer.text
    assert "the school is closed" in reader.open(f"/sessions/{made['id']}").answer.text


@on_sqlite
def test_what_was_booked_before_stays_and_is_named(world: World, clock: FakeClock) -> None:
    office, student, teacher = world.office(), world.student(), world.teacher()
    gig = world.gig(teacher)
    before = world.booking(student, gig, starts_at="2026-11-23T23:30:00Z")
    within = world.booking(student, gig, starts_at="2026-11-24T12:00:00Z")
    world.booking(student, gig, starts_at="2026-11-25T00:00:00Z")

    made = close(office)

    assert made["outside"] == [before["id"], within["id"]]
    assert student.get(f"/api/bookings/{within['id']}").json["status"] == "pending"
    assert teacher.patch(f"/api/bookings/{within['id']}", {"status": "accepted"}).status_code == 200


@on_sqlite
def test_a_session_is_named_with_all_its_students_however_many_are_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closed_days, "MOST_NAMED", 2)
    office, teacher = world.office(), world.teacher()
    group = world.gig(teacher, times="timetable", capacity=5)
    at = "2026-11-24T15:00:00Z"
    teacher.post(f"/api/gigs/{group['id']}/sessions", {"starts_at": at})
    students = [world.student() for _ in range(4)]
    for student in students:
        world.booking(student, group, starts_at=at)
    browser = Visitor(world.app).sign_in(office)

    # The last one is another lesson, which is not named, and the page says so.
    world.booking(world.student(), world.gig(world.teacher()), starts_at="2026-11-24T20:00:00Z")
    page = browser.open("/admin/holidays").send(**TUESDAY)

    assert "4 or more lessons were booked before" in page.text
    assert "The school is closed on 24 Nov 2026." in page.text
    assert all(student.name in page.text for student in students)


@on_sqlite
def test_the_office_cancels_them_together(world: World) -> None:
    office, student, teacher = world.office(), world.student(), world.teacher()
    gig, group = world.gig(teacher), world.gig(teacher, times="timetable", capacity=3)
    session = teacher.post(f"/api/gigs/{group['id']}/sessions", {"starts_at": "2026-11-24T15:00:00Z"}).json["data"][0]
    in_session = world.booking(student, group, starts_at="2026-11-24T15:00:00Z")
    lesson = world.booking(student, gig, starts_at="2026-11-24T10:00:00Z")
    teacher.patch(f"/api/bookings/{lesson['id']}", {"status": "accepted"})
    browser = Visitor(world.app).sign_in(office)

    entered = browser.open("/admin/holidays").send(**TUESDAY)

    assert "2 lessons were booked before" in entered.text
    ticked: dict[str, Any] = {"sessions": str(session["id"]), "ids": str(lesson["id"]), "reason": "We are closed."}
    page = browser.send(f"{browser.path}/cancel", **ticked)
    assert "1 session and 1 lesson are cancelled" in page.text
    for booking in (lesson, in_session):
        shown = student.get(f"/api/bookings/{booking['id']}").json
        assert shown["status"] in ("cancelled", "rejected")


@on_sqlite
def test_the_office_moves_them_together_each_to_a_free_time_of_its_teacher(world: World) -> None:
    office, student, teacher, other = world.office(), world.student(), world.teacher(), world.teacher()
    lessons = []
    for person, starts in ((teacher, "2026-11-24T10:00:00Z"), (other, "2026-11-24T12:00:00Z")):
        lesson = world.booking(student, world.gig(person), starts_at=starts)
        person.patch(f"/api/bookings/{lesson['id']}", {"status": "accepted"})
        lessons.append(lesson)
    holiday = close(office)
    browser = Visitor(world.app).sign_in(office)

    page = browser.open(f"/admin/holidays/{holiday['id']}/move")
    text = page.answer.text
    chosen = [f"{lesson['id']} 2026-11-25T{hour}:00:00+00:00" for lesson, hour in zip(lessons, (10, 12), strict=True)]
    sent: dict[str, str | list[str]] = {
        "csrf_token": page.form().values["csrf_token"],
        "moves": chosen,
        "reason": "We are closed.",
    }
    moved = page.post(page.path, sent)

    assert text.count(" selected") == 2
    assert "2 lessons are moved" in moved.answer.text
    times = [student.get(f"/api/bookings/{lesson['id']}").json["starts_at"] for lesson in lessons]
    assert times == ["2026-11-25T10:00:00Z", "2026-11-25T12:00:00Z"]
    assert "No lesson is booked for these days" in moved.answer.text


@on_sqlite
def test_a_teachers_week_and_day_name_the_holiday(world: World) -> None:
    teacher = world.teacher()
    close(world.office())
    reader = Visitor(world.app).sign_in(teacher)

    assert reader.open("/schedule?date=2026-11-24").answer.text.count("Day of the harbour") == 2
    assert "Day of the harbour: the school is closed" in reader.open("/schedule/day?date=2026-11-24").answer.text
    assert "Day of the harbour" not in reader.open("/schedule/day?date=2026-11-25").answer.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"last_day": "2026-11-23"}, "last_day"),
        ({"last_day": "2027-11-25"}, "last_day"),
        ({"first_day": "1999-11-24"}, "first_day"),
        ({"first_day": "24.11.2026"}, "first_day"),
    ],
)
@on_sqlite
def test_what_makes_no_sense_is_refused(world: World, changes: dict[str, str], field: str) -> None:
    office = world.office()

    answer = office.post(HOLIDAYS, TUESDAY | changes)

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]
    assert office.get(HOLIDAYS).json["data"] == []


def test_holidays_are_the_same_beside_hours_and_free_times_as_alone(world: World) -> None:
    office, teacher = world.office(), world.teacher()
    teacher.put("/api/teachers/me/availability", {"weekly": [{"weekday": "friday", "start": "09:00", "end": "12:00"}]})
    gig = world.gig(teacher)
    close(office, name="Later", first_day="2026-12-24", last_day="2026-12-31"), close(office)
    start, end = (datetime.fromisoformat(WEEK[name]) for name in ("from", "to"))
    hours = hours_between.at(teacher.id, Stretch(start=start, end=end))
    times, off = free_starts.at(teacher.id, gig["id"], start, end, None), holidays.at()

    with world.app.app_context(), reading() as connection:
        alone: Any = {read: read.query(connection, *read.args) for read in (hours, times, off)}
        week = hours_and_holidays(connection, [hours, off])
        free = starts_and_holidays(connection, [times, off])

    assert [row["name"] for row in alone[off]["data"]] == [TUESDAY["name"], "Later"]
    assert week == [alone[hours], alone[off]]
    assert free == [alone[times], alone[off]]


@on_sqlite
def test_there_are_so_many_at_most(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schedule.holidays.service.MOST_HOLIDAYS", 2)
    office = world.office()
    close(office), close(office)

    assert office.post(HOLIDAYS, TUESDAY).json["type"] == "/problems/too-many-holidays"


@on_sqlite
def test_holidays_of_long_ago_do_not_count_any_more(world: World, clock: FakeClock) -> None:
    office, teacher, student = world.office(), world.teacher(), world.student()
    gig = world.gig(teacher)
    close(office)
    clock.advance(days=10)
    office, student = world.sign_in(office), world.sign_in(student)

    assert ask(student, gig, f"{world.clock() + timedelta(days=1):%Y-%m-%dT10:00:00Z}").status_code == 201
    assert "Holidays that are over: 1" in Visitor(world.app).sign_in(office).open("/admin/holidays").answer.text


def test_a_session_is_not_moved_onto_a_holiday(world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher, times="timetable", capacity=3)
    starts = "2026-11-25T10:00:00Z"
    made = teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": starts}).json["data"][0]
    close(world.office())

    refused = teacher.patch(f"/api/sessions/{made['id']}", {"starts_at": "2026-11-24T10:00:00Z"})

    assert (refused.status_code, refused.json["detail"]) == (409, "The school is closed then.")
    assert teacher.get(f"/api/sessions/{made['id']}").json["starts_at"] == starts
    reader = Visitor(world.app).sign_in(teacher).open(f"/sessions/{made['id']}")
    page = reader.send(f"/sessions/{made['id']}/move", starts_at="other", date="2026-11-24", time="10:00")
    assert "The school is closed then." in page.text


def test_a_wish_for_another_time_is_not_granted_once_that_is_a_holiday(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    lesson = world.accepted(student, teacher, world.gig(teacher), starts_at="2026-11-25T10:00:00Z")
    asked = student.patch(f"/api/bookings/{lesson['id']}", {"starts_at": "2026-11-24T10:00:00Z"})
    assert asked.json["move"], asked.text
    close(world.office())

    refused = teacher.patch(f"/api/bookings/{lesson['id']}", {"move": "accept"})
    page = (
        Visitor(world.app)
        .sign_in(teacher)
        .open(f"/lessons/{lesson['id']}")
        .send(f"/lessons/{lesson['id']}/move/answer", move="accept")
    )

    assert (refused.status_code, refused.json["detail"]) == (409, "The school is closed then.")
    assert "The school is closed then." in page.text
    assert student.get(f"/api/bookings/{lesson['id']}").json["starts_at"] == "2026-11-25T10:00:00Z"
    assert teacher.patch(f"/api/bookings/{lesson['id']}", {"move": "decline"}).status_code == 200

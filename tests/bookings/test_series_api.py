"""Weekly series of lessons: previewed, booked whole or in part, and answered or cancelled from one lesson on."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from werkzeug.test import TestResponse

from support.queries import count_queries
from tests.bookings.rows import count_bookings, count_events, overlapping_pairs
from tests.conftest import FakeClock
from tests.schedule.bodies import weekly
from tests.support.races import at_once
from tests.support.world import ANY_TIME, Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

AVAILABILITY = "/api/teachers/me/availability"
SERIES, PREVIEW = "/api/bookings/series", "/api/bookings/series/preview"
# Mondays at 09:00 in Berlin; the clocks are changed on 28 March 2027.
MONDAY = "2027-03-15T08:00:00Z"
MONDAYS = ["2027-03-15T08:00:00Z", "2027-03-22T08:00:00Z", "2027-03-29T07:00:00Z", "2027-04-05T07:00:00Z"]


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher()


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    return world.gig(teacher, duration_minutes=60)


def test_a_series_stays_at_the_same_time_of_the_teachers_clock(
    world: World, teacher: Person, gig: dict[str, Any]
) -> None:
    teacher.put(AVAILABILITY, {"weekly": weekly("monday 09:00-10:00")})
    student = world.student(time_zone="America/New_York")

    answer = student.post(SERIES, _series(gig, note="Scales first."))

    assert answer.status_code == 201, answer.text
    assert [lesson["starts_at"] for lesson in answer.json["data"]] == MONDAYS
    assert answer.json["skipped"] == []
    assert {lesson["status"] for lesson in answer.json["data"]} == {"pending"}
    assert {lesson["note"] for lesson in answer.json["data"]} == {"Scales first."}
    for lesson in answer.json["data"]:
        detail = student.get(f"/api/bookings/{lesson['id']}").json
        assert detail["series_id"] == answer.json["series_id"]
        assert [event["to"] for event in student.get(f"/api/bookings/{lesson['id']}/history").json["data"]] == [
            "pending"
        ]


def test_a_preview_names_what_is_in_the_way_and_changes_nothing(
    world: World, teacher: Person, gig: dict[str, Any]
) -> None:
    student = world.student(time_zone="America/New_York")
    teacher.put(AVAILABILITY, {"weekly": weekly("monday 09:00-10:00"), "exceptions": [_day_off("2027-04-05")]})
    world.booking(world.student(), gig, starts_at=MONDAYS[1])
    before = count_bookings(world.app)

    shown = student.post(PREVIEW, _series(gig)).json

    assert [(it["starts_at"], it["available"], it["reason"]) for it in shown["data"]] == [
        (MONDAYS[0], True, None),
        (MONDAYS[1], False, "slot-taken"),
        (MONDAYS[2], True, None),
        (MONDAYS[3], False, "slot-unavailable"),
    ]
    # New York has changed its clocks a fortnight earlier than Berlin.
    assert [it["local"][11:] for it in shown["data"]] == ["04:00:00-04:00"] * 2 + ["03:00:00-04:00"] * 2
    assert shown["data"][0]["ends_at"] == "2027-03-15T09:00:00Z"
    assert (shown["time_zone"], shown["teacher_time_zone"]) == ("America/New_York", "Europe/Berlin")
    assert count_bookings(world.app) == before


def test_all_or_nothing_is_the_default(world: World, gig: dict[str, Any]) -> None:
    world.booking(world.student(), gig, starts_at=MONDAYS[2])
    before = count_bookings(world.app), count_events(world.app)

    answer = world.student().post(SERIES, _series(gig))

    assert answer.status_code == 409
    assert answer.json["type"] == "/problems/series-conflict"
    assert answer.json["conflicts"] == [{"starts_at": MONDAYS[2], "reason": "slot-taken"}]
    assert (count_bookings(world.app), count_events(world.app)) == before


def test_what_is_not_free_is_skipped_and_reported(world: World, gig: dict[str, Any]) -> None:
    world.booking(world.student(), gig, starts_at=MONDAYS[2])
    student = world.student()

    answer = student.post(SERIES, _series(gig, on_conflict="skip"))

    assert answer.status_code == 201
    assert [lesson["starts_at"] for lesson in answer.json["data"]] == [MONDAYS[0], MONDAYS[1], MONDAYS[3]]
    assert answer.json["skipped"] == [{"starts_at": MONDAYS[2], "reason": "slot-taken"}]
    assert _own(student) == 3


def test_a_series_of_which_nothing_is_free_is_refused_even_with_skip(world: World, gig: dict[str, Any]) -> None:
    student = world.student()
    world.booking(world.student(), gig, starts_at=MONDAYS[0])
    world.booking(student, world.gig(world.teacher()), starts_at=MONDAYS[1])

    answer = student.post(SERIES, _series(gig, weeks=2, on_conflict="skip"))

    assert answer.status_code == 409
    assert [conflict["reason"] for conflict in answer.json["conflicts"]] == ["slot-taken"] * 2


@on_sqlite
def test_what_makes_the_first_lesson_impossible_for_good_is_refused_as_for_one(
    world: World, teacher: Person, gig: dict[str, Any]
) -> None:
    student = world.student()
    paused = world.gig(teacher)
    teacher.post(f"/api/gigs/{paused['id']}/status", {"status": "paused"})

    answers = [
        student.post(SERIES, _series(gig, starts_at="2026-11-20T08:00:00Z")),
        student.post(SERIES, _series(gig, starts_at="2027-03-15T08:00:30Z")),
        student.post(SERIES, _series(gig, weeks=1)),
        student.post(SERIES, _series(gig, weeks=53)),
        student.post(SERIES, _series(gig, on_conflict="overbook")),
        student.post(SERIES, _series(paused)),
        teacher.post(SERIES, _series(gig)),
        student.post(PREVIEW, _series(paused)),
        student.post(PREVIEW, _series(gig, starts_at="2026-11-20T08:00:00Z")),
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 422, 409, 403, 409, 422]


@on_sqlite
def test_lessons_beyond_the_horizon_are_reported(world: World, teacher: Person, gig: dict[str, Any]) -> None:
    teacher.put(AVAILABILITY, ANY_TIME | {"horizon_days": 15})

    answer = world.student().post(SERIES, _series(gig, starts_at=world.at(days=1), on_conflict="skip"))

    assert len(answer.json["data"]) == 3
    assert [it["reason"] for it in answer.json["skipped"]] == ["slot-unavailable"]


@on_sqlite
def test_an_administrator_books_a_series_for_a_student(world: World, gig: dict[str, Any]) -> None:
    student, admin = world.student(), world.admin()

    answer = admin.post(SERIES, _series(gig, student_id=student.id))
    without = admin.post(SERIES, _series(gig))

    assert (answer.status_code, without.status_code) == (201, 403)
    assert _own(student) == 4


@on_sqlite
def test_students_of_a_group_lesson_share_a_series(world: World, teacher: Person) -> None:
    gig = world.gig(teacher, capacity=2)

    answers = [world.student().post(SERIES, _series(gig)) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 409]
    assert len(answers[2].json["conflicts"]) == 4


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_day_that_does_not_exist_is_not_possible(world: World, clock: FakeClock) -> None:
    clock.instant = datetime(2011, 12, 1, tzinfo=UTC)
    gig = world.gig(world.teacher(time_zone="Pacific/Apia"))

    shown = world.student().post(PREVIEW, _series(gig, starts_at="2011-12-23T19:00:00Z", weeks=3)).json

    assert [it["reason"] for it in shown["data"]] == [None, "slot-unavailable", None]


def test_a_repeated_request_books_one_series(world: World, gig: dict[str, Any]) -> None:
    student = world.student()
    key = {"Idempotency-Key": "ten weeks of piano"}

    answers = [student.post(SERIES, _series(gig), headers=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert _own(student) == 4


def test_everybodys_lists_show_a_series_at_once(world: World, teacher: Person, gig: dict[str, Any]) -> None:
    student, admin = world.student(), world.admin()
    slots = f"/api/teachers/{teacher.id}/slots?gig_id={gig['id']}&from={MONDAY}&to=2027-03-15T08:30:00Z"
    for person in (student, teacher, admin):
        assert person.get("/api/bookings").json["data"] == []
    assert len(student.get(slots).json["data"]) == 1

    lessons = student.post(SERIES, _series(gig)).json["data"]
    for person in (student, teacher, admin):
        assert len(person.get("/api/bookings").json["data"]) == 4
    assert student.get(slots).json["data"] == []

    teacher.patch(f"/api/bookings/{lessons[2]['id']}/series", {"status": "accepted"})
    for person in (student, teacher, admin):
        assert len(person.get("/api/bookings?status=accepted").json["data"]) == 2


def test_this_and_all_later_ones_are_cancelled(world: World, teacher: Person, gig: dict[str, Any]) -> None:
    student = world.student()
    lessons = student.post(SERIES, _series(gig)).json["data"]
    teacher.patch(f"/api/bookings/{lessons[3]['id']}", {"status": "rejected"})

    answer = student.patch(f"/api/bookings/{lessons[1]['id']}/series", {"status": "cancelled", "reason": "Moving away"})

    assert answer.status_code == 200, answer.text
    assert [lesson["id"] for lesson in answer.json["data"]] == [lessons[1]["id"], lessons[2]["id"]]
    statuses = [student.get(f"/api/bookings/{lesson['id']}").json["status"] for lesson in lessons]
    assert statuses == ["pending", "cancelled", "cancelled", "rejected"]


@on_sqlite
def test_changing_a_series_is_for_its_people_and_in_its_state(
    world: World, teacher: Person, gig: dict[str, Any]
) -> None:
    student, alone = world.student(), world.booking(world.student(), gig)
    first = student.post(SERIES, _series(gig)).json["data"][0]
    path = f"/api/bookings/{first['id']}/series"

    answers = [
        world.student().patch(path, {"status": "cancelled"}),
        student.patch(path, {"status": "accepted"}),
        teacher.patch(path, {"status": "completed"}),
        teacher.patch(f"/api/bookings/{alone['id']}/series", {"status": "accepted"}),
    ]

    assert [answer.status_code for answer in answers] == [404, 403, 409, 404]


def test_a_long_series_costs_as_many_statements_as_a_short_one(world: World, gig: dict[str, Any]) -> None:
    student, costs = world.student(), []
    world.student().post(PREVIEW, _series(gig))
    student.get("/api/bookings")
    for weeks, hours in ((2, 3), (52, 6)):
        body = _series(gig, starts_at=world.at(hours=hours), weeks=weeks)
        with count_queries() as preview:
            assert student.post(PREVIEW, body).status_code == 200
        with count_queries() as booking:
            assert student.post(SERIES, body).status_code == 201
        # SQLite, which is not far away, inserts row by row.
        costs.append((len(preview), len({statement.partition(" IN ")[0] for statement in booking})))

    assert costs[0] == costs[1]
    assert costs[0][0] <= 5


def test_of_series_that_want_the_same_lessons_one_gets_all(world: World, gig: dict[str, Any]) -> None:
    students = [world.student() for _ in range(8)]

    def attempt(person: Person, starts_at: str) -> TestResponse:
        body = _series(gig, starts_at=starts_at, weeks=6)
        return world.anyone.post(SERIES, json=body, headers=person.headers)

    # They begin in different weeks, and all of them want the sixth.
    answers = at_once([partial(attempt, it, MONDAYS[n % 4]) for n, it in enumerate(students)])

    booked = [answer for answer in answers if answer.status_code == 201]
    assert len(booked) == 1
    assert {answer.status_code for answer in answers} == {201, 409}
    assert {answer.json["type"] for answer in answers if answer.status_code == 409} == {"/problems/series-conflict"}
    assert (count_bookings(world.app), overlapping_pairs(world.app)) == (6, 0)


def _series(gig: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"gig_id": gig["id"], "starts_at": MONDAY, "weeks": 4} | changes


def _own(student: Person) -> int:
    return len(student.get("/api/bookings").json["data"])


def _day_off(date: str) -> dict[str, Any]:
    return {"date": date, "windows": []}

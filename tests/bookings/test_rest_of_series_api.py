"""A weekly series from one of its lessons on: moved by the clock on the wall, or ended, with a result for each."""

from __future__ import annotations

from typing import Any

import pytest

from jobs import steps
from tests.support.world import Person, World

# Mondays at 16:00 in Berlin; the clocks are changed on 28 March 2027.
MONDAYS = ["2027-03-15T15:00:00Z", "2027-03-22T15:00:00Z", "2027-03-29T14:00:00Z", "2027-04-05T14:00:00Z"]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher()


@pytest.fixture
def student(world: World) -> Person:
    return world.student(time_zone="America/New_York")


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    return world.gig(teacher, duration_minutes=60)


@pytest.fixture
def series(teacher: Person, student: Person, gig: dict[str, Any]) -> list[int]:
    """The ids of the lessons of a series that is agreed on; the first one's is the series' own."""
    made = student.post("/api/bookings/series", {"gig_id": gig["id"], "starts_at": MONDAYS[0], "weeks": 4})
    assert made.status_code == 201, made.text
    ids = [lesson["id"] for lesson in made.json["data"]]
    assert teacher.patch(f"/api/bookings/{ids[0]}/series", {"status": "accepted"}).status_code == 200
    return ids


def test_the_rest_of_a_series_keeps_its_time_of_the_teachers_clock(
    teacher: Person, student: Person, series: list[int]
) -> None:
    answer = teacher.patch(f"/api/series/{series[0]}", {"from": series[1], "starts_at": "2027-03-23T16:30:00Z"})

    assert answer.status_code == 200, answer.text
    assert answer.json["results"] == [{"id": booking_id, "status": 200} for booking_id in series[1:]]
    assert [lesson["starts_at"] for lesson in answer.json["data"]] == [
        *("2027-03-23T16:30:00Z", "2027-03-30T15:30:00Z", "2027-04-06T15:30:00Z")
    ]
    assert student.get(f"/api/bookings/{series[0]}").json["starts_at"] == MONDAYS[0]
    assert student.get(f"/api/bookings/{series[3]}").json["changed_for_you"]["what"] == "moved"


@on_sqlite
@pytest.mark.parametrize("by", ["2027-03-29T14:00:00Z", "2027-03-15T15:00:00Z"], ids=["later", "earlier"])
def test_a_series_is_moved_by_a_whole_week_although_its_own_lessons_are_in_the_way(
    teacher: Person, series: list[int], by: str
) -> None:
    teacher.patch(f"/api/bookings/{series[0]}", {"status": "cancelled"})

    answer = teacher.patch(f"/api/series/{series[0]}", {"from": series[1], "starts_at": by})

    assert [result["status"] for result in answer.json["results"]] == [200] * 3


def test_what_is_in_the_way_of_one_lesson_leaves_that_one_where_it_is(
    world: World, teacher: Person, gig: dict[str, Any], series: list[int]
) -> None:
    world.accepted(world.student(), teacher, gig, starts_at="2027-03-29T16:00:00Z")

    answer = teacher.patch(f"/api/series/{series[0]}", {"from": series[0], "starts_at": "2027-03-15T17:00:00Z"})

    assert [(it["status"], it.get("type")) for it in answer.json["results"]] == [
        *((200, None), (200, None), (409, "/problems/slot-taken"), (200, None))
    ]
    assert [lesson["starts_at"][11:13] for lesson in answer.json["data"]] == ["17", "17", "14", "16"]


@on_sqlite
def test_a_student_of_a_gig_that_asks_only_asks_for_each(student: Person, series: list[int]) -> None:
    answer = student.patch(f"/api/series/{series[0]}", {"from": series[2], "starts_at": "2027-03-29T15:30:00Z"})

    assert [lesson["starts_at"] for lesson in answer.json["data"]] == MONDAYS[2:]
    assert [lesson["move"]["starts_at"] for lesson in answer.json["data"]] == [
        *("2027-03-29T15:30:00Z", "2027-04-05T15:30:00Z")
    ]


@on_sqlite
def test_a_series_is_cancelled_from_one_lesson_on_and_what_was_ended_stays(
    teacher: Person, student: Person, series: list[int]
) -> None:
    teacher.patch(f"/api/bookings/{series[3]}", {"status": "cancelled"})

    answer = student.patch(f"/api/series/{series[0]}", {"from": series[1], "status": "cancelled", "reason": "We move."})

    assert answer.json["results"] == [{"id": booking_id, "status": 200} for booking_id in series[1:3]]
    statuses = [student.get(f"/api/bookings/{booking_id}").json["status"] for booking_id in series]
    assert statuses == ["accepted", "cancelled", "cancelled", "cancelled"]


@on_sqlite
def test_its_people_are_told_of_the_whole_move_at_once(
    world: World, teacher: Person, student: Person, series: list[int]
) -> None:
    steps.drain(world.app)
    before = len(student.get("/api/notifications").json["data"])

    teacher.patch(f"/api/series/{series[0]}", {"from": series[0], "starts_at": "2027-03-15T17:00:00Z"})
    steps.drain(world.app)

    assert len(student.get("/api/notifications").json["data"]) == before + 1


@on_sqlite
def test_only_the_people_of_a_series_change_it_and_only_from_one_of_its_lessons_on(
    world: World, student: Person, series: list[int], gig: dict[str, Any]
) -> None:
    alone = world.booking(student, gig, starts_at="2027-05-03T14:00:00Z")["id"]
    body = {"from": series[0], "status": "cancelled"}

    assert world.student().patch(f"/api/series/{series[0]}", body).status_code == 404
    assert student.patch(f"/api/series/{series[0] + 1}", body).status_code == 404
    assert student.patch(f"/api/series/{series[0]}", body | {"from": alone}).status_code == 404
    refused = student.patch(f"/api/series/{series[0]}", body | {"status": "accepted"}).json["results"]
    assert {result["status"] for result in refused} <= {403, 409}


@on_sqlite
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"status": "cancelled", "starts_at": MONDAYS[0]},
        {"starts_at": "2020-03-15T15:00:00Z"},
        {"starts_at": "2027-03-15T15:00:30Z"},
        {"status": "gone"},
    ],
)
def test_what_makes_no_sense_is_refused_as_a_whole(teacher: Person, series: list[int], change: dict[str, Any]) -> None:
    assert teacher.patch(f"/api/series/{series[0]}", {"from": series[0], **change}).status_code == 422

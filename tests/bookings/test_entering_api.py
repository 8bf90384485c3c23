"""Teachers and administrators enter lessons for students: known ones, and those whom they name by an address."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.bookings.rows import count_bookings, overlapping_pairs
from tests.conftest import FakeClock
from tests.schedule.bodies import weekly
from tests.support.races import at_once
from tests.support.world import Person, World

BOOKINGS = "/api/bookings"
# Outside of all windows.
NIGHT = "2026-11-25T21:00:00Z"
MARY = {"name": "Mary Shelley", "email": "mary@example.org"}
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher(name="Grace Hopper", hours={"weekly": weekly("monday 09:00-10:00")})


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    return world.gig(teacher, late_cancellation_percent=100, free_cancellation_hours=720)


@pytest.fixture
def known(world: World, gig: dict[str, Any]) -> Person:
    """A student who has had a lesson with the teacher."""
    student = world.student(name="Ada Lovelace")
    world.past_lesson(student, gig)
    return student


def enter(person: Person, gig: dict[str, Any], **body: Any) -> TestResponse:
    return person.post(BOOKINGS, {"gig_id": gig["id"], "starts_at": NIGHT, "agreed": True} | body)


@on_sqlite
def test_what_is_entered_is_agreed_on_at_any_free_time_and_marked_for_the_student(
    teacher: Person, known: Person, gig: dict[str, Any]
) -> None:
    made = enter(teacher, gig, student_id=known.id, note="As we said on the phone.")

    assert made.status_code == 201, made.text
    assert (made.json["status"], made.json["student"]) == ("accepted", {"id": known.id, "name": "Ada Lovelace"})
    seen = known.get(f"{BOOKINGS}/{made.json['id']}").json
    assert (seen["status"], seen["changed_for_you"]["what"]) == ("accepted", "booked")
    history = known.get(f"{BOOKINGS}/{made.json['id']}/history").json["data"]
    assert [(event["actor"]["name"], event["to"]) for event in history] == [("Grace Hopper", "accepted")]


@on_sqlite
def test_the_student_cancels_for_nothing_until_they_have_seen_it_for_a_day(
    world: World, teacher: Person, known: Person, gig: dict[str, Any], clock: FakeClock
) -> None:
    made = enter(teacher, gig, student_id=known.id, starts_at="2026-12-05T21:00:00Z")
    booking = f"{BOOKINGS}/{made.json['id']}"

    def fee() -> int:
        return int(world.sign_in(known).get(f"{booking}/cancellation").json["fee_cents"])

    clock.advance(days=2)
    before = fee()
    world.sign_in(known).patch(booking, {"seen": True})
    clock.advance(hours=23)
    within_a_day = fee()
    clock.advance(hours=2)

    assert (before, within_a_day, fee()) == (0, 0, 3000)


@on_sqlite
def test_the_address_of_a_known_student_is_as_good_as_their_id(
    teacher: Person, known: Person, gig: dict[str, Any]
) -> None:
    made = enter(teacher, gig, student={"name": "Ada", "email": known.email.upper()})

    assert (made.json["status"], made.json["student"]["id"]) == ("accepted", known.id)


@on_sqlite
def test_administrators_enter_lessons_for_any_student(world: World, gig: dict[str, Any]) -> None:
    admin, student = world.admin(), world.student()

    by_id = enter(admin, gig, student_id=student.id)
    by_address = enter(admin, gig, starts_at="2026-11-26T21:00:00Z", student={"name": "X", "email": student.email})

    assert [made.json["status"] for made in (by_id, by_address)] == ["accepted", "accepted"]


@on_sqlite
def test_it_is_entered_every_week_at_the_same_time_or_not_at_all(
    world: World, teacher: Person, known: Person, gig: dict[str, Any]
) -> None:
    monday = {"starts_at": "2027-03-22T15:00:00Z", "weeks": 3}
    made = enter(teacher, gig, student_id=known.id, **monday)
    before = count_bookings(world.app)

    again = enter(teacher, gig, student=MARY, **monday)

    lessons = teacher.get(BOOKINGS, query_string={"order": "starts_at", "from": "2027-01-01T00:00:00Z"}).json["data"]
    assert [lesson["starts_at"] for lesson in lessons] == [
        *("2027-03-22T15:00:00Z", "2027-03-29T14:00:00Z", "2027-04-05T14:00:00Z")
    ]
    assert teacher.get(f"{BOOKINGS}/{made.json['id']}").json["series_id"] == made.json["id"]
    assert (again.status_code, again.json["type"], len(again.json["conflicts"])) == (
        409,
        "/problems/series-conflict",
        3,
    )
    assert count_bookings(world.app) == before


@on_sqlite
def test_only_who_teaches_it_enters_it_and_only_for_whom_they_know(
    world: World, teacher: Person, known: Person, gig: dict[str, Any]
) -> None:
    other, stranger = world.teacher(), world.student()
    before = count_bookings(world.app)

    assert enter(other, gig, student_id=known.id).status_code == 403
    assert enter(known, gig).status_code == 403
    assert enter(known, gig, student=MARY).status_code == 403
    assert [enter(teacher, gig, student_id=it).status_code for it in (stranger.id, 2**40)] == [422, 422]
    assert enter(teacher, gig).status_code == 422
    assert enter(teacher, gig, student_id=known.id, student=MARY).status_code == 422
    assert enter(teacher, gig, student={"name": "", "email": "no"}).status_code == 422
    teachers = enter(world.admin(), gig, student={"name": "Tea", "email": other.email})
    assert (teachers.status_code, list(teachers.json["errors"])) == (422, ["student"])
    assert enter(known, gig, agreed=False, weeks=3).status_code == 422
    assert enter(teacher, gig, student_id=known.id, starts_at="2020-01-01T10:00:00Z").status_code == 422
    assert count_bookings(world.app) == before


def test_of_two_entries_and_a_booking_at_one_time_one_is_made(
    world: World, teacher: Person, known: Person, gig: dict[str, Any]
) -> None:
    monday = "2026-11-30T08:00:00Z"
    attempts = [
        partial(enter, teacher, gig, student_id=known.id, starts_at=monday),
        partial(enter, teacher, gig, student=MARY, starts_at=monday),
        partial(enter, teacher, gig, student=MARY, starts_at=monday),
        partial(world.student().post, BOOKINGS, {"gig_id": gig["id"], "starts_at": monday}),
    ]

    answers = at_once(attempts)

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert overlapping_pairs(world.app) == 0

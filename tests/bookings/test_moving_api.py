"""Giving a lesson another time over the API: it stays the same booking, and what a booking needs, a move needs, too."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.bookings.rows import count_bookings, count_events, insert_booking, overlapping_pairs
from tests.conftest import SATURDAY, FakeClock
from tests.schedule.bodies import weekly
from tests.support.world import Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

AVAILABILITY = "/api/teachers/me/availability"
MONDAY = "2026-11-23T{}:00Z"


def move(person: Person, booking: dict[str, Any] | int, starts_at: str, **more: Any) -> TestResponse:
    booking_id = booking if isinstance(booking, int) else booking["id"]
    return person.patch(f"/api/bookings/{booking_id}", {"starts_at": starts_at} | more)


def slug(answer: TestResponse) -> str:
    return str(answer.json["type"].rpartition("/")[2])


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher(name="Grace", time_zone="UTC")


@pytest.fixture
def student(world: World) -> Person:
    return world.student(name="Ada")


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    return world.gig(teacher, duration_minutes=60)


def test_a_moved_request_keeps_all_but_its_time(
    world: World, clock: FakeClock, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.booking(student, gig, starts_at=MONDAY.format("10:00"))
    clock.advance(minutes=5)

    answer = move(student, booking, "2026-11-24T12:00:00+01:00", reason=" The train is cancelled. ")

    assert answer.status_code == 200
    assert answer.json == booking | {
        "starts_at": "2026-11-24T11:00:00Z",
        "ends_at": "2026-11-24T12:00:00Z",
        "updated_at": "2026-11-21T09:35:00Z",
        "allowed_transitions": ["cancelled"],
    }
    assert teacher.get(f"/api/bookings/{booking['id']}").json["allowed_transitions"] == ["accepted", "rejected"]
    assert student.get(f"/api/bookings/{booking['id']}/history").json["data"][-1] == {
        "at": "2026-11-21T09:35:00Z",
        "actor": {"id": student.id, "name": "Ada"},
        "from": "pending",
        "to": "pending",
        "what": "moved",
        "reason": "The train is cancelled.",
        "from_starts_at": "2026-11-23T10:00:00Z",
        "to_starts_at": "2026-11-24T11:00:00Z",
    }


@on_sqlite
@pytest.mark.parametrize("role", ["teacher", "admin"])
def test_a_lesson_that_the_teacher_or_the_school_moves_stays_agreed_on(
    world: World, teacher: Person, student: Person, gig: dict[str, Any], role: str
) -> None:
    mover = teacher if role == "teacher" else world.admin()
    booking = world.accepted(student, teacher, gig)

    answer = move(mover, booking, MONDAY.format("10:00"))

    assert (answer.status_code, answer.json["status"]) == (200, "accepted")


@on_sqlite
def test_whoever_moves_a_request_asks_and_the_other_one_answers(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.booking(student, gig)

    theirs = move(teacher, booking, MONDAY.format("10:00"))
    assert (theirs.json["status"], theirs.json["allowed_transitions"]) == ("pending", ["cancelled"])
    mine = move(student, booking, MONDAY.format("11:00"))
    assert (mine.json["status"], mine.json["allowed_transitions"]) == ("pending", ["cancelled"])
    schools = move(world.admin(), booking, MONDAY.format("12:00"))
    assert schools.json["status"] == "pending"
    assert student.patch(f"/api/bookings/{booking['id']}", {"status": "accepted"}).status_code == 403
    assert teacher.patch(f"/api/bookings/{booking['id']}", {"status": "accepted"}).status_code == 200


@on_sqlite
def test_the_same_time_is_no_move(world: World, teacher: Person, student: Person, gig: dict[str, Any]) -> None:
    booking = world.accepted(student, teacher, gig, starts_at=MONDAY.format("10:00"))
    events = count_events(world.app)

    answer = move(student, booking, MONDAY.format("10:00"))

    assert (answer.status_code, answer.json["status"], answer.json["updated_at"]) == (
        200,
        "accepted",
        booking["updated_at"],
    )
    assert count_events(world.app) == events


def test_a_lesson_may_overlap_its_own_old_place_and_nothing_else(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.booking(student, gig, starts_at=MONDAY.format("10:00"))
    world.booking(world.student(), gig, starts_at=MONDAY.format("12:00"))
    world.booking(student, world.gig(world.teacher()), starts_at=MONDAY.format("08:00"))

    answers = [move(student, booking, MONDAY.format(at)) for at in ("10:30", "11:01", "08:44", "11:00", "08:45")]

    assert [answer.status_code for answer in answers] == [200, 409, 409, 200, 200]
    assert {slug(answer) for answer in answers if answer.status_code == 409} == {"slot-taken"}
    assert overlapping_pairs(world.app) == 0


@on_sqlite
def test_a_lesson_that_is_moved_does_not_stand_in_its_own_way_for_pauses_and_limits(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.booking(student, gig, starts_at=MONDAY.format("10:00"))
    rules = {"buffer_after_minutes": 120, "max_per_day": 1, "max_per_week": 1, "minimum_notice_minutes": 60}
    teacher.put(AVAILABILITY, {"weekly": weekly("daily 08:00-18:00"), "slot_step_minutes": 15} | rules)

    answers = [move(student, booking, at) for at in (MONDAY.format("10:15"), "2026-11-27T08:00:00Z")]

    assert [answer.status_code for answer in answers] == [200, 200]
    world.booking(world.student(), gig, starts_at="2026-11-30T08:00:00Z")
    assert slug(move(student, booking, "2026-12-01T08:00:00Z")) == "slot-unavailable"


@on_sqlite
def test_a_move_is_admitted_as_a_booking_is(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    teacher.put(AVAILABILITY, {"weekly": weekly("monday 09:00-12:00"), "minimum_notice_minutes": 60})
    booking = world.accepted(student, teacher, gig, starts_at=MONDAY.format("09:00"))
    rows = (count_bookings(world.app), count_events(world.app))
    before = student.get(f"/api/bookings/{booking['id']}").json

    for at, status in (
        ("2026-11-20T09:00:00Z", 422),
        (SATURDAY.strftime("%Y-%m-%dT%H:%M:%SZ"), 422),
        ("2026-11-23T10:00:30Z", 422),
        ("2028-11-20T09:31:00Z", 422),
        (MONDAY.format("08:00"), 409),
        (MONDAY.format("09:30"), 409),
    ):
        for person in (student, teacher):
            answer = move(person, booking, at)

            assert (at, answer.status_code) == (at, status)
            assert slug(answer) == ("invalid" if status == 422 else "slot-unavailable")
    assert student.get(f"/api/bookings/{booking['id']}").json == before
    assert (count_bookings(world.app), count_events(world.app)) == rows


@on_sqlite
def test_a_teacher_asks_for_any_time_of_their_own_but_never_over_another_lesson(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.booking(student, gig)
    world.booking(world.student(), gig, starts_at=MONDAY.format("21:00"))
    teacher.put(AVAILABILITY, {"weekly": weekly("monday 09:00-12:00"), "minimum_notice_minutes": 6000})

    assert slug(move(teacher, booking, MONDAY.format("20:30"))) == "slot-taken"
    assert move(teacher, booking, MONDAY.format("20:00")).status_code == 200
    assert slug(move(student, booking, MONDAY.format("19:00"))) == "slot-unavailable"


@on_sqlite
@pytest.mark.parametrize("status", ["rejected", "cancelled", "expired", "completed", "no_show"])
def test_what_is_over_is_not_moved(
    world: World, teacher: Person, student: Person, gig: dict[str, Any], status: str
) -> None:
    booking_id = insert_booking(world.app, student, gig, SATURDAY + timedelta(days=1), status=status)

    for person in (student, teacher, world.admin()):
        answer = move(person, booking_id, MONDAY.format("10:00"))

        assert (answer.status_code, slug(answer)) == (409, "wrong-state")
        assert answer.json["current"] == status


@on_sqlite
def test_a_lesson_is_moved_until_it_begins(
    world: World, clock: FakeClock, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.accepted(student, teacher, gig, starts_at=world.at(minutes=10))
    clock.advance(minutes=10)

    answer = move(student, booking, MONDAY.format("10:00"))

    assert (answer.status_code, slug(answer), answer.json["allowed"]) == (409, "wrong-state", [])


@on_sqlite
def test_moving_is_nobody_elses_business(world: World, student: Person, gig: dict[str, Any]) -> None:
    booking = world.booking(student, gig)

    for stranger in (world.student(), world.teacher()):
        # Not even whether the time would be a good one.
        for at in (MONDAY.format("10:00"), "2020-01-01T00:00:00Z"):
            assert move(stranger, booking, at).status_code == 404
    assert move(student, 999, MONDAY.format("10:00")).status_code == 404
    body = {"starts_at": MONDAY.format("10:00")}
    assert world.anyone.patch(f"/api/bookings/{booking['id']}", json=body).status_code == 401


@on_sqlite
def test_length_and_price_stay_whatever_has_become_of_the_gig(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.booking(student, gig, starts_at=MONDAY.format("10:00"))
    teacher.patch(f"/api/gigs/{gig['id']}", {"duration_minutes": 30, "price_cents": 9900})

    answer = move(student, booking, MONDAY.format("14:00"))

    assert (answer.json["ends_at"], answer.json["price_cents"]) == (MONDAY.format("15:00"), 3000)


@on_sqlite
def test_lessons_of_a_gig_that_takes_no_new_ones_can_still_be_moved(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.booking(student, gig)
    path = f"/api/gigs/{gig['id']}"
    teacher.post(f"{path}/status", {"status": "paused"})
    teacher.post(f"{path}/visibility", {"visibility": "private"})
    teacher.patch(path, {"enrolment": "application"})

    assert move(student, booking, MONDAY.format("10:00")).status_code == 200


@on_sqlite
def test_lessons_of_an_archived_gig_or_of_a_teacher_who_has_left_keep_their_times(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.booking(student, gig)
    other = world.teacher()
    # A request would have ended with the account.
    with_other = world.accepted(student, other, world.gig(other), starts_at=world.at(days=2))
    teacher.delete(f"/api/gigs/{gig['id']}")
    world.operator("accounts", "deactivate", other.email)

    for lesson, current in ((booking, "archived"), (with_other, "published")):
        answer = move(student, lesson, MONDAY.format("10:00"))

        assert (answer.status_code, slug(answer), answer.json["current"]) == (409, "wrong-state", current)


def test_a_moved_lesson_takes_a_free_seat_of_the_group_that_it_joins(
    world: World, teacher: Person, student: Person
) -> None:
    gig = world.gig(teacher, capacity=2)
    others = [world.student() for _ in range(2)]
    for person in others:
        world.booking(person, gig, starts_at=MONDAY.format("10:00"))
    booking = world.booking(student, gig, starts_at=MONDAY.format("14:00"))

    full = move(student, booking, MONDAY.format("10:00"))
    first = others[0].get("/api/bookings").json["data"][0]
    others[0].patch(f"/api/bookings/{first['id']}", {"status": "cancelled"})
    free = move(student, booking, MONDAY.format("10:00"))

    assert (full.status_code, slug(full), free.status_code) == (409, "slot-taken", 200)
    # Nobody would notice a wrong seat before the next one is sold.
    assert (
        world.student()
        .post("/api/bookings", {"gig_id": gig["id"], "starts_at": free.json["starts_at"]})
        .json["type"]
        .endswith("/slot-taken")
    )


def test_a_group_does_not_move_with_one_of_its_students(world: World, teacher: Person, student: Person) -> None:
    gig, other = world.gig(teacher, capacity=3), world.student()
    booking = world.booking(student, gig, starts_at=MONDAY.format("10:00"))
    theirs = world.booking(other, gig, starts_at=MONDAY.format("10:00"))

    # The rest of the group still has its lesson then.
    assert slug(move(student, booking, MONDAY.format("10:15"))) == "slot-taken"
    assert move(student, booking, MONDAY.format("11:00")).status_code == 200
    assert other.get(f"/api/bookings/{theirs['id']}").json["starts_at"] == MONDAY.format("10:00")


def test_a_lesson_moves_to_whichever_of_two_equal_times_is_meant(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.booking(student, gig)

    answer = move(student, booking, "2027-10-31T02:30:00+01:00")

    assert answer.json["starts_at"] == "2027-10-31T01:30:00Z"


def test_everybody_sees_the_new_time_at_once(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    teacher.put(AVAILABILITY, {"weekly": weekly("monday 09:00-12:00")})
    booking = world.accepted(student, teacher, gig, starts_at=MONDAY.format("09:00"))
    query = {"gig_id": gig["id"], "from": "2026-11-23T00:00:00Z", "to": "2026-11-24T00:00:00Z"}
    admin = world.admin()

    def look() -> tuple[list[str], list[str]]:
        slots = world.anyone.get(f"/api/teachers/{teacher.id}/slots", query_string=query).json["data"]
        lists = [person.get("/api/bookings").json["data"][0] for person in (student, teacher, admin)]
        return [slot["starts_at"] for slot in slots], [row["starts_at"] for row in lists]

    assert look() == ([MONDAY.format("10:00"), MONDAY.format("11:00")], [MONDAY.format("09:00")] * 3)
    move(teacher, booking, MONDAY.format("11:00"))
    assert look() == ([MONDAY.format("09:00"), MONDAY.format("10:00")], [MONDAY.format("11:00")] * 3)


@on_sqlite
def test_a_teacher_who_says_which_time_they_saw_accepts_no_other(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.booking(student, gig, starts_at=MONDAY.format("10:00"))
    path = f"/api/bookings/{booking['id']}"
    assert move(student, booking, MONDAY.format("14:00")).status_code == 200

    refused = teacher.patch(path, {"status": "accepted", "seen": MONDAY.format("10:00")})
    odd = teacher.patch(path, {"starts_at": MONDAY.format("15:00"), "seen": MONDAY.format("14:00")})

    assert (refused.status_code, slug(refused)) == (409, "wrong-state")
    assert (odd.status_code, list(odd.json["errors"])) == (422, ["seen"])
    assert teacher.get(path).json["status"] == "pending"
    accepted = teacher.patch(path, {"status": "accepted", "seen": "2026-11-23T15:00:00+01:00"})
    assert accepted.json["status"] == "accepted"

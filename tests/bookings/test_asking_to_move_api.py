"""Asking to move a lesson: it stays agreed at its old time, and both times are held until the answer."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bookings.moves.service import lapse_due
from tests.conftest import FakeClock
from tests.schedule.bodies import weekly
from tests.support.races import at_once
from tests.support.world import Person, World

MONDAY = "2026-11-23T{}:00Z"
OLD, NEW = MONDAY.format("10:00"), MONDAY.format("14:00")
TERMS: dict[str, Any] = {"price_cents": 3000, "free_cancellation_hours": 72, "late_cancellation_percent": 50}
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher(name="Grace", time_zone="UTC")


@pytest.fixture
def student(world: World) -> Person:
    return world.student(name="Ada")


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    return world.gig(teacher, duration_minutes=60, **TERMS)


@pytest.fixture
def lesson(world: World, teacher: Person, student: Person, gig: dict[str, Any]) -> dict[str, Any]:
    """A lesson that is agreed on, so near that cancelling it costs half of its price."""
    return world.accepted(student, teacher, gig, starts_at=OLD)


def patch(person: Person, booking: dict[str, Any], **body: Any) -> TestResponse:
    return person.patch(f"/api/bookings/{booking['id']}", body)


def slug(answer: TestResponse) -> str:
    return str(answer.json["type"].rpartition("/")[2])


def test_a_student_who_asks_for_another_time_keeps_the_old_one(
    clock: FakeClock, teacher: Person, student: Person, lesson: dict[str, Any]
) -> None:
    clock.advance(minutes=5)

    answer = patch(student, lesson, starts_at=NEW, reason="The train is late.")

    move = {"starts_at": NEW, "ends_at": MONDAY.format("15:00"), "asked_by": "student"}
    assert answer.status_code == 200
    assert answer.json == lesson | {
        "move": move | {"asked_at": "2026-11-21T09:35:00Z"},
        "changed_for_you": None,
        "updated_at": "2026-11-21T09:35:00Z",
        "allowed_transitions": ["cancelled"],
    }
    (listed,) = teacher.get("/api/bookings").json["data"]
    assert (listed["status"], listed["starts_at"], listed["move"]) == ("accepted", OLD, answer.json["move"])
    event = student.get(f"/api/bookings/{lesson['id']}/history").json["data"][-1]
    assert (event["what"], event["from"], event["to"]) == ("move_asked", "accepted", "accepted")
    assert (event["from_starts_at"], event["to_starts_at"], event["reason"]) == (OLD, NEW, "The train is late.")


def test_nobody_else_gets_either_time_until_the_answer(
    world: World, teacher: Person, student: Person, gig: dict[str, Any], lesson: dict[str, Any]
) -> None:
    patch(student, lesson, starts_at=NEW)
    teacher.put("/api/teachers/me/availability", {"weekly": weekly("monday 10:00-16:00"), "slot_step_minutes": 60})
    query = {"gig_id": gig["id"], "from": MONDAY.format("00:00"), "to": MONDAY.format("23:00")}

    def free() -> list[str]:
        found = world.anyone.get(f"/api/teachers/{teacher.id}/slots", query_string=query).json["data"]
        return [slot["starts_at"][11:13] for slot in found]

    assert free() == ["11", "12", "13", "15"]
    for starts_at in (OLD, NEW):
        taken = world.student().post("/api/bookings", {"gig_id": gig["id"], "starts_at": starts_at})
        assert (taken.status_code, slug(taken)) == (409, "slot-taken")
    patch(teacher, lesson, move="decline")
    assert free() == ["11", "12", "13", "14", "15"]


def test_a_wish_may_overlap_the_lessons_own_time(student: Person, teacher: Person, lesson: dict[str, Any]) -> None:
    asked = patch(student, lesson, starts_at=MONDAY.format("10:30"))
    moved = patch(teacher, lesson, move="accept")

    assert (asked.status_code, moved.status_code) == (200, 200)
    assert (moved.json["starts_at"], moved.json["move"]) == (MONDAY.format("10:30"), None)


@pytest.mark.parametrize(
    ("who", "move", "what", "at"),
    [
        ("teacher", "accept", "move_accepted", NEW),
        ("teacher", "decline", "move_declined", OLD),
        ("student", "withdraw", "move_withdrawn", OLD),
        ("admin", "accept", "move_accepted", NEW),
        ("admin", "decline", "move_declined", OLD),
        ("admin", "withdraw", "move_withdrawn", OLD),
    ],
)
@on_sqlite
def test_an_answer_leaves_the_lesson_at_the_one_time_or_at_the_other(
    world: World, teacher: Person, student: Person, lesson: dict[str, Any], who: str, move: str, what: str, at: str
) -> None:
    people = {"teacher": teacher, "student": student, "admin": world.admin()}
    before = patch(student, lesson, starts_at=NEW).json

    answer = patch(people[who], lesson, move=move)

    assert answer.status_code == 200, answer.text
    found = student.get(f"/api/bookings/{lesson['id']}").json
    own = ("move", "changed_for_you", "starts_at", "ends_at")
    assert {name: value for name, value in found.items() if name not in own} == {
        name: value for name, value in before.items() if name not in own
    }
    assert (found["status"], found["starts_at"], found["move"]) == ("accepted", at, None)
    assert student.get(f"/api/bookings/{lesson['id']}/history").json["data"][-1]["what"] == what


@on_sqlite
def test_only_the_right_person_answers_and_only_while_there_is_a_wish(
    world: World, teacher: Person, student: Person, lesson: dict[str, Any]
) -> None:
    nothing = [patch(person, lesson, move="accept") for person in (teacher, student)]
    patch(student, lesson, starts_at=NEW)

    assert [(answer.status_code, slug(answer)) for answer in nothing] == [(409, "wrong-state")] * 2
    for person, move, status in (
        (student, "accept", 403),
        (student, "decline", 403),
        (teacher, "withdraw", 403),
        (world.student(), "accept", 404),
        (world.teacher(), "decline", 404),
    ):
        assert patch(person, lesson, move=move).status_code == status
    assert patch(teacher, lesson, move="decline").status_code == 200
    assert patch(teacher, lesson, move="decline").status_code == 409


@on_sqlite
def test_asking_again_replaces_the_wish_and_frees_its_time(
    world: World, teacher: Person, student: Person, gig: dict[str, Any], lesson: dict[str, Any]
) -> None:
    patch(student, lesson, starts_at=NEW)

    again = patch(student, lesson, starts_at=MONDAY.format("16:00"))
    stale = patch(teacher, lesson, move="accept", seen=NEW)

    assert again.json["move"]["starts_at"] == MONDAY.format("16:00")
    assert world.booking(world.student(), gig, starts_at=NEW)
    assert (stale.status_code, slug(stale)) == (409, "wrong-state")
    assert patch(teacher, lesson, move="accept", seen=MONDAY.format("16:00")).status_code == 200


@on_sqlite
def test_asking_for_the_present_time_takes_the_wish_back(
    world: World, teacher: Person, student: Person, gig: dict[str, Any], lesson: dict[str, Any]
) -> None:
    patch(student, lesson, starts_at=NEW)

    kept = patch(student, lesson, starts_at=OLD)
    again = patch(student, lesson, starts_at=OLD)

    assert [(answer.status_code, answer.json["starts_at"], answer.json["move"]) for answer in (kept, again)] == [
        (200, OLD, None)
    ] * 2
    history = teacher.get(f"/api/bookings/{lesson['id']}/history").json["data"]
    assert [row["what"] for row in history][-2:] == ["move_asked", "move_withdrawn"]
    assert world.booking(world.student(), gig, starts_at=NEW)


@on_sqlite
@pytest.mark.parametrize(("old", "new"), [(10, 5), (5, 10)])
def test_a_wish_lapses_when_one_of_the_two_times_comes(
    world: World, clock: FakeClock, teacher: Person, student: Person, gig: dict[str, Any], old: int, new: int
) -> None:
    lesson = world.accepted(student, teacher, gig, starts_at=world.at(minutes=old))
    assert patch(student, lesson, starts_at=world.at(minutes=new)).status_code == 200
    clock.advance(minutes=4, seconds=59)
    with world.app.app_context():
        early = lapse_due(clock())
    clock.advance(seconds=1)

    late = patch(teacher, lesson, move="accept")
    with world.app.app_context():
        lapsed = [lapse_due(clock()), lapse_due(clock())]

    assert (early, late.status_code, lapsed) == (0, 409, [1, 0])
    found = teacher.get(f"/api/bookings/{lesson['id']}").json
    history = teacher.get(f"/api/bookings/{lesson['id']}/history").json["data"]
    assert (found["status"], found["starts_at"], found["move"]) == ("accepted", lesson["starts_at"], None)
    assert (history[-1]["what"], history[-1]["actor"]) == ("move_lapsed", None)


@on_sqlite
def test_a_wish_ends_with_its_lesson_and_with_a_move_by_the_teacher(
    world: World, teacher: Person, student: Person, gig: dict[str, Any], lesson: dict[str, Any]
) -> None:
    patch(student, lesson, starts_at=NEW)
    moved = patch(teacher, lesson, starts_at=MONDAY.format("12:00"))
    patch(student, lesson, starts_at=NEW)
    cancelled = patch(student, lesson, status="cancelled")

    assert (moved.json["move"], cancelled.json["move"]) == (None, None)
    assert world.booking(world.student(), gig, starts_at=NEW)


@on_sqlite
def test_the_fee_is_that_of_the_old_time_until_a_yes_and_then_that_of_the_new_one(
    teacher: Person, student: Person, lesson: dict[str, Any]
) -> None:
    path = f"/api/bookings/{lesson['id']}/cancellation"
    later = "2026-12-07T10:00:00Z"

    patch(student, lesson, starts_at=later)
    while_asked = student.get(path).json["fee_cents"]
    patch(teacher, lesson, move="decline")
    declined = student.get(path).json["fee_cents"]
    patch(student, lesson, starts_at=later)
    patch(teacher, lesson, move="accept")

    assert (while_asked, declined, student.get(path).json["fee_cents"]) == (1500, 1500, 0)


def test_a_wish_and_many_bookings_at_once_never_hold_the_same_time(
    world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    others = [world.student() for _ in range(5)]
    for day in range(3):
        old, new = world.at(days=10 + day), world.at(days=10 + day, hours=3)
        booking = world.accepted(student, teacher, gig, starts_at=old)
        body = {"gig_id": gig["id"], "starts_at": new}

        answers = at_once(
            [
                partial(_send, world, student, "PATCH", f"/api/bookings/{booking['id']}", {"starts_at": new}),
                *(partial(_send, world, person, "POST", "/api/bookings", body) for person in others),
            ]
        )

        assert sorted(answer.status_code for answer in answers)[1:] == [409] * 5
        assert min(answer.status_code for answer in answers) in (200, 201)


@pytest.mark.parametrize("rival", ["withdraw", "decline", "cancelled"])
def test_of_two_who_answer_at_once_one_wins(
    world: World, teacher: Person, student: Person, gig: dict[str, Any], rival: str
) -> None:
    for day in range(3):
        booking = world.accepted(student, teacher, gig, starts_at=world.at(days=10 + day))
        patch(student, booking, starts_at=world.at(days=10 + day, hours=3))
        path = f"/api/bookings/{booking['id']}"
        other = {"status": rival} if rival == "cancelled" else {"move": rival}
        who = teacher if rival == "decline" else student

        answers = at_once(
            [
                partial(_send, world, teacher, "PATCH", path, {"move": "accept"}),
                partial(_send, world, who, "PATCH", path, other),
            ]
        )

        codes = sorted(answer.status_code for answer in answers)
        # A lesson that was moved can still be cancelled.
        assert codes == [200, 409] or (rival == "cancelled" and codes == [200, 200])
        history = teacher.get(f"{path}/history").json["data"]
        assert len(history) == 3 + codes.count(200)


def _send(world: World, person: Person, method: str, path: str, body: dict[str, Any]) -> TestResponse:
    return world.anyone.open(path, method=method, json=body, headers=person.headers)

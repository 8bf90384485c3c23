"""The pages on which plans change: moving a lesson, calling it off for what was said, proposing another one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.bookings.rows import count_bookings, set_booking, status_of
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.schedule.bodies import weekly
from tests.support.world import Person, World

Visit = Callable[..., Visitor]


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher(name="Ada Marlowe", time_zone="America/New_York")


@pytest.fixture
def student(world: World) -> Person:
    return world.student(name="Mia Lindqvist")


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    terms: dict[str, Any] = {"free_cancellation_hours": 24, "late_cancellation_percent": 50}
    return world.gig(teacher, title="Piano", duration_minutes=60, price_cents=3050, **terms)


def start_of(person: Person, booking: dict[str, Any]) -> str:
    return str(person.get(f"/api/bookings/{booking['id']}").json["starts_at"])


def test_a_student_chooses_another_of_the_free_times_and_the_teacher_is_asked(
    visit: Visit, world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    teacher.put("/api/teachers/me/availability", {"weekly": weekly("monday 09:00-12:00"), "max_per_day": 1})
    booking = world.accepted(student, teacher, gig, starts_at="2026-11-23T15:00:00Z")
    path = f"/lessons/{booking['id']}"

    visitor = visit(student).open(path)
    assert f'href="{path}/move"' in visitor.answer.text
    visitor.open(f"{path}/move")
    # The lesson itself is neither in the way nor counted.
    assert [f'value="2026-11-23T{hour}:00:00Z"' in visitor.answer.text for hour in (14, 15, 16)] == [True] * 3
    visitor.send(starts_at="2026-11-23T16:00:00Z", reason="My train is late.")

    assert "Ada Marlowe is asked whether Mon 23 Nov, 17:00–18:00 (Berlin) suits them." in visitor.text
    assert "You ask for another time" in visitor.text
    assert visitor.path == path
    theirs = visit(teacher).open(path)
    assert "asked to move this lesson from Mon 23 Nov, 10:00 to Mon 23 Nov, 11:00" in theirs.text
    theirs.send(f"{path}/move/answer", having={"move": "accept"})
    assert "The lesson has the new time." in theirs.text
    # What the other side has done is said once.
    assert "New: Ada agreed to the new time, instead of Mon 23 Nov, 16:00." in visitor.open(path).text
    assert "New:" not in visitor.open(path).text


@pytest.mark.parametrize(
    ("who", "answer", "said"),
    [
        ("teacher", "decline", "The lesson keeps its old time."),
        ("student", "withdraw", "You no longer ask for another time."),
    ],
)
def test_a_wish_that_comes_to_nothing_leaves_the_lesson_as_it_was(
    visit: Visit, world: World, teacher: Person, student: Person, gig: dict[str, Any], who: str, answer: str, said: str
) -> None:
    booking = world.accepted(student, teacher, gig)
    student.patch(f"/api/bookings/{booking['id']}", {"starts_at": world.at(days=3)})

    visitor = visit({"teacher": teacher, "student": student}[who]).open(f"/lessons/{booking['id']}")
    visitor.send(f"/lessons/{booking['id']}/move/answer", having={"move": answer})

    assert said in visitor.text
    assert student.get(f"/api/bookings/{booking['id']}").json["starts_at"] == booking["starts_at"]


def test_a_teacher_moves_an_agreed_lesson_without_asking(
    visit: Visit, world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.accepted(student, teacher, gig)

    visitor = visit(teacher).open(f"/lessons/{booking['id']}/move")
    assert "Mia sees the new time at once and is not asked. Cancelling it costs them nothing." in visitor.text
    visitor.send(starts_at="other", date="2026-11-27", time="10:10")

    assert "The lesson is moved to Fri 27 Nov, 10:10–11:10 (New York)." in visitor.text
    assert start_of(student, booking) == "2026-11-27T15:10:00Z"


def test_a_teacher_may_ask_for_a_time_that_they_do_not_offer(
    visit: Visit, world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.booking(student, gig)
    teacher.put("/api/teachers/me/availability", {"weekly": weekly("monday 09:00-12:00")})

    visitor = (
        visit(teacher).open(f"/lessons/{booking['id']}/move").send(starts_at="other", date="2026-11-27", time="22:00")
    )

    assert "Mia Lindqvist is asked whether Fri 27 Nov, 22:00–23:00 (New York) suits them." in visitor.text
    assert "Ada proposes this lesson. Does the time suit you?" in visit(student).open(visitor.path).text


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({}, "When: Please choose a time."),
        ({"starts_at": "nonsense"}, "When: Give an RFC 3339 time"),
        ({"starts_at": "2026-11-23T09:00:00Z"}, "When: The teacher does not offer this time."),
        ({"starts_at": "2026-11-23T15:00:00Z"}, "When: Somebody was faster: this time is taken."),
        ({"starts_at": "2026-11-23T16:00:00Z", "reason": "x" * 2001}, "Reason: Use at most 2,000 characters."),
    ],
)
def test_a_time_that_does_not_work_is_refused_beside_the_field(
    visit: Visit,
    world: World,
    teacher: Person,
    student: Person,
    gig: dict[str, Any],
    sent: dict[str, Any],
    message: str,
) -> None:
    teacher.put("/api/teachers/me/availability", {"weekly": weekly("monday 09:00-12:00")})
    world.booking(world.student(), gig, starts_at="2026-11-23T15:00:00Z")
    booking = world.booking(student, gig, starts_at="2026-11-23T14:00:00Z")

    visitor = visit(student).open(f"/lessons/{booking['id']}/move").send(**sent)

    assert (visitor.status, message in visitor.text) == (422, True), visitor.text
    assert start_of(student, booking) == "2026-11-23T14:00:00Z"


def test_a_lesson_that_cannot_be_moved_says_so(
    visit: Visit, world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    over, left = world.past_lesson(student, gig), world.teacher()
    with_left = world.booking(student, world.gig(left))["id"]
    world.operator("accounts", "deactivate", left.email)
    visitor = visit(student)

    assert f"/lessons/{over}/move" not in visitor.open(f"/lessons/{over}").answer.text
    for lesson in (over, with_left):
        assert "This lesson cannot be moved any more." in visitor.open(f"/lessons/{lesson}/move").text
        assert visitor.path == f"/lessons/{lesson}"


def test_who_accepts_a_time_does_not_accept_another_one(
    visit: Visit, world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.booking(student, gig)
    page, listed = visit(teacher).open(f"/lessons/{booking['id']}"), visit(teacher).open("/lessons")
    student.patch(f"/api/bookings/{booking['id']}", {"starts_at": world.at(days=3)})

    for visitor in (page, listed):
        visitor.send(f"/lessons/{booking['id']}/status", having={"status": "accepted"})

        assert "That was not possible any more." in visitor.text
    assert status_of(world.app, booking["id"]) == "pending"


def test_cancelling_says_first_what_it_costs(
    visit: Visit, world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.accepted(student, teacher, gig, starts_at=world.at(hours=23))
    path = f"/lessons/{booking['id']}"
    assert "Cancelling costs Mia nothing." in visit(teacher).open(f"{path}/cancel").text

    visitor = visit(student).open(path)
    assert "Free for you until Sat 21 Nov, 09:30, then 50% of the price" in visitor.text
    visitor.open(f"{path}/cancel")
    assert "Cancelling now costs you €15.25 , 50% of the price. It was free until Sat 21 Nov, 09:30." in visitor.text
    assert "Cancel this lesson for €15.25" in visitor.text
    visitor.send(reason="I have a fever.")

    assert "The lesson is cancelled." in visitor.text
    assert "€15.25 for moving or cancelling late" in visitor.text


def test_nobody_pays_more_than_the_page_has_said(
    visit: Visit, world: World, clock: FakeClock, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.accepted(student, teacher, gig, starts_at=world.at(hours=24, minutes=5))
    path = f"/lessons/{booking['id']}"
    visitor = visit(student).open(f"{path}/cancel")
    assert "Cancelling costs you nothing. It is free until Sat 21 Nov, 10:35; after that" in visitor.text
    clock.advance(minutes=6)

    visitor.send(reason="I overslept.")

    assert "What this costs is not what the page said. Nothing has been changed" in visitor.text
    assert ('value="I overslept."' in visitor.answer.text, "Cancel this lesson for €15.25" in visitor.text) == (
        True,
        True,
    )
    assert (visitor.path, status_of(world.app, booking["id"])) == (f"{path}/cancel", "accepted")
    assert visitor.send().path == path
    assert status_of(world.app, booking["id"]) == "cancelled"


def test_who_asks_for_another_time_late_is_told_that_it_costs_nothing(
    visit: Visit, world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.accepted(student, teacher, gig, starts_at=world.at(hours=3))

    text = visit(student).open(f"/lessons/{booking['id']}/move").text

    assert "Asking costs nothing. Until Ada says yes, cancelling costs you €15.25" in text


def test_who_moves_a_lesson_at_once_and_late_is_told_that_the_fee_stays(
    visit: Visit, world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    booking = world.accepted(student, teacher, gig, starts_at=world.at(hours=3))
    teacher.patch(f"/api/gigs/{gig['id']}", {"confirmation": "instant"})

    text = visit(student).open(f"/lessons/{booking['id']}/move").text

    assert "would cost you €15.25 by now. If you move it, cancelling it goes on costing that" in text


def test_a_teacher_is_told_what_a_late_move_costs_and_may_let_the_student_off(
    visit: Visit, world: World, clock: FakeClock, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    lessons = [world.accepted(student, teacher, gig, starts_at=world.at(hours=hour)) for hour in (3, 5, 7)]
    # As such requests stand in databases from before moves were only asked for.
    for number, lesson in enumerate(lessons):
        new = clock() + timedelta(days=9 + number)
        request = {"status": "pending", "starts_at": new, "ends_at": new + timedelta(minutes=60)}
        set_booking(world.app, lesson["id"], **request, fee_since=clock() - timedelta(hours=1))
    paths = [f"/lessons/{lesson['id']}" for lesson in lessons]

    listed = visit(teacher).open("/lessons")
    assert "Mia has moved this lesson too late for free: €15.25 are owed also if you decline" in listed.text
    listed.send(f"{paths[0]}/status", having={"status": "rejected"})
    visit(teacher).open(paths[1]).send(f"{paths[1]}/status", having={"status": "rejected"}, waive_fee="true")
    moved = visit(teacher).open(f"{paths[2]}/move")
    assert "Another time that you ask for leaves that as it is." in moved.text
    moved.send(starts_at="other", date="2026-12-01", time="10:00")
    assert "Mia owes €15.25 for moving this lesson too late" in moved.open(f"{paths[2]}/cancel").text

    asked = visit(student).open("/lessons")
    assert "You have moved this lesson too late for free: €15.25 are owed also if you decline" in asked.text
    asked.send(f"{paths[2]}/status", having={"status": "rejected"})
    fees = [student.get(f"/api{path.replace('lessons', 'bookings')}").json["cancellation_fee_cents"] for path in paths]
    assert fees == [1525, 0, 1525]
    assert "€15.25 for moving or cancelling late" in asked.open(paths[0]).text


def test_what_cannot_be_cancelled_says_so(
    visit: Visit, world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    lesson = world.past_lesson(student, gig)

    visitor = visit(student).open(f"/lessons/{lesson}/cancel")

    assert "This lesson cannot be cancelled any more." in visitor.text
    assert visitor.path == f"/lessons/{lesson}"


def test_a_teacher_proposes_a_lesson_to_a_student_of_theirs(
    visit: Visit, world: World, teacher: Person, student: Person, gig: dict[str, Any]
) -> None:
    lesson = world.past_lesson(student, gig)
    world.gig(teacher, title="A draft", status="draft")
    visitor = visit(teacher).open(f"/lessons/{lesson}")
    assert "Propose a lesson" in visitor.text

    visitor.open(f"/lessons/{lesson}/propose")
    assert "A draft" not in visitor.text
    assert "Mia sees them by the clock of Berlin" in visitor.text
    visitor.send(date="2026-11-27", time="23:30", note="Shall we go on?")

    assert "You proposed Fri 27 Nov, 23:30–00:30 (New York)." in visitor.text
    theirs = visit(student).open(visitor.path)
    assert "Ada proposes this lesson. Does the time suit you?" in theirs.text
    assert "Ada Marlowe proposed this lesson" in theirs.text
    theirs.send(f"{visitor.path}/status", having={"status": "accepted"})
    assert "This lesson is agreed on." in visitor.open(visitor.path).text


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"date": "", "time": "10:00"}, "Day: Please choose a day."),
        ({"date": "2026-11-20", "time": "10:00"}, "Time: This time has passed."),
        ({"date": "2026-11-24", "time": "10:30"}, "Time: Mia Lindqvist or you cannot at this time."),
        ({"date": "2026-11-25", "time": "10:30"}, "Time: Mia Lindqvist or you cannot at this time."),
        ({"date": "2026-11-26", "time": "10:30", "gig_id": "999"}, "Gig: Please choose a gig."),
    ],
)
def test_a_proposal_that_does_not_work_says_why(
    visit: Visit,
    world: World,
    teacher: Person,
    student: Person,
    gig: dict[str, Any],
    sent: dict[str, Any],
    message: str,
) -> None:
    lesson = world.past_lesson(student, gig)
    world.booking(world.student(), gig, starts_at="2026-11-24T15:00:00Z")
    world.booking(student, world.gig(world.teacher()), starts_at="2026-11-25T15:00:00Z")
    before = count_bookings(world.app)

    visitor = visit(teacher).open(f"/lessons/{lesson}/propose").send(**sent)

    assert message in visitor.text, visitor.text
    assert count_bookings(world.app) == before

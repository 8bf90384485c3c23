""" "My lessons" and a lesson's own page: what is shown to whom, and the buttons for exactly what is allowed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.bookings.rows import insert_booking, status_of
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.world import World

Visit = Callable[..., Visitor]


def test_an_accepted_lesson_is_accepted_on_both_lists_at_once(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    booking = world.booking(student, world.gig(teacher))
    mine, theirs = visit(student).open("/lessons"), visit(teacher).open("/lessons")

    theirs.send(f"/lessons/{booking['id']}/status", having={"status": "accepted"})

    assert "The lesson is agreed on." in theirs.text
    assert theirs.path == "/lessons"
    assert "Waiting for you" not in theirs.text
    assert "Accepted 1" in mine.open("/lessons").text


@pytest.mark.parametrize(
    ("role", "state", "offered"),
    [
        ("teacher", "pending", ["accepted", "rejected"]),
        ("student", "pending", ["cancelled"]),
        ("admin", "pending", ["accepted", "rejected", "cancelled"]),
        ("teacher", "accepted", ["cancelled"]),
        ("student", "accepted", ["cancelled"]),
        ("teacher", "begun", ["completed", "no_show"]),
        ("student", "begun", []),
        ("admin", "begun", ["completed", "no_show"]),
        ("teacher", "completed", []),
        ("student", "completed", []),
    ],
)
def test_a_lesson_has_buttons_for_exactly_what_is_allowed(
    visit: Visit, world: World, clock: FakeClock, role: str, state: str, offered: list[str]
) -> None:
    people = {"teacher": world.teacher(), "student": world.student(), "admin": world.admin()}
    starts_at = clock() + timedelta(days=-2 if state in ("begun", "completed") else 2)
    status = "accepted" if state == "begun" else state
    booking_id = insert_booking(world.app, people["student"], world.gig(people["teacher"]), starts_at, status=status)
    visitor = visit(people[role])

    # To cancel, one is first told what it costs.
    expected = [(f"/lessons/{booking_id}/status", to) for to in offered if to != "cancelled"]
    for path in (f"/lessons/{booking_id}", f"/lessons?status={status}"):
        actions = [action for action in visitor.open(path).actions if action[0] != "/sign-out"]
        assert sorted(actions) == sorted(expected)
        assert (f'href="/lessons/{booking_id}/cancel"' in visitor.answer.text) == ("cancelled" in offered)


@pytest.mark.parametrize(("role", "offered"), [("teacher", ["cancelled"]), ("student", ["accepted", "rejected"])])
def test_who_was_asked_answers_even_if_the_teacher_asked(
    visit: Visit, world: World, clock: FakeClock, role: str, offered: list[str]
) -> None:
    people = {"teacher": world.teacher(), "student": world.student()}
    gig = world.gig(people["teacher"])
    insert_booking(world.app, people["student"], gig, clock() + timedelta(days=2), requested_by="teacher")

    visitor = visit(people[role]).open("/lessons")

    answers = [to for action, to in visitor.actions if action != "/sign-out"]
    assert sorted(answers + ["cancelled"] * ("/cancel" in visitor.answer.text)) == offered
    assert ("Waiting for you" in visitor.text) == (role == "student")


def test_a_dangerous_step_takes_a_reason_that_the_other_person_reads(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student(name="Mia Lindqvist")
    booking = world.booking(student, world.gig(teacher))
    path = f"/lessons/{booking['id']}"

    visit(student).open(f"{path}/cancel").send(reason="I have a fever.")

    text = visit(teacher).open(path).text
    assert "Cancelled by Mia Lindqvist" in text
    assert "“I have a fever.”" in text


def test_a_step_that_somebody_was_faster_with_says_how_things_stand(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    booking = world.booking(student, world.gig(teacher))
    visitor = visit(teacher).open("/lessons")
    student.patch(f"/api/bookings/{booking['id']}", {"status": "cancelled"})

    visitor.send(f"/lessons/{booking['id']}/status", having={"status": "accepted"})

    assert "That was not possible any more." in visitor.text
    assert "This lesson was cancelled." in visitor.text
    assert status_of(world.app, booking["id"]) == "cancelled"


@pytest.mark.parametrize("fields", [{"status": "nonsense"}, {}, {"status": "cancelled", "reason": "x" * 2001}])
def test_a_button_that_is_not_ours_changes_nothing(visit: Visit, world: World, fields: dict[str, str]) -> None:
    student = world.student()
    booking = world.booking(student, world.gig(world.teacher()))
    visitor = visit(student).open("/profile")
    token = visitor.form().values["csrf_token"]

    visitor.post(f"/lessons/{booking['id']}/status", fields | {"csrf_token": token})

    assert visitor.status == 422
    assert status_of(world.app, booking["id"]) == "pending"


def test_lessons_that_a_teacher_has_not_closed_wait_on_top(visit: Visit, world: World, clock: FakeClock) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    insert_booking(world.app, student, gig, clock() - timedelta(days=3), status="accepted")
    insert_booking(world.app, student, gig, clock() + timedelta(days=3), status="accepted")

    text = visit(teacher).open("/lessons").text

    assert "Waiting for you Wed 18 Nov 10:30–11:15" in text
    assert text.index("Wed 18 Nov") < text.index("Tuesday 24 November")
    assert "Waiting for you" not in visit(student).open("/lessons").text


def test_the_list_begins_with_the_next_lesson_and_days_have_names(visit: Visit, world: World, clock: FakeClock) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    for days in (9, 1, 0.1, -2, 40):
        status = "completed" if days < 0 else "accepted"
        insert_booking(world.app, student, gig, clock() + timedelta(days=days), status=status)

    text = visit(student).open("/lessons").text

    headings = ["Today", "Tomorrow", "Monday 30 November", "Thursday 31 December"]
    assert [heading for heading in headings if heading in text] == headings
    assert sorted(headings, key=text.index) == headings
    assert "Thursday 19 November" not in text
    assert "Thursday 19 November" in visit(student).open("/lessons?status=earlier").text


def test_tabs_count_and_narrow(visit: Visit, world: World, clock: FakeClock) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    for hours, status in enumerate(["pending", "accepted", "accepted", "rejected"], start=24):
        insert_booking(world.app, student, gig, clock() + timedelta(hours=hours), status=status)

    visitor = visit(student).open("/lessons?status=accepted")

    assert "Upcoming Waiting 1 Accepted 2 Completed 0 Declined 1 Earlier" in visitor.text
    assert visitor.answer.text.count('class="lesson"') == 2


def test_long_lists_lead_on_by_cursors_without_a_gap(visit: Visit, world: World, clock: FakeClock) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    for hours in range(24, 69):
        insert_booking(world.app, student, gig, clock() + timedelta(hours=hours), status="accepted")
    visitor = visit(student)

    seen: list[str] = []
    path = "/lessons"
    while path:
        page = visitor.open(path).answer.text
        seen += [part.split('"')[0] for part in page.split('strong" href="/lessons/')[1:]]
        path = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&") if 'rel="next"' in page else ""

    assert len(seen) == len(set(seen)) == 45
    assert "Back to the next lessons" in visitor.text


def test_the_page_shows_what_the_api_answers(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    for days in (1, 2, 3):
        world.booking(student, gig, starts_at=world.at(days=days))

    page = visit(student).open("/lessons?status=pending").answer.text

    listed = student.get("/api/bookings?status=pending&order=starts_at").json
    assert listed["cached"] is True
    assert [part.split('"')[0] for part in page.split('strong" href="/lessons/')[1:]] == [
        str(booking["id"]) for booking in listed["data"]
    ]


def test_administrators_see_all_lessons_with_both_names(visit: Visit, world: World) -> None:
    world.booking(world.student(name="Mia Lindqvist"), world.gig(world.teacher(name="Ada Marlowe")))

    text = visit(world.admin()).open("/lessons").text

    assert "All lessons" in text
    assert "Ada Marlowe and Mia Lindqvist" in text


def test_the_place_appears_with_the_acceptance(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    booking = world.booking(student, world.gig(teacher, location="Room 4, Library"))
    path = f"/lessons/{booking['id']}"
    visitor = visit(student)
    assert "Shown to you both once the lesson is accepted" in visitor.open(path).text

    teacher.patch(f"/api/bookings/{booking['id']}", {"status": "accepted"})

    assert "Place Room 4, Library" in visitor.open(path).text


def test_the_start_page_tells_what_is_next_and_what_waits(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    world.accepted(student, teacher, gig, starts_at=world.at(days=1))
    world.booking(student, gig, starts_at=world.at(days=2))

    assert "Tomorrow , 10:30–11:15 (Berlin)" in visit(student).open("/").text
    text = visit(teacher).open("/").text
    assert "One lesson waits for your answer." in text
    assert "Your next lesson" not in visit(world.admin()).open("/").text


def test_an_administrator_reads_of_all_lessons(visit: Visit, world: World) -> None:
    booking = world.booking(world.student(), world.gig(world.teacher()))
    visitor = visit(world.admin())

    assert "<title>All lessons" in visitor.open("/lessons").answer.text
    assert "My lessons" not in visitor.open(f"/lessons/{booking['id']}").text

"""From a gig's page to a lesson that both people see, and everything that can go wrong at the form."""

from __future__ import annotations

import html
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.bookings.rows import count_bookings
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.world import PASSWORD, Person, World

Visit = Callable[..., Visitor]


def ask(visitor: Visitor, gig: dict[str, Any], date: str, time: str, note: str = "") -> Visitor:
    """Ask for a lesson through the form on the gig's page."""
    path = f"/gigs/{gig['id']}"
    return visitor.open(path).send(f"{path}/lessons", date=date, time=time, note=note)


@pytest.fixture
def student(world: World) -> Person:
    return world.student(time_zone="Europe/Berlin")


@pytest.fixture
def gig(world: World) -> dict[str, Any]:
    return world.gig(world.teacher(name="Ada Marlowe", time_zone="America/New_York"), location="Room 4")


def test_a_lesson_is_asked_for_in_the_readers_own_time(visit: Visit, student: Person, gig: dict[str, Any]) -> None:
    visitor = ask(visit(student), gig, "2026-11-27", "16:00", "The chain rule,\r\nplease.")

    assert "You asked Ada Marlowe for Fri 27 Nov, 16:00–16:45 (Berlin)." in visitor.text
    booking = student.get("/api/bookings").json["data"][0]
    assert (booking["starts_at"], booking["note"]) == ("2026-11-27T15:00:00Z", "The chain rule,\nplease.")
    assert visitor.path == f"/lessons/{booking['id']}"


def test_both_people_see_a_new_lesson_at_once_each_by_their_own_clock(
    visit: Visit, world: World, student: Person
) -> None:
    teacher = world.teacher(name="Ada Marlowe", time_zone="America/New_York")
    gig = world.gig(teacher)
    mine, theirs = visit(student), visit(teacher)
    assert "No upcoming lessons" in mine.open("/lessons").text
    assert "No upcoming lessons" in theirs.open("/lessons").text

    ask(visit(student), gig, "2026-11-27", "16:00")

    assert "16:00–16:45 10:00–10:45 (New York)" in mine.open("/lessons").text
    assert "Waiting for Ada" in mine.text
    assert "Waiting for you Fri 27 Nov 10:00–10:45 16:00–16:45 (Berlin)" in theirs.open("/lessons").text


def test_a_time_that_does_not_exist_is_refused_naming_the_next_that_does(
    visit: Visit, world: World, student: Person, gig: dict[str, Any]
) -> None:
    visitor = ask(visit(student), gig, "2027-03-28", "02:30", "Keep this.")

    assert visitor.status == 422
    assert "There is no 02:30 on this day, because the clocks are put forward. The next time is 03:00." in visitor.text
    kept = visitor.form(f"/gigs/{gig['id']}/lessons").values
    assert (kept["date"], kept["time"], kept["note"]) == ("2027-03-28", "02:30", "Keep this.")
    assert count_bookings(world.app) == 0


def test_of_a_doubled_time_the_earlier_is_taken_and_that_is_said(
    visit: Visit, student: Person, gig: dict[str, Any]
) -> None:
    visitor = ask(visit(student), gig, "2027-10-31", "02:30")

    assert "02:30 comes twice that day, because the clocks are put back; the earlier one is meant." in visitor.text
    assert student.get("/api/bookings").json["data"][0]["starts_at"] == "2027-10-31T00:30:00Z"


def test_a_lesson_across_the_change_of_clocks_says_which_clock_it_means(
    visit: Visit, student: Person, gig: dict[str, Any]
) -> None:
    visitor = ask(visit(student), gig, "2027-10-31", "02:30")

    assert "Sun 31 Oct 2027, 02:30 CEST–02:15 CET (Berlin)" in visitor.text


@pytest.mark.parametrize(
    ("date", "time", "message"),
    [
        ("", "", "When: Please choose a time."),
        ("", "16:00", "Day: Please choose a day."),
        ("2026-11-27", "", "Time: Please choose a time."),
        ("27.11.2026", "16:00", "Day: There is no such day."),
        ("2026-02-30", "16:00", "Day: There is no such day."),
        ("2026-11-27", "25:00", "Time: There is no such time."),
        ("2026-11-20", "16:00", "Time: This time has passed."),
        ("2029-11-20", "16:00", "Time: Lessons can be booked up to two years ahead."),
        ("0001-01-01", "00:00", "Time: This time has passed."),
        ("9999-12-31", "23:59", "Time: Lessons can be booked up to two years ahead."),
    ],
)
def test_a_time_that_cannot_be_booked_is_refused_beside_the_field(
    visit: Visit, world: World, student: Person, gig: dict[str, Any], date: str, time: str, message: str
) -> None:
    visitor = ask(visit(student), gig, date, time, "Keep this.")

    assert (visitor.status, message in visitor.text) == (422, True), visitor.text
    kept = visitor.form(f"/gigs/{gig['id']}/lessons").values
    assert (kept["date"], kept["time"], kept["note"]) == (date, time, "Keep this.")
    assert count_bookings(world.app) == 0


def test_a_note_that_is_too_long_is_refused_and_kept(visit: Visit, student: Person, gig: dict[str, Any]) -> None:
    visitor = ask(visit(student), gig, "2026-11-27", "16:00", "x" * 2001)

    assert "Note: Use at most 2,000 characters." in visitor.text
    assert visitor.form(f"/gigs/{gig['id']}/lessons").values["note"] == "x" * 2001


def test_a_taken_time_is_shown_and_refused(visit: Visit, world: World, student: Person, gig: dict[str, Any]) -> None:
    world.booking(world.student(), gig, starts_at="2026-11-27T15:00:00Z")

    visitor = ask(visit(student), gig, "2026-11-27", "16:30")

    assert visitor.status == 422
    assert "Somebody was faster: this time is taken. Please choose another one." in visitor.text
    assert "Times already taken (Berlin) Friday 27 November 16:00–16:45" in visitor.text


def test_a_gig_that_was_paused_meanwhile_cannot_be_booked(visit: Visit, world: World, student: Person) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)
    visitor = visit(student).open(f"/gigs/{gig['id']}")
    teacher.post(f"/api/gigs/{gig['id']}/status", {"status": "paused"})

    visitor.send(f"/gigs/{gig['id']}/lessons", date="2026-11-27", time="16:00")

    assert visitor.status == 422
    assert "This gig is paused." in visitor.text


def test_a_visitor_chooses_in_the_teachers_time_and_signs_in_without_losing_it(
    visit: Visit, student: Person, gig: dict[str, Any]
) -> None:
    visitor = visit().open(f"/gigs/{gig['id']}")
    assert "Times of New York. Change" in visitor.text

    visitor.send(f"/gigs/{gig['id']}/lessons", date="2026-11-27", time="10:00", note="The chain rule & more")
    assert "Please sign in to ask for this lesson." in visitor.text
    assert "chain" not in visitor.path, "addresses stay in histories and logs"
    visitor.send(email=student.email, password=PASSWORD)

    kept = visitor.form(f"/gigs/{gig['id']}/lessons").values
    assert (kept["starts_at"], kept["note"]) == ("2026-11-27T15:00:00Z", "The chain rule & more")
    visitor.send(f"/gigs/{gig['id']}/lessons")
    assert "You asked Ada Marlowe for Fri 27 Nov, 16:00–16:45 (Berlin)." in visitor.text


@pytest.mark.parametrize(("last", "choice"), [("x", 60), ("ж", 60), ("🎼", 30_000)])
def test_the_longest_note_is_kept_while_its_owner_signs_in_and_only_until_the_lesson_is_asked_for(
    visit: Visit, student: Person, gig: dict[str, Any], last: str, choice: int
) -> None:
    note = "".join(chr(ord(last) - distance) for distance in random.Random(1).choices(range(choice), k=2000))
    path = f"/gigs/{gig['id']}"

    visitor = ask(visit(), gig, "2026-11-27", "10:00", note.strip())

    visitor.send(email=student.email, password=PASSWORD)
    assert html.unescape(visitor.form(f"{path}/lessons").values["note"]) == note.strip()
    visitor.send(f"{path}/lessons")
    assert visitor.open(path).form(f"{path}/lessons").values["note"] == ""


def test_a_note_is_kept_for_its_own_gig_and_until_its_owner_signs_out(
    visit: Visit, world: World, student: Person, gig: dict[str, Any]
) -> None:
    other = f"/gigs/{world.gig(world.teacher())['id']}"
    path = f"/gigs/{gig['id']}"
    visitor = ask(visit(), gig, "2026-11-27", "10:00", "The chain rule").send(email=student.email, password=PASSWORD)

    assert visitor.open(other).form(f"{other}/lessons").values["note"] == ""
    assert visitor.open(path).form(f"{path}/lessons").values["note"] == "The chain rule"
    visitor.send("/sign-out")
    assert visitor.open(path).form(f"{path}/lessons").values["note"] == ""


def test_a_visitor_may_register_instead(visit: Visit, gig: dict[str, Any]) -> None:
    visitor = ask(visit(), gig, "2026-11-27", "10:00")
    chosen = visitor.path.removeprefix("/sign-in")
    assert f'href="/register{chosen.split("&")[0][:20]}' in visitor.answer.text

    visitor.open("/register" + chosen).send(
        role="student", name="Mia", email="mia@example.org", password=PASSWORD, time_zone="Europe/Berlin"
    )

    assert visitor.form(f"/gigs/{gig['id']}/lessons").values["starts_at"] == "2026-11-27T15:00:00Z"


@pytest.mark.parametrize("starts_at", ["nonsense", "2026-11-27T10:00:00", "9999-99-99T00:00:00Z", "\0"])
def test_a_choice_in_the_address_that_makes_no_sense_is_passed_over(
    visit: Visit, gig: dict[str, Any], starts_at: str
) -> None:
    visitor = visit()

    visitor.answer = visitor.client.get(f"/gigs/{gig['id']}", query_string={"starts_at": starts_at})

    assert visitor.status == 200


def test_teachers_read_on_their_gigs_page_where_its_times_are_set(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    choir = world.gig(teacher, times="timetable", capacity=3)

    visitor = visit(teacher).open(f"/gigs/{choir['id']}")

    assert "Students take places in your sessions here" in visitor.text
    assert "free times" not in visitor.text
    assert f'href="/gigs/{choir["id"]}/timetable"' in visitor.answer.text


def test_only_students_get_a_form(visit: Visit, world: World) -> None:
    teacher, other, admin = world.teacher(), world.teacher(), world.admin()
    gig = world.gig(teacher)

    for person, words in [
        (teacher, "Students choose one of your free times here"),
        (other, "Only students ask for lessons. You are signed in as a teacher."),
        (admin, "Only students ask for lessons. You are signed in as an administrator."),
    ]:
        visitor = visit(person).open(f"/gigs/{gig['id']}")
        assert words in visitor.text
        assert f"/gigs/{gig['id']}/lessons" not in [action for action, _ in visitor.actions]


def test_a_teacher_cannot_book_even_with_a_form_of_their_own(visit: Visit, world: World, gig: dict[str, Any]) -> None:
    visitor = visit(world.teacher()).open("/profile")
    token = visitor.form().values["csrf_token"]

    visitor.post(f"/gigs/{gig['id']}/lessons", {"date": "2026-11-27", "time": "16:00", "csrf_token": token})

    assert visitor.status == 403
    assert count_bookings(world.app) == 0


def test_the_taken_times_reach_two_weeks_ahead(visit: Visit, world: World, clock: FakeClock) -> None:
    gig = world.gig(world.teacher(time_zone="Europe/Berlin"))
    world.booking(world.student(), gig, starts_at="2026-12-05T09:00:00Z")
    world.booking(world.student(), gig, starts_at="2026-12-06T09:00:00Z")

    text = visit().open(f"/gigs/{gig['id']}").text

    assert "Saturday 5 December 10:00–10:45" in text
    assert "Sunday 6 December" not in text


def test_who_saw_another_price_asks_for_nothing_and_keeps_what_they_typed(
    visit: Visit, world: World, student: Person
) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher, price_cents=1000)
    path = f"/gigs/{gig['id']}"
    visitor = visit(student).open(path)
    terms = {"price_cents": 9000, "free_cancellation_hours": 720, "late_cancellation_percent": 100}
    teacher.patch(f"/api/gigs/{gig['id']}", terms)

    visitor.send(f"{path}/lessons", date="2026-11-27", time="16:00", note="Scales first.")

    assert (visitor.status, count_bookings(world.app)) == (422, 0)
    assert "A lesson costs €90 for 45 minutes now" in visitor.text
    assert "Cancelling is free until 30 days before the lesson. After that it costs the full price." in visitor.text
    typed = visitor.form(f"{path}/lessons").values
    assert (typed["date"], typed["time"], typed["note"]) == ("2026-11-27", "16:00", "Scales first.")
    visitor.send(f"{path}/lessons")
    assert student.get("/api/bookings").json["data"][0]["price_cents"] == 9000


def test_who_has_asked_for_too_much_is_told(visit: Visit, world: World, student: Person, gig: dict[str, Any]) -> None:
    settings = replace(world.app.extensions["lectern-settings"], max_open_requests_per_teacher=1)
    world.app.extensions["lectern-settings"] = settings
    world.booking(student, gig)

    visitor = ask(visit(student), gig, "2026-11-27", "16:00", "Scales first.")

    assert "This teacher has not answered 1 of your requests yet." in visitor.text
    assert (visitor.status, count_bookings(world.app)) == (422, 1)

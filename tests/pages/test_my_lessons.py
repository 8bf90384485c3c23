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
    assert "Accepted" in mine.open("/lessons").text


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
        actions = [action for action in visitor.open(path).actions if action[0].endswith("/status")]
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

    assert "Did these take place? Wed 18 Nov 10:30–11:15" in text
    assert "To do 1" in text
    assert text.index("Wed 18 Nov") < text.index("Tuesday 24 November")
    assert "take place?" not in visit(student).open("/lessons").text


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

    # What was declined is still to be seen, but nothing to prepare for.
    assert "Upcoming 3 To do 0 Past 0 Filter: 1" in visitor.text
    assert visitor.answer.text.count('class="lesson"') == 2


def test_long_lists_lead_on_by_cursors_without_a_gap(visit: Visit, world: World, clock: FakeClock) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    for hours in range(24, 24 + 120):
        insert_booking(world.app, student, gig, clock() + timedelta(hours=hours), status="accepted")
    visitor = visit(student)

    seen: list[str] = []
    path = "/lessons"
    while path:
        page = visitor.open(path).answer.text
        seen += _lessons_in(page)
        path = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&") if 'rel="next"' in page else ""

    assert len(seen) == len(set(seen)) == 120
    assert "Back to the next lessons" in visitor.text


def test_the_page_shows_what_the_api_answers(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    for days in (1, 2, 3):
        world.booking(student, gig, starts_at=world.at(days=days))

    page = visit(student).open("/lessons?status=pending").answer.text

    listed = student.get("/api/bookings?status=pending&order=starts_at").json
    assert _lessons_in(page) == [str(booking["id"]) for booking in listed["data"]]


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

    assert "Your next lesson Tomorrow , 10:30–11:15 (Berlin)" in visit(student).open("/").text
    text = visit(teacher).open("/").text
    assert "Nothing more today. Your next lesson: Sun 22 Nov 10:30–11:15" in text
    assert "Waiting for you Mon 23 Nov 10:30–11:15" in text
    assert "1 lesson still to come this week" in text


def test_the_start_page_of_a_school_says_what_is_on_today_and_what_is_stuck(
    visit: Visit, world: World, clock: FakeClock
) -> None:
    student, teacher, admin = world.student(name="Mia Lindqvist"), world.teacher(name="Ada Marlowe"), world.admin()
    gig = world.gig(teacher)
    insert_booking(world.app, student, gig, clock() + timedelta(hours=2), status="accepted")
    long_ago, lately = clock() - timedelta(hours=30), clock() - timedelta(hours=20)
    insert_booking(world.app, student, gig, clock() + timedelta(days=9), created_at=long_ago)
    insert_booking(world.app, student, gig, clock() + timedelta(days=8), created_at=lately)

    text = visit(admin).open("/").text

    assert "Today in the school 1 lesson, 2 people" in text
    assert "Requests older than a day 1 Mon 30 Nov" in text


def test_start_pages_count_all_lessons_of_the_day_and_the_week_and_no_others(
    visit: Visit, world: World, clock: FakeClock
) -> None:
    student, teacher, admin = world.student(), world.teacher(), world.admin()
    alone, group = world.gig(teacher), world.gig(teacher, capacity=40)
    # What was cancelled, what is over, and, behind them, what is still to come.
    for number in range(50):
        at = clock() + timedelta(minutes=number)
        insert_booking(world.app, student, alone, at, status="cancelled")
    for number in range(5):
        insert_booking(world.app, student, alone, clock() - timedelta(hours=number + 3), status="completed")
    for number in range(4):
        insert_booking(world.app, student, alone, clock() + timedelta(hours=number + 2), status="accepted")
    insert_booking(world.app, world.student(), group, clock() + timedelta(hours=7), status="accepted", seat=1)
    of_group = world.student()
    insert_booking(world.app, of_group, group, clock() + timedelta(hours=7), status="accepted", seat=2)

    office, own = visit(admin).open("/").text, visit(teacher).open("/").text

    assert "Today in the school 10 lessons, 4 people" in office
    assert "5 lessons still to come this week" in own
    assert "still to come this week See the week 12:30–13:15" in own


def test_a_visitor_is_shown_times_that_are_really_free(visit: Visit, world: World) -> None:
    teacher = world.teacher(name="Ada Marlowe")
    weekly = [{"weekday": "wednesday", "start": "15:00", "end": "18:00"}]
    assert teacher.put("/api/teachers/me/availability", {"weekly": weekly}).status_code == 200
    world.gig(teacher, title="Piano")

    assert "Wed 25 Nov, 14:00 Piano with Ada UTC time" in visit().open("/").text


def test_an_administrator_reads_of_all_lessons(visit: Visit, world: World) -> None:
    booking = world.booking(world.student(), world.gig(world.teacher()))
    visitor = visit(world.admin())

    assert "<title>All lessons" in visitor.open("/lessons").answer.text
    assert "My lessons" not in visitor.open(f"/lessons/{booking['id']}").text


def test_a_row_leads_with_the_person_and_shows_what_they_wrote(visit: Visit, world: World) -> None:
    student, teacher = world.student(name="Mia Lindqvist"), world.teacher()
    world.booking(student, world.gig(teacher, title="Piano"), note="Scales, please.")

    text = visit(teacher).open("/lessons").text

    assert "Mia Lindqvist Piano “Scales, please.”" in text
    assert "My lessons 1 , 1 waits for you" in text


def test_a_series_that_was_asked_for_is_one_row_and_is_answered_whole(visit: Visit, world: World) -> None:
    student, teacher = world.student(name="Mia Lindqvist"), world.teacher()
    gig = world.gig(teacher)
    series = {"gig_id": gig["id"], "starts_at": "2026-11-26T15:00:00Z", "weeks": 7}
    made = student.post("/api/bookings/series", series)
    first = made.json["data"][0]["id"]
    visitor = visit(teacher).open("/lessons")

    assert "7 Thursdays, from 26 Nov to 7 Jan" in visitor.text
    assert _lessons_in(visitor.answer.text) == [str(first)]
    visitor.send(f"/lessons/{first}/series", having={"status": "accepted"})

    assert "7 lessons are agreed on." in visitor.text
    assert visitor.path == "/lessons"
    assert len(teacher.get("/api/bookings?status=accepted").json["data"]) == 7


def test_a_group_is_one_row_with_its_people(visit: Visit, world: World, clock: FakeClock) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher, title="Choir", capacity=3)
    for seat, name in enumerate(("Ada King", "Ben Cole"), start=1):
        starts_at = clock() + timedelta(days=2)
        insert_booking(world.app, world.student(name=name), gig, starts_at, seat=seat, status="accepted")

    visitor = visit(teacher).open("/lessons")

    assert "Ada King, Ben Cole Choir 2 students" in visitor.text
    assert visitor.answer.text.count('class="lesson"') == 1


@pytest.mark.parametrize(
    ("place", "minutes", "joins"),
    [
        ("https://meet.example.org/a", 14, True),
        ("https://meet.example.org/a", -44, True),
        ("https://meet.example.org/a", 16, False),
        ("https://meet.example.org/a", -46, False),
        ("Room 4", 5, False),
        ("javascript:alert(1)", 5, False),
    ],
)
def test_one_joins_from_the_row_when_the_place_is_a_link_and_the_lesson_near(
    visit: Visit, world: World, clock: FakeClock, place: str, minutes: int, joins: bool
) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher, location=place)
    insert_booking(world.app, student, gig, clock() + timedelta(minutes=minutes), status="accepted")

    page = visit(student).open("/lessons").answer.text

    assert (f'href="{place}"' in page) == joins


def test_lessons_are_narrowed_to_a_person_a_gig_and_some_days(visit: Visit, world: World, clock: FakeClock) -> None:
    teacher, ada, ben = world.teacher(), world.student(name="Ada King"), world.student(name="Ben Cole")
    piano, violin = world.gig(teacher, title="Piano"), world.gig(teacher, title="Violin")
    of_ada = insert_booking(world.app, ada, piano, clock() + timedelta(days=2), status="accepted")
    of_ben = insert_booking(world.app, ben, violin, clock() + timedelta(days=4), status="accepted")
    past = insert_booking(world.app, ben, piano, clock() - timedelta(days=4), status="completed")
    visitor = visit(teacher)

    shown = {
        path: _lessons_in(visitor.open(f"/lessons?{path}").answer.text)
        for path in (
            f"person={ada.id}",
            "gig=2",
            "from=2026-11-24&to=2026-11-25",
            f"tab=past&person={ben.id}",
            "tab=past",
        )
    }

    assert list(shown.values()) == [[str(of_ada)], [str(of_ben)], [str(of_ben)], [str(past)], [str(past)]]
    assert visitor.open("/lessons?from=tomorrow").status == 422


def test_the_time_of_the_other_ones_clock_follows_their_zone_at_once(visit: Visit, world: World) -> None:
    student, teacher = world.student(), world.teacher()
    world.booking(student, world.gig(teacher), starts_at="2026-11-26T15:00:00Z")
    visitor = visit(teacher).open("/lessons")
    assert "(Tokyo)" not in visitor.text

    student.patch("/api/users/me", {"time_zone": "Asia/Tokyo"})

    assert "Fri 27 Nov, 00:00–00:45 (Tokyo)" in visitor.open("/lessons").text


def _lessons_in(page: str) -> list[str]:
    """The ids of the rows, in order."""
    return [part.split('"')[0] for part in page.split('data-lesson="')[1:]]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("path", "answer"), [("/lessons", "accept"), ("/lessons?tab=todo", "decline"), ("/", "accept")]
)
def test_a_wish_for_another_time_waits_for_its_reader_with_two_buttons(
    visit: Visit, world: World, path: str, answer: str
) -> None:
    asking, reader = world.student(), world.teacher()
    gig = world.gig(reader)
    before, after = world.at(days=2), world.at(days=3)
    booking = world.accepted(asking, reader, gig, starts_at=before)
    # Another one comes first.
    world.accepted(asking, reader, gig, starts_at=world.at(days=1))
    asked = asking.patch(f"/api/bookings/{booking['id']}", {"starts_at": after})
    assert asked.json["move"]["starts_at"] == after
    own, page = visit(asking).open(path), visit(reader).open(path)

    assert "Waiting for you" not in own.text
    assert "Waiting for you" in page.text
    assert "Keep the old time" in page.text
    page.send(f"/lessons/{booking['id']}/move/answer", having={"move": answer})

    assert "Waiting for you" not in page.text
    found = reader.get(f"/api/bookings/{booking['id']}").json
    assert (found["starts_at"], found["move"]) == (after if answer == "accept" else before, None)


def test_the_empty_sessions_of_a_gig_are_one_row_that_leads_to_its_timetable(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher, title="Choir", capacity=3, times="timetable", duration_minutes=60)
    for days in (2, 9, 16):
        teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": world.at(days=days)})
    world.accepted(world.student(name="Ada King"), teacher, gig, starts_at=world.at(days=9))

    visitor = visit(teacher).open("/lessons")

    assert "No students yet in 2 sessions, from 23 Nov to 7 Dec" in visitor.text
    assert visitor.text.count("No students yet") == 1
    assert f'href="/gigs/{gig["id"]}/timetable"' in visitor.answer.text
    assert "Ada King" in visitor.text


def test_only_lessons_that_take_place_are_for_calendars_and_no_message_leads_where_one_is(
    visit: Visit, world: World
) -> None:
    teacher, student = world.teacher(), world.student()
    path = f"/lessons/{world.accepted(student, teacher, world.gig(teacher))['id']}"
    visitor = visit(student).open(path)
    agreed = visitor.text

    visitor.open(f"{path}/cancel").send(reason="I have a fever.")
    cancelled = visitor.open(path).text

    assert ("Add to a calendar" in agreed, "Add to a calendar" in cancelled) == (True, False)

    other = f"/lessons/{world.booking(student, world.gig(teacher), starts_at=world.at(days=4))['id']}"
    answered = visit(teacher).open(other).send(f"{other}/status", having={"status": "accepted"})
    assert answered.path == other
    assert "The lesson is agreed on." in answered.text
    assert "See the lesson" not in answered.text

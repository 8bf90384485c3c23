"""A group's timetable on its pages: dates before they are saved, who comes, and what is done with a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.world import Person, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Visit = Callable[..., Visitor]
TYPED = {"starts_at": "other", "date": "2026-11-26", "time": "18:00", "every_weeks": "0", "capacity": "3"}
THURSDAY = "2026-11-26T17:00:00Z"


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher(time_zone="Europe/Berlin")


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    return world.gig(teacher, title="Choir", capacity=3, times="timetable", duration_minutes=60)


def send(visitor: Visitor, page: str, values: dict[str, Any], action: str | None = None) -> Visitor:
    """Send a form of a page with these values and its token."""
    token = visitor.open(page).form(action).values["csrf_token"]
    return visitor.post(action or page, values | {"csrf_token": token})


def starts(world: World, gig: dict[str, Any]) -> list[str]:
    return [row["starts_at"] for row in world.anyone.get(f"/api/gigs/{gig['id']}/sessions").json["data"]]


def test_a_row_is_looked_at_before_it_is_saved_without_its_holidays(
    world: World, visit: Visit, teacher: Person, gig: dict[str, Any]
) -> None:
    visitor, path = visit(teacher), f"/gigs/{gig['id']}/timetable"
    row = TYPED | {"every_weeks": "1", "until": "2026-12-10"}

    preview = send(visitor, path, row).text
    before = starts(world, gig)
    send(visitor, path, row | {"day": ["2026-11-26", "2026-12-10"]})

    assert "3 sessions" in preview
    assert before == []
    assert starts(world, gig) == [THURSDAY, "2026-12-10T17:00:00Z"]


def test_one_session_is_set_at_once_and_a_taken_time_is_said_beside_the_time(
    world: World, visit: Visit, teacher: Person, gig: dict[str, Any]
) -> None:
    visitor, path = visit(teacher), f"/gigs/{gig['id']}/timetable"

    send(visitor, path, TYPED)
    again = send(visitor, path, TYPED)
    said = (again.status, "You have something else at this time." in again.text)

    assert starts(world, gig) == [THURSDAY]
    assert said == (422, True)
    assert "0 of 3 taken" in visitor.open(path).text


@pytest.mark.parametrize("path", ["/schedule", "/schedule/day", "/calendar"])
def test_a_session_is_one_block_also_when_it_is_empty(
    world: World, visit: Visit, teacher: Person, gig: dict[str, Any], path: str
) -> None:
    for starts_at in (THURSDAY, "2026-11-26T19:00:00Z"):
        teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": starts_at})
    world.accepted(world.student(name="Anna"), teacher, gig, starts_at=THURSDAY)
    world.accepted(world.student(name="Ben"), teacher, gig, starts_at=THURSDAY)

    page = visit(teacher).open(f"{path}?date=2026-11-26").text

    assert all(words in page for words in ("Anna, Ben", "2 of 3", "0 of 3"))


def test_a_session_is_moved_cancelled_and_noted_on_its_page(
    world: World, visit: Visit, clock: FakeClock, teacher: Person, gig: dict[str, Any]
) -> None:
    made = [
        teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": at}).json["data"][0]["id"]
        for at in (THURSDAY, "2026-12-03T17:00:00Z")
    ]
    anna, ben = (world.accepted(world.student(name=name), teacher, gig, starts_at=THURSDAY) for name in ("Anna", "Ben"))
    visitor = visit(teacher)

    page = visitor.open(f"/sessions/{made[0]}").text
    first, second = (f"/sessions/{number}" for number in made)
    send(visitor, first, {"starts_at": "other", "date": "2026-11-26", "time": "19:00"}, f"{first}/move")
    send(visitor, second, {"reason": "A holiday."}, f"{second}/cancel")
    clock.advance(days=6)
    visitor = visit(world.sign_in(teacher))
    send(visitor, first, {"absent": [str(ben["id"])]}, f"{first}/held")

    teacher = world.sign_in(teacher)
    statuses = [teacher.get(f"/api/bookings/{row['id']}").json["status"] for row in (anna, ben)]
    sessions = teacher.get(f"/api/gigs/{gig['id']}/sessions").json["data"]
    assert all(words in page for words in ("Anna", "2 of 3 places taken", "2 people are told"))
    assert [(row["starts_at"], row["status"]) for row in sessions] == [
        ("2026-11-26T18:00:00Z", "held"),
        ("2026-12-03T17:00:00Z", "cancelled"),
    ]
    assert statuses == ["completed", "no_show"]


def test_a_reason_that_no_database_keeps_is_refused(
    world: World, visit: Visit, teacher: Person, gig: dict[str, Any]
) -> None:
    made = teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": THURSDAY}).json["data"][0]
    path = f"/sessions/{made['id']}"
    visitor = visit(teacher)

    statuses = [send(visitor, path, {"reason": words}, f"{path}/cancel").status for words in ("a\0b", "x" * 2001)]

    assert statuses == [422, 422]
    assert teacher.get(f"/api/sessions/{made['id']}").json["status"] == "scheduled"


def test_sessions_stand_among_the_lessons_and_lead_to_their_page(
    world: World, visit: Visit, teacher: Person, gig: dict[str, Any]
) -> None:
    empty, booked = "2026-11-21T17:00:00Z", THURSDAY
    for starts_at in (empty, booked):
        teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": starts_at})
    world.accepted(world.student(name="Ada King"), teacher, gig, starts_at=booked)
    first, second = (row["id"] for row in world.anyone.get(f"/api/gigs/{gig['id']}/sessions").json["data"])
    visitor = visit(teacher)

    mine = visitor.open("/lessons")
    text, links = mine.text, mine.answer.text
    start = visitor.open("/").text

    assert "18:00–19:00 Choir No students yet 0 of 3" in text
    assert [f'href="/sessions/{each}"' in links for each in (first, second)] == [True, True]
    assert "18:00–19:00 Choir No students yet" in start
    assert "1 lesson still to come this week" in start


def test_a_session_gets_a_place_of_its_own_on_its_page(
    world: World, visit: Visit, teacher: Person, gig: dict[str, Any]
) -> None:
    made = teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": THURSDAY}).json["data"][0]["id"]
    world.accepted(anna := world.student(name="Anna"), teacher, gig, starts_at=THURSDAY)
    visitor, page = visit(teacher), f"/sessions/{made}"

    send(visitor, page, {"location": "Room 5"}, f"{page}/place")
    said = visitor.text
    again = send(visitor, page, {"location": "Room 5"}, f"{page}/place").text

    assert "The session has its new place." in said
    assert "The session takes place there already." in again
    assert anna.get(f"/api/sessions/{made}").json["location"] == "Room 5"


def test_one_of_those_who_did_not_come_is_let_off(
    world: World, visit: Visit, clock: FakeClock, teacher: Person, gig: dict[str, Any]
) -> None:
    made = teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": THURSDAY}).json["data"][0]["id"]
    places = [
        world.accepted(world.student(name=name), teacher, gig, starts_at=THURSDAY)["id"]
        for name in ("Anna", "Ben", "Cem")
    ]
    clock.advance(days=6)
    teacher, page = world.sign_in(teacher), f"/sessions/{made}"

    visitor = send(visit(teacher), page, {"absent": places[:2], "waived": places[1:2]}, f"{page}/held")

    due = [teacher.get(f"/api/bookings/{place}/balance").json["due_cents"] for place in places]
    assert due == [gig["price_cents"], 0, gig["price_cents"]]
    assert "What is due for Anna" in visitor.text


def test_who_came_cannot_be_let_off(world: World, teacher: Person, gig: dict[str, Any], clock: FakeClock) -> None:
    made = teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": THURSDAY}).json["data"][0]["id"]
    place = world.accepted(world.student(), teacher, gig, starts_at=THURSDAY)["id"]
    clock.advance(days=6)

    answer = world.sign_in(teacher).patch(f"/api/sessions/{made}", {"status": "held", "waived": [place]})

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["waived"])


def test_a_student_finds_their_place_where_the_session_would_be_offered(
    world: World, visit: Visit, teacher: Person, gig: dict[str, Any]
) -> None:
    for at in (THURSDAY, "2026-11-27T17:00:00Z"):
        teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": at})
    anna = world.student(name="Anna", time_zone="Europe/Berlin")
    booking = world.booking(anna, gig, starts_at=THURSDAY)
    path = f"/gigs/{gig['id']}"
    others = visit(world.student()).open(path)

    asked = visit(anna).open(path)
    teacher.patch(f"/api/bookings/{booking['id']}", {"status": "accepted"})
    agreed = visit(anna).open(path)
    anna.patch(f"/api/bookings/{booking['id']}", {"status": "cancelled"})
    ended = visit(anna).open(path)

    assert "You have asked for a place : Thu 26 Nov, 18:00" in asked.text
    assert "You have a place : Thu 26 Nov, 18:00" in agreed.text
    assert f'href="/lessons/{booking["id"]}"' in agreed.answer.text
    offered = [f'value="{THURSDAY}"' in page.answer.text for page in (others, asked, agreed, ended)]
    assert offered == [True, False, False, True]
    assert all("You have" not in page.text for page in (others, ended))


def test_where_nothing_else_is_free_this_week_the_next_session_is_named(
    world: World, visit: Visit, teacher: Person, gig: dict[str, Any]
) -> None:
    for at in (THURSDAY, "2026-12-10T17:00:00Z"):
        teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": at})
    anna = world.student(name="Anna", time_zone="Europe/Berlin")
    world.accepted(anna, teacher, gig, starts_at=THURSDAY)

    page = visit(anna).open(f"/gigs/{gig['id']}?week=2026-W48").text

    assert "You have a place : Thu 26 Nov, 18:00" in page
    assert "Nothing else is free this week. The next free time: Thu 10 Dec, 18:00" in page

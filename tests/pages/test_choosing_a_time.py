"""The week of free times on a gig's page: what it offers, where it leads, and what happens if somebody was faster."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.bookings.rows import count_bookings
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.schedule.bodies import exception, weekly
from tests.support.world import ANY_TIME, Person, World

Visit = Callable[..., Visitor]

AVAILABILITY = "/api/teachers/me/availability"


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher(name="Ada Marlowe", time_zone="Europe/Berlin")


@pytest.fixture
def student(world: World) -> Person:
    return world.student(time_zone="Europe/Berlin")


def offers(visitor: Visitor) -> list[str]:
    """The starts that the page lets people choose."""
    return re.findall(r'name="starts_at" value="([^"]+)"', visitor.answer.text)


def gig_with(world: World, teacher: Person, rules: dict[str, Any], **changes: Any) -> str:
    """The page of a gig whose teacher has entered this availability."""
    assert teacher.put(AVAILABILITY, ANY_TIME | rules).status_code == 200
    return f"/gigs/{world.gig(teacher, **changes)['id']}"


def test_a_week_shows_its_free_times_by_the_readers_days(visit: Visit, world: World, teacher: Person) -> None:
    path = gig_with(world, teacher, {"weekly": weekly("monday 09:00-10:30", "tuesday 00:00-00:45")})
    student = visit(world.student(time_zone="America/New_York"))

    student.open(path)

    assert "23–29 November Mon 23 Monday 23 November 03:00 03:45 18:00 Tue 24" in student.text
    assert offers(student) == ["2026-11-23T08:00:00Z", "2026-11-23T08:45:00Z", "2026-11-23T23:00:00Z"]


def test_a_chosen_time_becomes_a_lesson(visit: Visit, world: World, teacher: Person, student: Person) -> None:
    path = gig_with(world, teacher, {"weekly": weekly("monday 09:00-10:30")})
    visitor = visit(student).open(path)

    visitor.send(f"{path}/lessons", starts_at="2026-11-23T08:45:00Z", note="Scales")

    assert "You asked Ada Marlowe for Mon 23 Nov, 09:45–10:30 (Berlin)." in visitor.text
    assert "09:45" not in visit(world.student()).open(path).text


def test_links_lead_through_the_weeks_that_can_be_booked(visit: Visit, world: World, teacher: Person) -> None:
    rules = {"weekly": weekly("daily 09:00-09:45"), "horizon_days": 12}
    visitor = visit().open(gig_with(world, teacher, rules))
    links = []

    for direction in ("next", "next", "prev"):
        found = re.search(rf'rel="{direction} nofollow" href="([^"#]+)', visitor.answer.text)
        links.append(found[1] if found else None)
        visitor.open(links[-1] or visitor.path)

    assert links == ["/gigs/1?week=2026-W48", "/gigs/1?week=2026-W49", "/gigs/1?week=2026-W48"]
    assert 'rel="next' not in visitor.open("/gigs/1?week=2026-W49").answer.text
    assert 'rel="prev' not in visitor.open("/gigs/1?week=2026-W47").answer.text


def test_an_empty_week_leads_to_the_next_free_time(visit: Visit, world: World, teacher: Person) -> None:
    rules = {"weekly": [], "exceptions": [exception("2027-02-10", "18:00-19:00")]}
    path = gig_with(world, teacher, rules)
    visitor = visit()

    empty = visitor.open(f"{path}?week=2026-W50").text
    unasked = visitor.open(path).text

    assert "No time is free this week. The next free time: Wed 10 Feb 2027, 18:00" in empty
    assert "8–14 February 2027 Mon 8 Tue 9 Wed 10 Wednesday 10 February 2027 18:00" in unasked


def test_notice_and_horizon_count_for_the_next_free_time(visit: Visit, world: World, teacher: Person) -> None:
    rules = {"weekly": weekly("wednesday 18:00-19:00"), "minimum_notice_minutes": 20 * 1440}
    path = gig_with(world, teacher, rules)
    visitor = visit()

    assert "The next free time: Wed 16 Dec, 18:00" in visitor.open(f"{path}?week=2026-W47").text

    teacher.put(AVAILABILITY, ANY_TIME | rules | {"horizon_days": 20})
    assert "No time is free this week. Nor in the weeks after it." in visitor.open(path).text


def test_a_group_says_how_many_places_are_left(visit: Visit, world: World, teacher: Person, student: Person) -> None:
    path = gig_with(world, teacher, {"weekly": weekly("monday 09:00-09:45")}, capacity=3)
    gig = teacher.get(f"/api{path}").json
    world.booking(student, gig, starts_at="2026-11-23T08:00:00Z")

    assert "Others have a place already Mon 23 Nov, 09:00 1 going, 2 places left" in visit().open(path).text


def test_of_a_doubled_time_either_can_be_chosen(visit: Visit, world: World, teacher: Person, student: Person) -> None:
    path = gig_with(world, teacher, {"weekly": weekly("sunday 02:00-03:00")}, duration_minutes=60)
    visitor = visit(student).open(f"{path}?week=2027-W43")
    assert "02:00 UTC+02:00 02:00 UTC+01:00" in visitor.text

    visitor.send(f"{path}/lessons", starts_at="2027-10-31T01:00:00Z")

    assert "02:00 comes twice that day, because the clocks are put back; the later one is meant." in visitor.text


def test_who_is_slower_is_told_and_keeps_the_note(visit: Visit, world: World, teacher: Person, student: Person) -> None:
    path = gig_with(world, teacher, {"weekly": weekly("monday 09:00-10:30")})
    visitor = visit(student).open(path)
    world.booking(world.student(), teacher.get(f"/api{path}").json, starts_at="2026-11-23T08:45:00Z")

    visitor.send(f"{path}/lessons", starts_at="2026-11-23T08:45:00Z", note="Scales")

    assert visitor.status == 422
    assert "When: Somebody was faster: this time is taken. Please choose another one." in visitor.text
    assert offers(visitor) == ["2026-11-23T08:00:00Z"]
    kept = visitor.form(f"{path}/lessons").values
    assert (kept["note"], kept["week"]) == ("Scales", "2026-W48")


@pytest.mark.parametrize(
    ("rules", "starts_at", "words"),
    [
        ({"weekly": weekly("monday 09:00-10:30")}, "2026-11-24T08:00:00Z", "The teacher does not offer this time."),
        ({}, "2026-11-23T08:00:30Z", "A lesson begins on a whole minute."),
        ({}, "2026-11-20T08:00:00Z", "This time has passed."),
        ({}, "2026-11-23T15:30:00Z", "There is another lesson of yours at this time."),
        ({}, "tomorrow", "Give an RFC 3339 time"),
        ({}, "", "Please choose a time."),
        ({}, "other", "Please choose a day."),
    ],
)
def test_a_choice_that_cannot_be_booked_is_refused_beside_the_times(
    visit: Visit, world: World, teacher: Person, student: Person, rules: dict[str, Any], starts_at: str, words: str
) -> None:
    path = gig_with(world, teacher, rules)
    world.booking(student, world.gig(world.teacher()), starts_at="2026-11-23T15:00:00Z")
    visitor = visit(student).open(path)

    visitor.send(f"{path}/lessons", starts_at=starts_at, note="Keep this.")

    assert (visitor.status, words in visitor.text) == (422, True), visitor.text
    assert visitor.form(f"{path}/lessons").values["note"] == "Keep this."
    assert count_bookings(world.app) == 1


def test_without_windows_any_minute_can_be_typed(visit: Visit, world: World, student: Person) -> None:
    path = f"/gigs/{world.gig(world.teacher(name='Ada Marlowe'))['id']}"
    visitor = visit(student).open(path)
    assert "Tuesday 24 November 00:00 00:30" in visitor.open(f"{path}?week=2026-W48").text

    visitor.send(f"{path}/lessons", starts_at="other", date="2026-11-24", time="16:07")

    assert "You asked Ada Marlowe for Tue 24 Nov, 16:07–16:52 (Berlin)." in visitor.text


def test_a_time_of_the_list_counts_even_if_another_was_typed_before(
    visit: Visit, world: World, student: Person
) -> None:
    path = f"/gigs/{world.gig(world.teacher())['id']}"

    visitor = visit(student).open(path)
    visitor.send(f"{path}/lessons", starts_at="2026-11-24T15:00:00Z", date="2026-11-99", time="16:07")

    assert student.get("/api/bookings").json["data"][0]["starts_at"] == "2026-11-24T15:00:00Z"


@pytest.mark.parametrize("week", ["2026-W99", "2026-W00", "2019-W01", "2099-W01", "9999-W53", "x", "2026-W4٨"])
def test_a_week_that_makes_no_sense_is_the_first_one(
    visit: Visit, world: World, teacher: Person, clock: FakeClock, week: str
) -> None:
    path = gig_with(world, teacher, {"weekly": weekly("monday 09:00-10:30")})

    assert "23–29 November" in visit().open(f"{path}?week={week}").text


def test_who_applies_for_a_place_chooses_no_time(visit: Visit, world: World, teacher: Person) -> None:
    visitor = visit().open(gig_with(world, teacher, {}, enrolment="application"))

    assert "You apply for a place, and" in visitor.text
    assert visitor.actions == []


def open_day(visitor: Visitor) -> str:
    """The day whose times are in sight."""
    found = re.search(r'name="day" id="[^"]+" value="([^"]+)" checked', visitor.answer.text)
    return found[1] if found else ""


def test_a_day_is_opened_by_its_date_and_otherwise_the_first_free_one(
    visit: Visit, world: World, teacher: Person
) -> None:
    path = gig_with(world, teacher, {"weekly": weekly("monday 09:00-10:30", "thursday 09:00-10:30")})

    days = [open_day(visit().open(path + query)) for query in ("", "?day=2027-01-14", "?day=2027-01-13", "?day=x")]

    assert days == ["2026-11-23", "2027-01-14", "2027-01-11", "2026-11-23"]
    assert "11–17 January 2027" in visit().open(f"{path}?day=2027-01-14").text


def test_the_chosen_time_is_repeated_beside_the_button(visit: Visit, world: World, teacher: Person) -> None:
    path = gig_with(world, teacher, {"weekly": weekly("monday 09:00-10:30")}, price_cents=4000)

    unchosen, chosen = visit().open(path).text, visit().open(f"{path}?starts_at=2026-11-23T08:45:00Z").text

    assert "The time chosen above, for €40 Ask for this lesson" in unchosen
    assert "Mon 23 Nov, 09:45–10:30 · €40 Ask for this lesson" in chosen


def test_a_teacher_who_is_away_says_until_when(visit: Visit, world: World, teacher: Person) -> None:
    off = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-18T00:00:00Z"}
    path = gig_with(world, teacher, {"weekly": weekly("monday 09:00-10:30"), "time_off": [off]})

    assert "Ada is away until Fri 18 Dec." in visit().open(path).text
    teacher.put(AVAILABILITY, ANY_TIME)
    assert "is away" not in visit().open(path).text


def test_a_series_can_be_given_its_last_day(visit: Visit, world: World, teacher: Person, student: Person) -> None:
    path = gig_with(world, teacher, {"weekly": weekly("monday 09:00-10:30")})
    visitor = visit(student).open(path)

    visitor.send(f"{path}/lessons", starts_at="2026-11-23T08:00:00Z", until="2026-12-14")

    assert "4 lessons, one every week" in visitor.text
    visitor.open(path).send(f"{path}/lessons", starts_at="2026-11-23T08:00:00Z", weeks="53")
    assert "Lessons: Please enter a number from 1 to 52." in visitor.text


def test_a_visitor_chooses_a_time_zone_and_keeps_it_when_registering(
    visit: Visit, world: World, teacher: Person
) -> None:
    path = gig_with(world, teacher, {"weekly": weekly("monday 09:00-10:30")})
    visitor = visit().open(f"/time-zone?time_zone=America%2FNew_York&next={path}")

    assert "Times of New York." in visitor.text
    assert "Monday 23 November 03:00 03:45" in visitor.text
    assert visitor.open("/register").form().values["time_zone"] == "America/New_York"
    assert visitor.open("/time-zone?time_zone=Moon").status == 422

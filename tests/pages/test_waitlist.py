"""Waiting for a place in the browser, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.pages.visitor import Visitor
from tests.schedule.bodies import weekly
from tests.support.world import Person, World

Visit = Callable[..., Visitor]


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher(name="Grace Hopper")


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    return world.gig(teacher)


def test_from_a_full_time_to_the_lesson(visit: Visit, world: World, teacher: Person, gig: dict[str, Any]) -> None:
    owner, student = world.student(), world.student(name="Ben Cole")
    booking = world.booking(owner, gig)
    path = f"/gigs/{gig['id']}/waitlist"

    visitor = visit(student).open(path).send(path)
    assert "You wait for Sun 22 Nov, 10:30." in visitor.text
    assert "You wait for this time" in visitor.text
    assert "You wait for a place Sun 22 Nov, 10:30" in visitor.open("/lessons").text
    assert "Ben Cole" in visit(teacher).open(path).text

    owner.patch(f"/api/bookings/{booking['id']}", {"status": "cancelled"})
    visitor.open("/lessons")
    assert "It is kept for you until Sat 21 Nov, 12:30" in visitor.text
    assert "You wait for a place" not in visitor.text
    offer = student.get("/api/waitlist").json["data"][0]["booking_id"]
    visitor.open(f"/lessons/{offer}")
    assert "A place became free and was offered to Ben Cole" in visitor.text
    assert "Ben waited for this lesson and is offered the place." in visit(teacher).open(f"/lessons/{offer}").text

    visitor.send(f"/lessons/{offer}/offer")

    assert "The place is yours as soon as your teacher agrees." in visitor.text
    assert "Ben Cole took the place and asked for this lesson" in visitor.text
    assert "Waiting for you" in visit(teacher).open("/lessons").text


def test_an_offer_is_declined_where_it_is_shown(visit: Visit, world: World, gig: dict[str, Any]) -> None:
    owner, student = world.student(), world.student()
    booking = world.booking(owner, gig)
    student.post("/api/waitlist", {"gig_id": gig["id"], "starts_at": world.at(days=1)})
    owner.patch(f"/api/bookings/{booking['id']}", {"status": "cancelled"})
    offer = student.get("/api/waitlist").json["data"][0]["booking_id"]

    visitor = visit(student).open("/lessons").send(f"/lessons/{offer}/status", having={"status": "rejected"})

    assert "The lesson is declined." in visitor.text
    assert student.get("/api/waitlist").json["data"][0]["status"] == "declined"


def test_an_offer_says_what_it_costs_and_is_taken_at_that(visit: Visit, world: World, teacher: Person) -> None:
    owner, student, gig = world.student(), world.student(), world.gig(teacher, price_cents=1000)
    booking = world.booking(owner, gig)
    student.post("/api/waitlist", {"gig_id": gig["id"], "starts_at": world.at(days=1)})
    terms = {"price_cents": 9000, "free_cancellation_hours": 48, "late_cancellation_percent": 50}
    teacher.patch(f"/api/gigs/{gig['id']}", terms)
    owner.patch(f"/api/bookings/{booking['id']}", {"status": "cancelled"})
    offer = student.get("/api/waitlist").json["data"][0]["booking_id"]

    for path in ("/lessons", f"/lessons/{offer}"):
        visitor = visit(student).open(path)
        assert "It costs €90. Cancelling is free until 2 days before the lesson." in visitor.text
        visitor.send(f"/lessons/{offer}/offer", seen_price_cents=1000)
        assert "A lesson costs €90 for 45 minutes now" in visitor.text
    visitor.send(f"/lessons/{offer}/offer")

    assert "The place is yours as soon as your teacher agrees." in visitor.text


def test_who_waits_can_leave(visit: Visit, world: World, gig: dict[str, Any]) -> None:
    student = world.student()
    world.booking(world.student(), gig)
    entry = student.post("/api/waitlist", {"gig_id": gig["id"], "starts_at": world.at(days=1)}).json["id"]

    visitor = visit(student).open("/lessons").send(f"/waitlist/{entry}/leave")

    assert "You do not wait for this lesson any more." in visitor.text
    assert "You wait for a place" not in visitor.text


def test_a_teacher_with_windows_has_their_full_times_listed(
    visit: Visit, world: World, teacher: Person, gig: dict[str, Any]
) -> None:
    teacher.put("/api/teachers/me/availability", {"weekly": weekly("monday 09:00-10:30")})
    world.booking(world.student(), gig, starts_at="2026-11-23T08:00:00Z")

    visitor = visit(world.student()).open(f"/gigs/{gig['id']}/waitlist")

    assert "23–29 November Monday 23 November 09:00–09:45 Full" in visitor.text
    assert "09:45–10:30" not in visitor.text


def test_a_time_that_is_free_is_not_waited_for(visit: Visit, world: World, gig: dict[str, Any]) -> None:
    world.booking(world.student(), gig)
    path = f"/gigs/{gig['id']}/waitlist"
    visitor = visit(world.student()).open(path)

    visitor.send(path, starts_at=world.at(days=2))

    assert "it can be booked now" in visitor.text


def test_full_lessons_are_shown_week_by_week_and_times_between_them_are_not(
    visit: Visit, world: World, teacher: Person, gig: dict[str, Any]
) -> None:
    teacher.put("/api/teachers/me/availability", {"weekly": weekly("daily 08:00-12:00"), "slot_step_minutes": 15})
    for starts_at in ("2026-11-24T08:00:00Z", "2026-12-08T08:00:00Z"):
        world.booking(world.student(), gig, starts_at=starts_at)
    path = f"/gigs/{gig['id']}/waitlist"
    visitor = visit(world.student()).open(path)

    assert "Tuesday 24 November 09:00–09:45 Full" in visitor.text
    assert visitor.text.count("Tell me when it’s free") == 1
    assert "No lesson is full this week" in visitor.open(f"{path}?week=2026-W49").text
    assert "Tuesday 8 December 09:00–09:45 Full" in visitor.open(f"{path}?week=2026-W50").text


def test_who_finds_nothing_waits_for_any_time_that_suits(
    visit: Visit, world: World, teacher: Person, gig: dict[str, Any]
) -> None:
    teacher.put("/api/teachers/me/availability", {"weekly": weekly("monday 09:00-09:45")})
    student = world.student(name="Ben Cole")
    path = f"/gigs/{gig['id']}"
    visitor = visit(student).open(f"{path}/waitlist")

    visitor.send(f"{path}/wish", weekdays="thursday", after="17:00", until="2026-12-31")

    assert "You wait. The first such time that becomes free is kept for you for a while." in visitor.text
    assert "Thursdays from 17:00, until 31 Dec 2026" in visitor.open("/lessons").text
    assert "Thursdays from 17:00, until 31 Dec 2026" in visit(teacher).open(f"{path}/waitlist").text
    wish = student.get("/api/wishes").json["data"][0]["id"]
    visitor.send(f"/wishes/{wish}/leave")
    assert "You no longer wait for such a time." in visitor.text
    visitor.open(f"{path}/waitlist").send(f"{path}/wish", weekdays="monday", until="2026-12-31")
    assert "Such a time is free: it can be booked now." in visitor.text


def test_what_was_typed_for_a_wish_is_kept_when_it_is_refused(visit: Visit, world: World, gig: dict[str, Any]) -> None:
    path = f"/gigs/{gig['id']}"
    visitor = visit(world.student()).open(f"{path}/waitlist")

    visitor.send(f"{path}/wish", weekdays="thursday", after="17:30", until="2031-12-31")

    assert (visitor.status, visitor.text.count("Choose a day of the coming year.")) == (422, 2)
    typed = visitor.form(f"{path}/wish").values
    assert (typed["after"], typed["until"], typed["weekdays"]) == ("17:30", "2031-12-31", "thursday")

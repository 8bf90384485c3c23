"""Booking a weekly series in the browser, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.pages.visitor import Visitor
from tests.support.world import Person, World

Visit = Callable[..., Visitor]

# A Monday at 16:00 in Berlin.
MONDAY = "2026-11-30T15:00:00Z"
SECOND = "2026-12-07T15:00:00Z"


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher(name="Grace Hopper")


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    return world.gig(teacher)


def test_a_series_is_shown_before_it_is_asked_for(visit: Visit, world: World, gig: dict[str, Any]) -> None:
    visitor = visit(world.student()).open(f"/gigs/{gig['id']}")
    path = f"/gigs/{gig['id']}/lessons"

    visitor.send(path, starts_at=MONDAY, weeks=3, note="Scales first.")

    assert visitor.path.startswith(f"/gigs/{gig['id']}/series?")
    assert "Scales" not in visitor.path
    assert "All of them are free" in visitor.text
    assert "Mon 14 Dec 16:00–16:45 Free" in visitor.text
    visitor.send(f"/gigs/{gig['id']}/series", on_conflict="fail")
    assert "You asked for 3 lessons." in visitor.text
    assert "Every week, 3 lessons" in visitor.text
    assert "“Scales first.”" in visitor.text or "Scales first." in visitor.text


def test_what_is_taken_is_named_and_the_others_can_be_booked(visit: Visit, world: World, gig: dict[str, Any]) -> None:
    world.booking(world.student(), gig, starts_at=SECOND)
    visitor = visit(world.student()).open(f"/gigs/{gig['id']}/series?starts_at={MONDAY}&weeks=3")

    assert "2 of them are free." in visitor.text
    assert "Mon 7 Dec 16:00–16:45 Taken" in visitor.text
    visitor.send(f"/gigs/{gig['id']}/series", on_conflict="skip")

    assert "You asked for 2 lessons. Mon 7 Dec is left out." in visitor.text
    # Of the list it is the lesson of this page that is marked, not the last one.
    assert re.findall(r'<li aria-current="true"><strong>(\w+ \d+ \w+)', visitor.answer.text) == ["Mon 30 Nov"]


def test_who_is_not_signed_in_finds_the_series_again(visit: Visit, world: World, gig: dict[str, Any]) -> None:
    student = world.student()
    visitor = visit(None).open(f"/gigs/{gig['id']}")
    visitor.send(f"/gigs/{gig['id']}/lessons", starts_at=MONDAY, weeks=3)

    visitor.send(email=student.email, password="correct horse battery")

    assert "3 lessons, one every week" in visitor.text


def test_what_is_taken_meanwhile_is_told_and_nothing_is_booked(visit: Visit, world: World, gig: dict[str, Any]) -> None:
    visitor = visit(world.student()).open(f"/gigs/{gig['id']}/series?starts_at={MONDAY}&weeks=3")
    world.booking(world.student(), gig, starts_at=SECOND)

    visitor.send(f"/gigs/{gig['id']}/series", on_conflict="fail")

    assert "Something has been booked meanwhile" in visitor.text
    assert "2 of them are free." in visitor.text


def test_a_teacher_accepts_from_one_lesson_on(visit: Visit, world: World, teacher: Person, gig: dict[str, Any]) -> None:
    body = {"gig_id": gig["id"], "starts_at": MONDAY, "weeks": 3}
    lessons = world.student().post("/api/bookings/series", body).json["data"]
    path = f"/lessons/{lessons[1]['id']}"

    visitor = visit(teacher).open(path).send(f"{path}/series", having={"status": "accepted"})

    assert "2 lessons are agreed on." in visitor.text
    assert "Mon 30 Nov, 16:00–16:45 Waiting Mon 7 Dec, 16:00–16:45 Accepted" in visitor.text


def test_addresses_that_make_no_sense_are_refused(visit: Visit, world: World, gig: dict[str, Any]) -> None:
    visitor = visit(world.student())
    for query in ("", "?starts_at=soon&weeks=3", f"?starts_at={MONDAY}&weeks=1", f"?starts_at={MONDAY}&weeks=x"):
        assert visitor.open(f"/gigs/{gig['id']}/series{query}").status == 422
    visitor.open(f"/gigs/{gig['id']}/series?starts_at=2020-01-01T10:00:00Z&weeks=3")
    assert "Please choose another one." in visitor.text


def test_a_series_is_not_asked_for_at_another_price_than_the_page_had(
    visit: Visit, world: World, teacher: Person, gig: dict[str, Any]
) -> None:
    student = world.student()
    visitor = visit(student).open(f"/gigs/{gig['id']}/series?starts_at={MONDAY}&weeks=3")
    teacher.patch(f"/api/gigs/{gig['id']}", {"price_cents": 9000})

    visitor.send(f"/gigs/{gig['id']}/series", on_conflict="fail", note="Scales")

    assert "A lesson costs €90 for 45 minutes now" in visitor.text
    assert student.get("/api/bookings").json["data"] == []
    assert "€270 for 3 lessons" in visitor.text
    visitor.send(f"/gigs/{gig['id']}/series", on_conflict="fail")
    lessons = student.get("/api/bookings").json["data"]
    assert {(lesson["price_cents"], lesson["note"]) for lesson in lessons} == {(9000, "Scales")}

"""The directory of teachers, and finding one by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

import tags
from bookings.slots.first_times import first_free
from caching import invalidate
from database import writing
from support.queries import count_queries
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.schedule.bodies import weekly
from tests.support.world import World

Visit = Callable[..., Visitor]


def test_the_directory_lists_who_offers_something_with_the_next_free_time(visit: Visit, world: World) -> None:
    lukas = world.teacher(name="Lukas Brandt")
    world.gig(lukas, category="Music", price_cents=3000)
    # Places in it are applied for, so it has no free times itself.
    world.gig(lukas, category="Music", price_cents=3000, enrolment="application")
    world.teacher(name="Nobody Yet")

    visitor = visit().open("/teachers")

    assert "Lukas Brandt No reviews yet Music from €30 Free" in visitor.text
    assert "Nobody Yet" not in visitor.text


@pytest.mark.parametrize("number", [1, 12])
def test_the_directory_takes_as_many_statements_for_twelve_teachers_as_for_one(
    visit: Visit, world: World, number: int
) -> None:
    for _ in range(number):
        teacher = world.teacher(name="Lukas Brandt")
        for times in ("open", "open", "timetable"):
            world.gig(teacher, capacity=3, times=times)
    visitor = visit().open("/gigs")

    with count_queries() as statements:
        visitor.open("/teachers")

    assert visitor.text.count("Free ") == number
    # Subjects; teachers and what they offer; gigs, hours, lessons and sessions; holidays.
    assert len(statements) <= 8


def test_the_next_free_times_of_many_gigs_are_those_of_each(world: World, clock: FakeClock) -> None:
    start = clock().replace(minute=0, second=0, microsecond=0)
    end, gigs = start + timedelta(days=14), []
    for hours in (weekly("monday 09:00-17:00"), None, weekly("friday 10:00-12:00")):
        teacher = world.teacher(hours={"weekly": hours})
        gigs += [(teacher.id, world.gig(teacher, **more)["id"]) for more in ({}, {"enrolment": "application"})]
        choir = world.gig(teacher, capacity=2, times="timetable")
        teacher.post(f"/api/gigs/{choir['id']}/sessions", {"starts_at": "2026-11-26T19:00:00Z"})
        gigs.append((teacher.id, choir["id"]))
        world.booking(world.student(), choir, starts_at="2026-11-26T19:00:00Z")

    with world.app.app_context():
        each = [first_free([gig], start, end)[0] for gig in gigs]
        with writing() as session:
            session.connection()
            invalidate(*(tags.teacher_slots(teacher_id) for teacher_id, _ in gigs))
        together = first_free(gigs, start, end)

    assert together == each
    assert sum(time is not None for time in each) == 6


def test_the_directory_is_filtered_in_its_address(visit: Visit, world: World) -> None:
    for name, category in (("Lukas Brandt", "Music"), ("Ada Marlowe", "Chess")):
        world.gig(world.teacher(name=name), category=category)

    by_word, by_subject = visit().open("/teachers?q=lukas").text, visit().open("/teachers?q=&category=Chess").text

    assert "Lukas Brandt" in by_word
    assert "Ada Marlowe" not in by_word
    assert "Ada Marlowe" in by_subject
    assert "Lukas Brandt" not in by_subject
    assert "No teacher found" in visit().open("/teachers?q=nobody").text


def test_a_search_for_a_name_shows_the_teacher_above_their_gigs(visit: Visit, world: World) -> None:
    world.gig(world.teacher(name="Lukas Brandt"), title="Guitar")
    world.gig(world.teacher(name="Ada Marlowe"), title="Lute")

    found, by_subject = visit().open("/gigs?q=lukas").text, visit().open("/gigs?q=guitar").text

    assert "Teacher of this name LB Lukas Brandt" in found
    assert "1 gig Guitar" in found
    assert "of this name" not in by_subject
    assert "2 gigs" in visit().open("/gigs").text


def test_the_filters_are_folded_up_again_after_their_use(visit: Visit, world: World) -> None:
    world.gig(world.teacher(), category="Music")

    page = visit().open("/gigs?category=Music")

    assert '<details class="filters">' in page.answer.text
    assert "Filter and sort (1 chosen)" in page.text

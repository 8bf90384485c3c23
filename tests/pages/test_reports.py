"""The pages of reports: a teacher's figures, the school at a glance, and leaderboards."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest

from support.monitor import monitor
from support.queries import count_queries
from support.servers import RedisServer
from tests.bookings.rows import insert_booking
from tests.pages.visitor import Visitor
from tests.support.world import World

Visit = Callable[..., Visitor]


def test_a_teacher_goes_from_period_to_period(visit: Visit, world: World) -> None:
    ada = world.teacher()
    insert_booking(world.app, world.student(), world.gig(ada), world.clock(), status="completed")
    visitor = visit(ada)

    visitor.open("/reports")
    this_month = visitor.text
    anywhere = visitor.open("/").text

    assert "Reports" in anywhere
    assert all(text in this_month for text in ("How your lessons went", "Completed lessons", "Compared with before"))
    assert "16–22 Mar 2026" in visitor.open("/reports?period=week&date=2026-03-18").text
    page = visitor.open("/reports?period=quarter&date=2026-03-18")
    assert all(text in page.text for text in ("January to March 2026", "This quarter", "Earlier", "Later"))
    assert visitor.open("/reports?period=decade").status == 422
    assert visitor.open(f"/reports/teachers/{ada.id}").status == 403


def test_six_periods_come_from_the_cache_in_one_round_trip(
    visit: Visit, world: World, redis_server: RedisServer
) -> None:
    visitor = visit(world.teacher())
    visitor.open("/reports")

    with count_queries() as queries, monitor(redis_server) as commands:
        visitor.open("/reports")

    assert queries == []
    # Who is asking comes first.
    assert [command.split()[0] for command in commands] == ["MGET", "MGET"]


def test_who_runs_the_school_sees_what_needs_a_look_and_each_teacher(visit: Visit, world: World) -> None:
    ada, admin = world.teacher(), world.admin()
    world.past_lesson(world.student(), world.gig(ada), status="accepted")
    world.past_lesson(world.student(), world.gig(ada), status="accepted")
    visitor = visit(admin)

    school = visitor.open("/reports").text
    unrecorded = re.search(r'<a href="([^"]+)">2 lessons of which nobody has said how they went', visitor.answer.text)

    assert "How the school is doing" in school
    assert "The week before" in school
    assert unrecorded
    assert visitor.open(unescape(unrecorded[1])).answer.text.count("data-lesson=") == 2
    assert f"How the lessons of {ada.name} went" in visitor.open(f"/reports/teachers/{ada.id}").text
    assert visitor.open("/reports/teachers/999999").status == 404


@pytest.mark.parametrize("back", ["", "students"])
def test_a_student_is_seen_in_leaderboards_after_saying_so(visit: Visit, world: World, back: str) -> None:
    mia = world.student(name="Mia Curie")
    world.past_lesson(mia, world.gig(world.teacher()))
    other, visitor = visit(world.student()), visit(mia)
    path = "/reports/leaderboards/students?period=year"
    before = other.open(path).text

    visitor.open(path if back else "/profile")
    visitor.send("/reports/leaderboards/me")
    after = other.open(path).text

    assert ("Mia C." in before, "Mia C." in after, "Curie" in after) == (False, True, False)
    assert "Mia Curie" in visitor.open(path).text
    assert "Do not show me there any more" in visitor.open("/profile").text
    assert visitor.open("/reports").status == 403

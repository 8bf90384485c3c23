"""A gig in a frame of the school's website: who may frame it, what it shows, and that it is the same for everybody."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from support.monitor import monitor
from support.queries import count_queries
from support.servers import RedisServer
from tests.pages.visitor import Visitor
from tests.schedule.bodies import weekly
from tests.support.world import Person, World
from web.security import CONTENT_SECURITY_POLICY

Visit = Callable[..., Visitor]

SCHOOL = "https://www.school.example"
ORIGINS = (SCHOOL, "https://blog.school.example:8443")
MONDAYS = {"weekly": weekly("monday 09:00-12:00"), "slot_step_minutes": 60}


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(embed_origins=ORIGINS)


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher(name="Ada Marlowe", hours=MONDAYS)


def embedded(world: World, gig: dict[str, object]) -> TestResponse:
    return world.anyone.get(f"/embed/gigs/{gig['id']}")


def test_the_listed_websites_and_no_others_may_frame_this_page_alone(world: World, teacher: Person) -> None:
    gig = world.gig(teacher)

    framed = embedded(world, gig)
    page, missing = world.anyone.get("/gigs/1"), world.anyone.get("/embed/gigs/9")

    policy = CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {' '.join(ORIGINS)}")
    assert (framed.headers["Content-Security-Policy"], framed.headers.get("X-Frame-Options")) == (policy, None)
    for other in (page, missing):
        assert other.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert other.headers["X-Frame-Options"] == "DENY"


def test_without_a_list_no_website_may_frame_it(make_app: Callable[..., Flask], world: World, teacher: Person) -> None:
    gig = world.gig(teacher)

    answer = make_app().test_client().get(f"/embed/gigs/{gig['id']}")

    assert answer.status_code == 200
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_it_says_what_the_gig_is_and_leads_to_its_page_at_each_free_time(
    visit: Visit, world: World, teacher: Person
) -> None:
    gig = world.gig(teacher, title="Calculus", summary="Bring an exercise.", price_cents=4000, duration_minutes=60)
    world.accepted(world.student(), teacher, gig, starts_at="2026-11-23T09:00:00Z")

    page = visit().open(f"/embed/gigs/{gig['id']}")

    for words in ("Calculus", "Ada Marlowe", "€40", "for 60 minutes", "Bring an exercise.", "Next free times (Berlin)"):
        assert words in page.text
    assert "Monday 23 November 09:00–10:00" in page.text
    assert "10:00–11:00 (opens a new tab)" not in page.text.partition("Monday 30 November")[0]
    assert f'href="/gigs/{gig["id"]}?starts_at=2026-11-23T08:00:00Z" target="_blank"' in unescape(page.answer.text)


def test_who_opens_it_makes_no_difference_and_it_sets_no_cookie(visit: Visit, world: World, teacher: Person) -> None:
    gig, student = world.gig(teacher), world.student(name="Mia Lindqvist", time_zone="America/New_York")
    path = f"/embed/gigs/{gig['id']}"
    signed_in, with_zone = visit(student), visit()
    with_zone.client.set_cookie("time-zone", "Asia/Tokyo")

    answers = [each.client.get(path) for each in (visit(), signed_in, with_zone, visit(teacher))]

    assert len({answer.data for answer in answers}) == 1
    for answer in answers:
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("change", ["draft", "paused", "archived", "private"])
def test_what_is_not_published_is_not_found(world: World, teacher: Person, change: str) -> None:
    gig = world.gig(teacher, status="draft" if change == "draft" else "published")
    if change == "private":
        teacher.post(f"/api/gigs/{gig['id']}/visibility", {"visibility": change})
    elif change != "draft":
        teacher.post(f"/api/gigs/{gig['id']}/status", {"status": change})

    assert embedded(world, gig).status_code == 404
    assert teacher.get(f"/embed/gigs/{gig['id']}").status_code == 404


def test_it_is_answered_from_the_cache_and_new_with_each_change(
    world: World, teacher: Person, redis_server: RedisServer
) -> None:
    gig = world.gig(teacher, title="Calculus", duration_minutes=60)
    first = embedded(world, gig)

    with count_queries() as queries, monitor(redis_server) as commands:
        second = embedded(world, gig)
    world.booking(world.student(), gig, starts_at="2026-11-23T08:00:00Z")
    booked = embedded(world, gig)
    teacher.patch(f"/api/gigs/{gig['id']}", {"title": "Algebra"})

    assert queries == []
    # The gig says whose free times they are.
    assert [command.split()[0] for command in commands] == ["MGET", "MGET"]
    assert second.data == first.data
    assert "09:00–10:00" in second.text.partition("Monday 30")[0]
    assert "09:00–10:00" not in booked.text.partition("Monday 30")[0]
    assert "Algebra" in embedded(world, gig).text


def test_a_gig_that_students_apply_for_says_so(visit: Visit, world: World, teacher: Person) -> None:
    gig = world.gig(teacher, enrolment="application")

    page = visit().open(f"/embed/gigs/{gig['id']}")

    assert "Apply for a place" in page.text
    assert "free times" not in page.text


def test_its_teacher_finds_a_snippet_to_copy_where_a_website_is_listed(
    visit: Visit, make_app: Callable[..., Flask], world: World, teacher: Person
) -> None:
    gig = world.gig(teacher, title='Sines & "cosines"')
    path = f"/gigs/{gig['id']}"

    own = visit(teacher).open(path)
    snippet = unescape(own.answer.text.partition('aria-describedby="embed-help">')[2].partition("</textarea>")[0])

    begin = f'<iframe src="http://localhost/embed{path}" title="Sines &amp; &#34;cosines&#34; with Ada'
    assert snippet.startswith(begin)
    assert "HTML to copy" not in visit(world.student()).open(path).text
    assert "HTML to copy" not in Visitor(make_app()).sign_in(teacher).open(path).text
    teacher.post(f"/api{path}/status", {"status": "paused"})
    assert "HTML to copy" not in visit(teacher).open(path).text

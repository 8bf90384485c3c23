"""The desk of those who run the school: what needs a look, and all gigs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.world import World

Visit = Callable[..., Visitor]


@pytest.fixture
def office(visit: Visit, world: World) -> Visitor:
    """The browser of somebody in the office."""
    return visit(world.office())


def featured(world: World) -> list[int]:
    return [gig["id"] for gig in world.anyone.get("/api/gigs/featured").json["data"]]


def test_the_first_page_says_what_needs_a_look_and_nothing_when_all_is_done(
    office: Visitor, world: World, clock: FakeClock
) -> None:
    quiet = office.open("/admin").text
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher)
    world.booking(student, gig, starts_at=world.at(days=5))
    clock.advance(days=1, minutes=1)
    student, teacher = world.sign_in(student), world.sign_in(teacher)
    world.review(student, gig, rating=1)
    course = world.gig(teacher, enrolment="application")
    student.post(f"/api/gigs/{course['id']}/applications", {"message": "I would like to learn."})

    busy = office.open("/admin").text

    assert "Nothing waits for you" in quiet
    for words in ("1 request older than a day", "1 application", "1 review with one or two stars"):
        assert words in busy, words


def test_gigs_are_recommended_put_in_order_and_taken_away_again(office: Visitor, world: World) -> None:
    teacher = world.teacher()
    first, second, third = (world.gig(teacher, title=f"Gig {name}")["id"] for name in "ABC")

    for gig in (first, second, third):
        office.open("/admin/gigs").send(f"/admin/gigs/{gig}/feature", featured="true")
    office.open("/admin/gigs?filter=featured").send(f"/admin/gigs/{third}/place", having={"by": "up"})
    ordered = featured(world)
    office.send(f"/admin/gigs/{first}/feature")

    assert ordered == [first, third, second]
    assert featured(world) == [third, second]


def test_a_gig_is_archived_and_found_no_more(office: Visitor, world: World) -> None:
    gig = world.gig(world.teacher(), title="Organ")

    office.open("/admin/gigs").send(f"/admin/gigs/{gig['id']}/archive")

    assert "is archived" in office.text
    assert world.anyone.get("/api/gigs").json["data"] == []
    assert "Organ" in office.open("/admin/gigs?filter=archived").text


def test_gigs_are_found_by_words_teacher_and_status(office: Visitor, world: World) -> None:
    teacher = world.teacher(name="Grace Hopper")
    world.gig(teacher, title="Organ 100% by ear")
    world.gig(world.teacher(), title="Violin", status="draft")

    assert "Violin" not in office.open("/admin/gigs?q=100%25").text
    assert "Organ 100% by ear" in office.text
    assert "Violin" in office.open("/admin/gigs?filter=draft").text
    assert "Organ" not in office.text
    assert "Violin" not in office.open(f"/admin/gigs?teacher_id={teacher.id}").text
    assert "No gig has these words" in office.open("/admin/gigs?q=tuba").text

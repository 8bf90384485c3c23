"""The directory of teachers, and finding one by name."""

from __future__ import annotations

from collections.abc import Callable

from tests.pages.visitor import Visitor
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

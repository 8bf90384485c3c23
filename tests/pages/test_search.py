"""The page of the search: marked words, filters with counts, and what was meant."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.schedule.bodies import weekly
from tests.support.world import World


def test_the_words_that_were_looked_for_are_marked_and_nothing_else_gets_into_the_page(world: World) -> None:
    world.gig(world.teacher(), title="Piano <i>for</i> beginners", summary="Pianos & patience")

    page = world.anyone.get("/gigs?q=piano").text

    assert "<mark>Piano</mark> &lt;i&gt;for&lt;/i&gt; beginners" in page
    assert "<mark>Pianos</mark> &amp; patience" in page


def test_a_skill_that_was_looked_for_is_named_where_the_other_texts_do_not_have_it(world: World) -> None:
    world.gig(world.teacher(), title="Maths", summary="Without haste", skills=["linear algebra", "sums"])

    page = world.anyone.get("/gigs?q=algerba").text

    assert "<mark>linear algebra</mark>" in page
    assert "sums" not in page.split('id="results"')[1]


def test_a_correction_that_finds_nothing_does_not_say_that_it_is_shown(world: World) -> None:
    world.gig(world.teacher(), title="Maths", skills=["algebra"])

    page = world.anyone.get("/gigs?q=algerba+harp").text

    assert "No gig has “algerba”. It was taken for “algebra”." in page
    assert "Shown is" not in page


def test_filters_stand_beside_the_results_with_their_counts(world: World) -> None:
    teacher = world.teacher()
    for number in range(2):
        world.gig(teacher, price_cents=3000, duration_minutes=60, title=f"Piano {number}")
    world.gig(teacher, category="Art", skills=["drawing"])

    page = world.anyone.get("/gigs?q=piano").text
    narrowed = world.anyone.get("/gigs?q=piano&currency=EUR&min_hourly=30.00&max_hourly=39.99").text

    assert 'href="/gigs?q=piano&amp;category=Music">Music <span class="count">2</span>' in page
    assert "min_hourly=30.00&amp;max_hourly=39.99" in page
    assert "Drawing" not in page
    assert "2 gigs" in narrowed
    assert 'name="min_hourly" type="text" value="30.00"' in narrowed
    assert "€30–€40 an hour</a>" in re.sub("<svg.*?</svg>", "", narrowed, flags=re.DOTALL)


def test_prices_are_for_an_hour_whatever_the_lessons_length(visit: Callable[..., Visitor], world: World) -> None:
    teacher = world.teacher()
    world.gig(teacher, title="Short piano", price_cents=2000, duration_minutes=30)
    world.gig(teacher, title="Long piano", price_cents=4500, duration_minutes=90)

    visitor = visit().open("/gigs?max_hourly=35&sort=price")

    assert "Long piano" in visitor.text
    assert "Short piano" not in visitor.text
    assert "€30 an hour" in visitor.text
    assert "Remove: Up to 35.00 an hour" in visitor.text


def test_what_an_hour_costs_is_rounded_and_not_cut_off(visit: Callable[..., Visitor], world: World) -> None:
    world.gig(world.teacher(), price_cents=7600, duration_minutes=90)

    assert "€50.67 an hour" in visit().open("/gigs").text


def test_prices_in_several_currencies_are_not_compared_without_saying_so(
    visit: Callable[..., Visitor], world: World
) -> None:
    teacher = world.teacher()
    world.gig(teacher, title="Piano here")
    world.gig(teacher, title="Piano there", currency="USD")

    mixed = visit().open("/gigs?sort=price")
    chosen = visit().open("/gigs?sort=price&currency=usd")

    assert "These prices are in several currencies, which cannot be compared. Choose one: EUR USD" in mixed.text
    assert "These prices" not in visit().open("/gigs").text
    assert "These prices" not in chosen.text
    assert "Piano there" in chosen.text
    assert "Piano here" not in chosen.text


def test_a_word_with_a_typing_error_shows_what_was_meant(world: World) -> None:
    world.gig(world.teacher(), title="Algebra for all")

    page = world.anyone.get("/gigs?q=algerba").text

    assert "No gig has “algerba”. Shown is what has “algebra”." in page
    assert "<mark>Algebra</mark>" in page


def test_where_nothing_fits_the_page_counts_what_each_filter_less_would_find(world: World) -> None:
    world.gig(world.teacher(name="Zoë Müller"))

    page = world.anyone.get("/gigs?q=piano&category=Art").text
    named = world.anyone.get("/gigs?q=zoë+müller&category=Art").text

    assert 'href="/gigs?q=piano">Any subject <span class="count">1</span>' in page
    assert "Without “piano”" not in page
    assert "Teacher of this name" in " ".join(named.split())


def test_where_nothing_fits_each_word_says_what_it_finds(visit: Callable[..., Visitor], world: World) -> None:
    teacher = world.teacher()
    world.gig(teacher, title="Xylophone and marimba")
    world.gig(teacher, title="Ukulele", skills=["strumming"])
    world.gig(teacher, title="Xylofonia", status="draft")

    unknown = visit().open("/gigs?q=xylofon ukulele")
    apart = visit().open("/gigs?q=marimba ukulele")

    assert "No gig has “xylofon”. Perhaps you mean xylophone ?" in unknown.text
    assert "One of them alone finds: ukulele 1" in unknown.text
    assert "No gig has all of these words. One of them alone finds: marimba 1 ukulele 1" in apart.text
    assert "Perhaps" not in apart.text
    assert "q=xylophone+ukulele" in world.anyone.get("/gigs?q=xylofon ukulele").text


def test_a_chosen_facet_is_marked_and_can_be_taken_away(world: World) -> None:
    world.gig(world.teacher())

    page = world.anyone.get("/gigs?category=Music&q=piano").text

    marked = re.search(r'<a class="chip chip-chosen" aria-current="true" href="([^"]*)">', page)
    assert marked
    assert "category" not in marked[1]
    assert "q=piano" in marked[1]
    assert page.count('aria-current="true" href="/gigs') == 1


def test_hours_count_by_the_readers_clock(world: World, visit: Callable[..., Visitor]) -> None:
    teacher, student = world.teacher(), world.student()
    world.gig(teacher)
    # From 20:00 to 21:30 in Berlin, and from 7:00 or 8:00 in Auckland.
    hours = {"weekly": weekly("daily 20:00-21:30"), "time_zone": "Europe/Berlin"}
    assert teacher.put("/api/teachers/me/availability", hours).status_code == 200
    found = []
    for zone in ("Europe/Berlin", "Pacific/Auckland"):
        assert student.patch("/api/users/me", {"time_zone": zone}).status_code == 200
        page = visit(student).open("/gigs?part_of_day=evening").text
        found.append("Piano for beginners" in page)

    assert found == [True, False]
    assert "Any day and time" in page


def test_gigs_that_are_free_at_a_time_of_the_readers_clock_are_found(
    world: World, clock: FakeClock, visit: Callable[..., Visitor]
) -> None:
    teacher = world.teacher(time_zone="UTC", hours={"weekly": weekly("monday 17:00-18:00")})
    world.gig(teacher, title="Piano in the evening", duration_minutes=60)
    mia = world.student(time_zone="America/New_York")

    free = visit(mia).open("/gigs?q=piano&on=2026-11-23&at=12:00")
    taken = visit(mia).open("/gigs?on=2026-11-23&at=17:00")
    half = visit(mia).open("/gigs?on=2026-11-23")

    assert "Piano in the evening" in free.text
    assert "Remove: Free Mon 23 Nov, 12:00" in free.text
    assert "1 gig free Mon 23 Nov, 12:00" in free.text
    assert "Piano in the evening" not in taken.text
    assert "At any time 1" in taken.text
    assert "Please choose an hour as well." in half.text


def test_an_empty_list_without_a_filter_is_no_failure_of_redis(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    visitor = Visitor(app).open("/gigs")

    assert "Redis failed" not in caplog.text
    assert visitor.answer.status_code == 200


def test_a_chosen_day_and_part_of_it_read_as_one_says_them(world: World) -> None:
    said = {
        asked: re.findall(r"</span>([^<]*(?:mornings|Mornings|Saturdays))<svg", world.anyone.get(f"/gigs?{asked}").text)
        for asked in ("day=saturday&part_of_day=morning", "day=saturday", "part_of_day=morning")
    }

    assert [*said.values()] == [["Saturday mornings"], ["Saturdays"], ["Mornings"]]

"""The page of the search: marked words, filters with counts, and what was meant."""

from __future__ import annotations

from tests.support.world import World


def test_the_words_that_were_looked_for_are_marked_and_nothing_else_gets_into_the_page(world: World) -> None:
    world.gig(world.teacher(), title="Piano <i>for</i> beginners", summary="Pianos & patience")

    page = world.anyone.get("/gigs?q=piano").text

    assert "<mark>Piano</mark> &lt;i&gt;for&lt;/i&gt; beginners" in page
    assert "<mark>Pianos</mark> &amp; patience" in page


def test_filters_stand_beside_the_results_with_their_counts(world: World) -> None:
    teacher = world.teacher()
    for number in range(2):
        world.gig(teacher, price_cents=3000, duration_minutes=60, title=f"Piano {number}")
    world.gig(teacher, category="Art", skills=["drawing"])

    page = world.anyone.get("/gigs?q=piano").text
    narrowed = world.anyone.get("/gigs?q=piano&currency=EUR&min_hourly=3000&max_hourly=3999").text

    assert 'href="/gigs?q=piano&amp;category=Music">Music <span class="count">2</span>' in page
    assert "min_hourly=3000&amp;max_hourly=3999" in page
    assert "Drawing" not in page
    assert "2 gigs" in narrowed
    assert 'name="min_hourly" type="hidden" value="3000"' in narrowed


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

"""The page on which operators look at the cache."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.world import World

Visit = Callable[..., Visitor]


@pytest.fixture
def operator(visit: Visit, world: World) -> Visitor:
    """An administrator's browser, after some reads."""
    world.gig(world.teacher())
    for _ in range(3):
        world.app.test_client().get("/api/gigs")
    return visit(world.admin())


def test_what_was_read_stands_there_at_once_with_charts_and_their_tables(operator: Visitor) -> None:
    page = operator.open("/admin/cache")

    assert page.status == 200
    assert "Redis answers in" in page.text
    for title in ("Answered from memory", "Reads a minute", "Changes a minute"):
        assert title in page.text
    assert "The same as a table" in page.text
    assert "gigs" in page.text


@pytest.mark.parametrize("address", ["?span=day&order=slowest", "?order=memory", "?order=changes", "?order=hit-rate"])
def test_it_looks_back_an_hour_or_a_day_in_each_order(operator: Visitor, address: str) -> None:
    assert operator.open(f"/admin/cache{address}").status == 200


def test_a_family_is_cleared_and_the_next_reader_asks_the_database(operator: Visitor, world: World) -> None:
    before = world.app.test_client().get("/api/gigs").headers["X-Cache"]

    operator.open("/admin/cache").send("/admin/cache/clear", family="gigs")

    assert "are forgotten" in operator.text
    assert (before, world.app.test_client().get("/api/gigs").headers["X-Cache"]) == ("HIT", "MISS")


def test_a_family_that_does_not_exist_clears_nothing(operator: Visitor, world: World) -> None:
    operator.open("/admin/cache").send("/admin/cache/clear", family="lessons of mine")

    assert "no such family" in operator.text
    assert world.app.test_client().get("/api/gigs").headers["X-Cache"] == "HIT"


def test_without_redis_the_page_says_what_that_means(
    operator: Visitor, world: World, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = world.app.extensions["lectern-cache-store"]
    monkeypatch.setattr(type(store.breaker), "closed", False)
    store.breaker.reason = "ConnectionError: refused"

    page = operator.open("/admin/cache")

    assert (page.status, "Redis is away" in page.text, "nothing is lost or old" in page.text) == (200, True, True)
    assert "Clear it" not in page.text

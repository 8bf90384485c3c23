"""A page that is found the short way is the page that the whole list has there."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from extensions import db
from gigs.search import plan
from gigs.search.matching import in_document
from gigs.search.models import ListedGig
from gigs.search.plan import Plan
from tests.conftest import FakeClock
from tests.gigs.search.test_facets import fill
from tests.support.world import World

TITLES = (["piano"], ["piano", "algebra"], ["algebra"], ["chess", "piano"], ["beginners"], ["piano", "beginners"])
DESCRIPTIONS = ("Piano for everybody.", "Algebra and chess.", "Nothing of the kind.")
ASKED = ("piano", "piano algebra", "pia", "pianno", "algebra chess")


@pytest.fixture
def world(make_app: Callable[..., Flask], clock: FakeClock) -> World:
    """Gigs with the same words in titles and elsewhere, and no cache, because the same is asked in two ways."""
    world = World(make_app(cache_type="NullCache"), clock)
    made = product(TITLES, DESCRIPTIONS, (1500, 2500, 4000))
    fill(world, [_gig(number, *each) for number, each in enumerate(made)])
    return world


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("limit", [1, 3, 7])
def test_titles_that_have_all_words_come_before_all_others(
    world: World, monkeypatch: pytest.MonkeyPatch, asked: str, limit: int
) -> None:
    short = pages(world, limit, q=asked)

    monkeypatch.setattr(
        Plan, "_best", lambda self, most: self._scored(most, in_document(self.terms.required, self.dialect))
    )

    assert short == pages(world, limit, q=asked)
    assert len(short) > limit


@pytest.mark.parametrize("newest", [1, 5, 20, 400])
def test_the_newest_of_a_range_of_prices_are_found_among_the_newest_of_all(
    world: World, monkeypatch: pytest.MonkeyPatch, newest: int
) -> None:
    monkeypatch.setattr(plan, "NEWEST", newest)
    # The first gigs are the newest ones.
    expected = [
        number for number, each in enumerate(product(TITLES, DESCRIPTIONS, (1500, 2500, 4000)), 1) if each[2] > 2000
    ]

    assert pages(world, 4, currency="EUR", min_hourly="2001") == expected


def test_a_gig_that_a_server_of_the_version_before_takes_out_of_the_list_goes_at_once(world: World) -> None:
    with world.app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE counted_gigs SET facts = '[]' WHERE gig_id = 1"))
        left = connection.scalars(select(ListedGig.gig_id)).all()

    assert sorted(left) == list(range(2, 55))


def pages(world: World, limit: int, **asked: str) -> list[int]:
    """Return the ids of a whole list, read page by page."""
    found, cursor = [], {}
    while True:
        page = world.anyone.get("/api/gigs", query_string={**asked, **cursor, "limit": limit}).json
        found += [gig["id"] for gig in page["data"]]
        if not page["next_cursor"]:
            return found
        cursor = {"cursor": page["next_cursor"]}


def _gig(number: int, words: list[str], description: str, cents: int) -> dict[str, Any]:
    return {
        "teacher": number % 3,
        "words": words,
        "description": description,
        "category": "Music",
        "skills": [],
        "price_cents": cents,
        "duration_minutes": 60,
        "currency": "EUR",
        "status": "published",
    }

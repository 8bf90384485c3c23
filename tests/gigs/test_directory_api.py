"""The directory of teachers: what it shows of whom, and that it is never old."""

from __future__ import annotations

from typing import Any

import pytest

from support.queries import count_queries
from tests.support.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_teacher_is_listed_with_their_subjects_and_lowest_prices(world: World) -> None:
    teacher = world.teacher(name="Ada Marlowe")
    world.gig(teacher, title="Lute", category="Music", price_cents=4000)
    world.gig(teacher, title="Solfège", category="music", price_cents=3000)
    world.gig(teacher, title="Sums", category="Mathematics", price_cents=2000, currency="USD")
    world.gig(teacher, status="draft", title="Secret", category="Plans", price_cents=1)

    (shown,) = world.anyone.get("/api/teachers").json["data"]

    assert sorted(name.lower() for name in shown["subjects"]) == ["mathematics", "music"]
    prices = [{"currency": "EUR", "price_cents": 3000}, {"currency": "USD", "price_cents": 2000}]
    assert shown["price_from"] == prices
    assert sorted(gig["title"] for gig in shown["gigs"]) == ["Lute", "Solfège", "Sums"]


def test_the_directory_is_narrowed_by_names_headlines_and_gigs(world: World) -> None:
    lukas, ozge = world.teacher(name="Lukas Brandt"), world.teacher(name="Özge Straße")
    ozge.patch("/api/users/me", {"headline": "Geduldig, auch ÜBER ÄRGER hinweg"})
    world.gig(lukas, title="Guitar at night", category="Music")
    world.gig(ozge, title="Chess", category="Games")

    found = {question: _names(world, q=question) for question in ("lukas", "ÖZGE", "strasse", "über ärger", "GUITAR")}

    assert found["lukas"] == found["GUITAR"] == ["Lukas Brandt"]
    assert found["ÖZGE"] == found["strasse"] == found["über ärger"] == ["Özge Straße"]
    assert _names(world, q="lukas chess") == []
    assert _names(world, category="games") == ["Özge Straße"]


def test_every_change_is_in_the_directory_at_once(world: World) -> None:
    teacher = world.teacher(name="Lukas Brandt")
    assert _names(world, q="guitar") == []

    gig = world.gig(teacher, title="Guitar")
    assert _names(world, q="guitar") == ["Lukas Brandt"]

    teacher.patch(f"/api/gigs/{gig['id']}", {"title": "Lute", "price_cents": 1234})
    assert _names(world, q="guitar") == []
    assert world.anyone.get("/api/teachers").json["data"][0]["price_from"][0]["price_cents"] == 1234

    teacher.patch("/api/users/me", {"name": "Luke Brandt"})
    assert _names(world, q="lute") == ["Luke Brandt"]

    teacher.post(f"/api/gigs/{gig['id']}/status", {"status": "paused"})
    assert world.anyone.get("/api/teachers").json["data"][0]["gigs"] == []


def test_a_search_for_a_name_finds_the_gigs_of_its_teacher(world: World) -> None:
    lukas = world.teacher(name="Lukas Brandt")
    world.gig(lukas, title="Guitar")
    world.gig(world.teacher(name="Ada Marlowe"), title="Lute")

    assert _titles(world, q="brandt") == _titles(world, q="LUKAS guitar") == ["Guitar"]
    lukas.patch("/api/users/me", {"name": "Lukas Ünal"})
    assert _titles(world, q="brandt") == []
    assert _titles(world, q="ÜNAL") == ["Guitar"]


def test_a_page_of_the_directory_costs_two_statements_and_a_hit_none(world: World) -> None:
    for _ in range(3):
        world.gig(world.teacher())

    with count_queries() as cold:
        world.anyone.get("/api/teachers?q=number")
    with count_queries() as warm:
        world.anyone.get("/api/teachers?q=number")

    assert (len(cold), len(warm)) == (2, 0)


def _names(world: World, **filters: Any) -> list[str]:
    return [row["name"] for row in world.anyone.get("/api/teachers", query_string=filters).json["data"]]


def _titles(world: World, **filters: Any) -> list[str]:
    return [row["title"] for row in world.anyone.get("/api/gigs", query_string=filters).json["data"]]

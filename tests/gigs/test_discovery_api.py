"""What leads people to gigs: recommended, popular and similar ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from database import writing
from gigs.discovery.service import feature
from server.children import wait_until
from tests.support.races import waits_for_lock
from tests.support.world import Person, World


@pytest.fixture
def ada(world: World) -> Person:
    return world.teacher()


def ids_of(answer: Any) -> list[int]:
    return [gig["id"] for gig in answer.json["data"]]


def test_recommended_gigs_stand_in_their_order_as_long_as_they_are_public(world: World, ada: Person) -> None:
    admin = world.admin()
    first, second, draft = world.gig(ada), world.gig(ada), world.gig(ada, status="draft")
    chosen = [second["id"], draft["id"], first["id"]]
    assert ids_of(world.anyone.get("/api/gigs/featured")) == []

    assert admin.put("/api/gigs/featured", {"gig_ids": chosen}).status_code == 204

    assert ids_of(world.anyone.get("/api/gigs/featured")) == [second["id"], first["id"]]
    assert world.anyone.get("/api/gigs/featured").json["cached"] is True
    ada.post(f"/api/gigs/{draft['id']}/status", {"status": "published"})
    ada.delete(f"/api/gigs/{second['id']}")
    assert ids_of(world.anyone.get("/api/gigs/featured")) == [draft["id"], first["id"]]
    admin.put("/api/gigs/featured", {"gig_ids": []})
    assert ids_of(world.anyone.get("/api/gigs/featured")) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_gigs_that_exist_are_recommended_each_once(world: World, ada: Person) -> None:
    admin, gig = world.admin(), world.gig(ada)

    for wrong in ([gig["id"], 999], [gig["id"], gig["id"]], "1", [0]):
        assert admin.put("/api/gigs/featured", {"gig_ids": wrong}).status_code == 422

    assert ids_of(world.anyone.get("/api/gigs/featured")) == []


def test_skills_are_counted_whatever_their_capitals(world: World, ada: Person) -> None:
    world.gig(ada, skills=["Piano", "Jazz"])
    world.gig(ada, skills=["piano"])
    world.gig(ada, skills=["harp"], status="draft")

    found = world.anyone.get("/api/gigs/popular-skills").json["data"]

    assert [(skill["value"].lower(), skill["count"]) for skill in found] == [("piano", 2), ("jazz", 1)]


def test_categories_are_named_as_facets_are(world: World, ada: Person) -> None:
    world.gig(ada)

    (found,) = world.anyone.get("/api/gigs/categories").json["data"]

    assert found == {"name": "Music", "gigs": 1, "value": "Music", "count": 1}


def test_the_most_alike_gigs_come_first(world: World, ada: Person) -> None:
    gig = world.gig(ada, category="Music", skills=["piano", "jazz"])
    same_subject = world.gig(ada, category="music", skills=["harp"])
    same_skills = world.gig(ada, category="Dance", skills=["Jazz"])
    both = world.gig(ada, category="Music", skills=["Piano"])
    world.gig(ada, category="Chess", skills=["endgames"])
    world.gig(ada, category="Music", skills=["piano"], status="draft")

    found = world.anyone.get(f"/api/gigs/{gig['id']}/similar")

    assert ids_of(found) == [both["id"], same_subject["id"], same_skills["id"]]
    ada.patch(f"/api/gigs/{gig['id']}", {"category": "Dance"})
    assert ids_of(world.anyone.get(f"/api/gigs/{gig['id']}/similar"))[0] == same_skills["id"]


# SQLite has one writer at a time.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_two_choices_at_once_the_second_is_asked_for_again(world: World, ada: Person) -> None:
    admin, gig = world.admin(), world.gig(ada)

    with world.app.app_context(), ThreadPoolExecutor(1) as pool:
        with writing() as session:
            feature([gig["id"]])
            session.flush()
            late = pool.submit(admin.put, "/api/gigs/featured", {"gig_ids": [gig["id"]]})
            assert wait_until(lambda: waits_for_lock(world.app), seconds=20)

        assert late.result(20).json["type"] == "/problems/busy"

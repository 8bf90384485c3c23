"""What is typed about a gig and not saved yet, by the API."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from gigs.drafts import service
from tests.conftest import FakeClock
from tests.support.races import at_once
from tests.support.world import Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NEW = "/api/gigs/new/autosave"


def typed(version: int, **fields: Any) -> dict[str, Any]:
    return {"version": version, "fields": fields}


@pytest.fixture
def ada(world: World) -> Person:
    return world.teacher()


def path_of(gig: dict[str, Any]) -> str:
    return f"/api/gigs/{gig['id']}/autosave"


def test_what_is_typed_is_kept_as_it_is_version_by_version(world: World, ada: Person) -> None:
    gig = world.gig(ada)
    path = path_of(gig)
    nonsense = {"title": "P", "price_cents": "30,", "skills": ["a", ""], "visibility": "private", "summary": "\0"}

    first = ada.put(path, typed(0, title="Pi"))
    second = ada.put(path, typed(1, **nonsense))

    assert (first.status_code, first.json["version"], first.json["fields"]) == (200, 1, {"title": "Pi"})
    assert second.json == {"version": 2, "fields": nonsense, "saved_at": world.at(seconds=0)}
    assert ada.get(path).json == second.json
    assert ada.get(path).headers["X-Cache"] == "HIT"
    assert ada.get(f"/api/gigs/{gig['id']}").json["title"] == gig["title"]


def test_another_version_is_refused_and_told_what_is_there(world: World, ada: Person) -> None:
    path = path_of(world.gig(ada))
    ada.put(path, typed(0, title="From one page"))

    refused = ada.put(path, typed(0, title="From the other page"))

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/draft-conflict")
    assert refused.json["current"] == ada.get(path).json
    assert refused.json["current"]["fields"] == {"title": "From one page"}
    assert ada.put(path, typed(7)).status_code == 409


def test_of_two_first_versions_at_the_same_time_one_is_refused(world: World, ada: Person) -> None:
    path = path_of(world.gig(ada))

    answers = [at_once([partial(ada.put, each, typed(0, title="Organ"))] * 4) for each in (path, NEW)]

    for several in answers:
        assert sorted(answer.status_code for answer in several) == [200, 409, 409, 409]


def test_a_change_of_the_gig_deletes_what_was_typed(world: World, ada: Person) -> None:
    gig = world.gig(ada)
    ada.put(path_of(gig), typed(0, title="Organ"))
    assert ada.get(path_of(gig)).status_code == 200

    ada.patch(f"/api/gigs/{gig['id']}", {"title": "Organ for beginners"})

    assert ada.get(path_of(gig)).status_code == 404
    # A page that still shows the version from before learns that it is gone.
    late = ada.put(path_of(gig), typed(1, title="Late"))
    assert (late.status_code, late.json["current"]) == (409, {"version": 0, "fields": {}, "saved_at": None})


@on_sqlite
def test_what_was_typed_about_a_new_gig_is_its_teachers_own(world: World, ada: Person) -> None:
    grace = world.teacher()

    assert ada.get(NEW).status_code == 404
    assert ada.put(NEW, typed(0, title="Harp")).json["version"] == 1

    assert ada.get(NEW).json["fields"] == {"title": "Harp"}
    assert grace.get(NEW).status_code == 404
    assert ada.delete(NEW).status_code == 204
    assert ada.get(NEW).status_code == 404


@on_sqlite
def test_discarding_it_leaves_the_gig_alone_and_can_be_repeated(world: World, ada: Person) -> None:
    gig = world.gig(ada)
    ada.put(path_of(gig), typed(0, title="Organ"))

    for _ in range(2):
        assert ada.delete(path_of(gig)).status_code == 204

    assert ada.get(path_of(gig)).status_code == 404
    assert ada.get(f"/api/gigs/{gig['id']}").json == gig


@on_sqlite
@pytest.mark.parametrize(
    "body",
    [
        {"version": 0},
        {"version": "0", "fields": {}},
        {"version": -1, "fields": {}},
        {"version": 0, "fields": []},
        {"version": 0, "fields": {"status": "published"}},
        {"version": 0, "fields": {"title": "x" * 65_600}},
        {"version": 0, "fields": {}, "more": 1},
    ],
)
def test_what_is_not_a_few_fields_of_a_gig_is_refused(world: World, ada: Person, body: dict[str, Any]) -> None:
    gig = world.gig(ada)

    assert ada.put(path_of(gig), body).status_code == 422

    assert ada.get(path_of(gig)).status_code == 404


@on_sqlite
def test_what_is_nested_too_deeply_is_refused(world: World, ada: Person) -> None:
    gig = world.gig(ada)
    deep = '{"version": 0, "fields": {"title": ' + "[" * 500 + "]" * 500 + "}}"

    answer = ada.put(path_of(gig), data=deep, headers={"Content-Type": "application/json"})

    assert answer.status_code == 422


@on_sqlite
def test_an_archived_gig_takes_nothing_more(world: World, ada: Person) -> None:
    gig = world.gig(ada, status="archived")

    assert ada.put(path_of(gig), typed(0, title="Organ")).status_code == 409


@on_sqlite
def test_what_nobody_comes_back_to_goes_after_thirty_days(world: World, ada: Person, clock: FakeClock) -> None:
    gig = world.gig(ada)
    ada.put(path_of(gig), typed(0, title="Organ"))
    clock.advance(days=1)
    world.sign_in(ada).put(NEW, typed(0, title="Harp"))
    clock.advance(days=29, minutes=1)
    ada = world.sign_in(ada)
    assert ada.get(path_of(gig)).status_code == 200

    with world.app.app_context():
        service.tidy_up(clock())

    assert ada.get(path_of(gig)).status_code == 404
    assert ada.get(NEW).json["fields"] == {"title": "Harp"}


@on_sqlite
def test_a_teachers_list_can_be_narrowed_to_several_states(world: World, ada: Person) -> None:
    draft, paused = world.gig(ada, status="draft"), world.gig(ada, status="published")
    ada.post(f"/api/gigs/{paused['id']}/status", {"status": "paused"})
    world.gig(ada)

    both = ada.get("/api/gigs/mine?status=draft&status=paused").json["data"]
    drafts = ada.get("/api/gigs/my-drafts").json["data"]

    assert [gig["id"] for gig in both] == [paused["id"], draft["id"]]
    assert [gig["id"] for gig in drafts] == [draft["id"]]

"""What people have looked at and searched for: noted beside the read, written down later."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DataError

from caching import BoundRead, cache
from caching.reads import answer_together
from database import reading
from gigs import queries
from gigs.traces import notebook, service
from gigs.traces.models import GigView, RecentGig, Search
from support.queries import count_queries, recorded_queries
from tests.conftest import FakeClock
from tests.support.world import Person, World

RECENT, HISTORY = "/api/gigs/recently-viewed", "/api/gigs/search-history"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def written(world: World) -> None:
    """Let the process write down what it has noted."""
    with world.app.app_context():
        notebook.write_down()


def views(world: World) -> int:
    with world.app.app_context(), reading() as connection:
        return connection.scalar(select(func.count()).select_from(GigView)) or 0


def look(reader: Person | FlaskClient, gig: dict[str, Any]) -> None:
    assert reader.get(f"/api/gigs/{gig['id']}").status_code == 200


def searches(person: Person) -> list[str]:
    return [search["q"] for search in person.get(HISTORY).json["data"]]


def test_what_one_has_looked_at_stands_there_once_the_last_first(world: World, clock: FakeClock) -> None:
    ada, mia, olga = world.teacher(), world.student(), world.student()
    first, second = world.gig(ada), world.gig(ada)
    assert mia.get(RECENT).json["data"] == []

    for gig in (first, second, first):
        look(mia, gig)
        clock.advance(seconds=1)
    written(world)

    assert [gig["id"] for gig in mia.get(RECENT).json["data"]] == [first["id"], second["id"]]
    assert mia.get(RECENT).json["cached"] is True
    assert olga.get(RECENT).json["data"] == []
    ada.patch(f"/api/gigs/{second['id']}", {"title": "Organ"})
    ada.delete(f"/api/gigs/{first['id']}")
    assert [gig["title"] for gig in mia.get(RECENT).json["data"]] == ["Organ"]
    assert mia.delete(RECENT).status_code == 204
    assert mia.get(RECENT).json["data"] == []


@on_sqlite
def test_looking_at_a_gig_writes_nothing_by_itself(world: World) -> None:
    ada, mia = world.teacher(), world.student()
    gig = world.gig(ada)
    look(mia, gig)

    with recorded_queries() as queries:
        look(mia, gig)

    assert [query.statement for query in queries] == []
    assert views(world) == 0
    written(world)
    assert views(world) == 1


def test_a_view_counts_once_for_a_person_or_an_address_and_a_day(world: World, clock: FakeClock) -> None:
    ada, mia = world.teacher(), world.student()
    gig = world.gig(ada)

    for reader in (mia, mia, world.anyone, world.anyone, ada):
        look(reader, gig)
        written(world)
    world.anyone.get(f"/api/gigs/{gig['id']}", headers={"User-Agent": "Examplebot/2.1"})
    written(world)

    assert views(world) == 2
    clock.advance(days=1)
    look(world.anyone, gig)
    written(world)
    assert views(world) == 3


@on_sqlite
def test_only_the_last_fifty_are_kept(world: World, clock: FakeClock) -> None:
    ada, mia = world.teacher(), world.student()
    with world.app.app_context():
        gigs = [world.gig(ada, status="draft")["id"] for _ in range(3)]
        for number in range(52):
            notebook.note_search(mia.id, f"piano {number}", now=clock())
            clock.advance(seconds=1)
        notebook.note_view(gigs[0], user_id=mia.id, address="", now=clock())
        notebook.note_view(999, user_id=mia.id, address="", now=clock())
    written(world)

    found = searches(mia)

    assert (len(found), found[0], found[-1]) == (50, "piano 51", "piano 2")


def test_searches_are_there_once_and_can_be_deleted(world: World, clock: FakeClock) -> None:
    mia, olga = world.student(), world.student()
    for words in ("piano", "Für Elise", "Piano", " "):
        mia.get("/api/gigs", query_string={"q": words})
        clock.advance(seconds=1)
    mia.get("/api/gigs")
    olga.get("/api/gigs?q=harp")
    world.anyone.get("/api/gigs?q=organ")
    written(world)

    assert searches(mia) == ["Piano", "Für Elise"]
    assert searches(olga) == ["harp"]
    first = mia.get(HISTORY).json["data"][0]["id"]
    assert olga.delete(f"{HISTORY}/{first}").status_code == 404
    assert mia.delete(f"{HISTORY}/{first}").status_code == 204
    assert searches(mia) == ["Für Elise"]
    assert mia.delete(HISTORY).status_code == 204
    assert searches(mia) == []
    assert searches(olga) == ["harp"]


def test_a_search_that_somebody_else_has_cached_is_noted_as_well(world: World) -> None:
    mia, olga = world.student(), world.student()

    for person in (mia, olga, olga):
        person.get("/api/gigs?q=harp")
    written(world)

    assert searches(mia) == searches(olga) == ["harp"]


@on_sqlite
def test_searches_are_not_kept_for_who_does_not_want_it(world: World) -> None:
    mia = world.student()
    assert mia.get("/api/users/me").json["keeps_searches"] is True
    mia.get("/api/gigs?q=harp")
    written(world)

    assert mia.patch("/api/users/me", {"keeps_searches": False}).json["keeps_searches"] is False
    mia.get("/api/gigs?q=organ")
    written(world)

    assert searches(mia) == []


@on_sqlite
def test_what_cannot_be_written_is_written_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, mia = world.teacher(), world.student()
    look(mia, world.gig(ada))

    def fail(_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr("gigs.traces.service.write_down", fail)
        with pytest.raises(ConnectionError):
            written(world)

    written(world)
    assert views(world) == 1


@on_sqlite
def test_a_closed_account_leaves_no_traces_of_its_own(world: World) -> None:
    ada, mia = world.teacher(), world.student()
    look(mia, world.gig(ada))
    mia.get("/api/gigs?q=piano")
    written(world)

    world.operator("accounts", "deactivate", mia.email)

    with world.app.app_context(), reading() as connection:
        left = [connection.scalar(select(func.count()).select_from(table)) for table in (RecentGig, Search)]
    assert left == [0, 0]
    assert views(world) == 1


@on_sqlite
def test_what_is_no_search_is_not_noted(world: World) -> None:
    mia = world.student()

    assert mia.get("/gigs?q=a%00b").status_code == 422
    written(world)

    assert searches(mia) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_no_database_takes_keeps_nothing_back(world: World, clock: FakeClock) -> None:
    ada, mia = world.teacher(), world.student()
    with world.app.app_context():
        notebook.note_search(mia.id, "a\0b", now=clock())
    with pytest.raises(DataError):
        written(world)

    look(mia, world.gig(ada))
    written(world)

    assert views(world) == 1


@on_sqlite
def test_all_views_go_that_no_statistics_show(world: World, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    gig = world.gig(world.teacher())
    monkeypatch.setattr(service, "BATCH", 2)
    long_ago = clock() - service.VIEWS_KEPT_FOR - timedelta(days=1)
    with world.app.app_context():
        service.write_down([service.Looked(gig["id"], f"viewer {number}", None, long_ago) for number in range(5)])

        service.tidy_up(clock())

    assert views(world) == 0


def test_gigs_that_are_not_cached_are_read_together(world: World) -> None:
    ada, mia = world.teacher(), world.student()
    gigs = [world.gig(ada) for _ in range(5)]
    for each in gigs:
        look(mia, each)
    written(world)
    ada.patch("/api/users/me", {"name": "Ada King"})
    mia.get("/api/users/me")

    with count_queries() as cold:
        first = mia.get(RECENT).json
    with count_queries() as warm:
        second = mia.get(RECENT).json

    assert (len(cold), warm) == (3, [])
    assert first["data"] == second["data"]
    assert {each["id"] for each in second["data"]} == {each["id"] for each in gigs}


@on_sqlite
def test_a_gig_that_changes_while_it_is_read_with_others_is_not_kept_as_it_was(world: World) -> None:
    ada = world.teacher()
    gig_id = world.gig(ada)["id"]

    def load(connection: Connection, reads: list[BoundRead]) -> list[object]:
        found = queries.whole(connection, [gig_id])
        ada.patch(f"/api/gigs/{gig_id}", {"title": "Organ"})
        return [found[gig_id]]

    with world.app.app_context():
        ada.patch("/api/users/me", {"name": "Ada King"})
        before = answer_together(cache.look_up(queries.gig.at(gig_id)), load)[0].json()
        after = queries.gig(gig_id).json()

    assert (before["title"] == "Organ", after["title"]) == (False, "Organ")

"""Warming: what is warm afterwards, for whom, how fast, and who can see how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from caching import BoundRead, warming
from caching.store import Store, current_store
from server.children import wait_until
from support.servers import RedisServer
from tests.caching.conftest import Probe
from tests.support.world import Person, World


@pytest.fixture
def store(app: Flask) -> Iterator[Store]:
    with app.app_context():
        store = current_store()
        assert store is not None
        yield store


def cold(world: World) -> None:
    world.operator("cache", "clear")


def state(person: Person, path: str) -> str:
    return person.get(path).headers["X-Cache"]


def test_what_everybody_asks_for_first_is_warm(world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    cold(world)

    world.operator("cache", "warm")

    paths = ["/api/gigs", "/api/gigs/categories", f"/api/gigs/{gig['id']}", "/api/teachers", f"/api/users/{teacher.id}"]
    assert [state(student, path) for path in paths] == ["HIT"] * 5


def test_the_most_active_peoples_lists_are_warm_and_their_own(world: World) -> None:
    teacher, student, other = world.teacher(), world.student(), world.student()
    gig = world.gig(teacher)
    mine = world.booking(student, gig)
    theirs = world.booking(other, gig, starts_at=world.at(days=2))
    cold(world)

    world.operator("cache", "warm")

    lists = {person.id: person.get("/api/bookings") for person in (teacher, student, other)}
    assert {answer.headers["X-Cache"] for answer in lists.values()} == {"HIT"}
    seen = [{booking["id"] for booking in answer.json["data"]} for answer in lists.values()]
    assert seen == [{mine["id"], theirs["id"]}, {mine["id"]}, {theirs["id"]}]


def test_a_change_makes_what_was_warmed_old(world: World) -> None:
    teacher = world.teacher()
    world.operator("cache", "warm")

    teacher.patch("/api/users/me", {"headline": "Now with violins"})

    assert world.anyone.get(f"/api/users/{teacher.id}").json["headline"] == "Now with violins"


def test_its_rate_and_its_number_are_bounded(world: World, store: Store) -> None:
    for _ in range(3):
        world.teacher()
    pauses: list[float] = []
    run = warming.Run(store, limit=2)

    run.go(pause=pauses.append)

    rows = run.progress["strategies"]
    assert all(row["done"] == row["total"] <= 2 for row in rows)
    assert pauses == [1 / warming.READS_PER_SECOND] * sum(row["done"] for row in rows)


def test_one_family_alone(world: World) -> None:
    teacher = world.teacher()
    cold(world)

    world.operator("cache", "warm", "--family", "profile")

    assert world.anyone.get(f"/api/users/{teacher.id}").headers["X-Cache"] == "HIT"
    assert world.anyone.get("/api/teachers").headers["X-Cache"] == "MISS"


def test_administrators_start_it_and_see_how_far_it_is(world: World) -> None:
    admin = world.admin()
    world.teacher()

    answer = admin.post("/api/cache/warm")

    assert answer.status_code == 202
    assert [row["name"] for row in answer.json["strategies"]] == list(warming._strategies)
    assert wait_until(lambda: _warming(admin)["state"] == "done", seconds=30)
    assert all(row["done"] == row["total"] for row in _warming(admin)["strategies"])


def test_nobody_else_may_start_it(world: World) -> None:
    assert world.anyone.post("/api/cache/warm").status_code == 401
    assert world.teacher().post("/api/cache/warm").status_code == 403


def test_there_is_no_second_run_beside_the_first(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "_go", lambda *_: None)
    warming.start(store)
    store.backend.client.set(store.prefix + warming.PROGRESS_KEY, b'{"state":"running","strategies":"of the first"}')

    assert warming.start(store)["strategies"] == "of the first"


def test_one_of_the_servers_workers_warms(
    app: Flask, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Store] = []
    monkeypatch.setattr(warming, "start", started.append)

    warming.start_with_server(app)
    warming.start_with_server(make_app())

    assert len(started) == 1


def test_a_server_without_a_cache_or_without_redis_starts_all_the_same(make_app: Callable[..., Flask]) -> None:
    warming.start_with_server(make_app(cache_type="NullCache"))
    warming.start_with_server(make_app(redis_url="unix:///nowhere/redis.sock"))


def test_a_strategy_that_fails_is_told(
    app: Flask, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(_limit: int) -> Iterator[BoundRead]:
        raise RuntimeError("the strategy stumbles")

    monkeypatch.setattr(warming, "_strategies", {"stumbling": stumble})

    warming._go(app, warming.Run(store))

    assert warming.progress() == {"state": "failed", "strategies": [{"name": "stumbling", "done": 0, "total": None}]}
    assert "the strategy stumbles" in caplog.text


class TestWithAFailingRedis:
    @pytest.fixture
    def redis_server(self, own_redis_server: RedisServer) -> RedisServer:
        return own_redis_server

    def test_it_stops(self, probe: Probe, redis_server: RedisServer, store: Store) -> None:
        run = warming.Run(store)

        redis_server.kill()
        run.go(pause=lambda _: None)

        assert run.progress["state"] == "stopped"
        assert warming.progress() is None

    def test_the_command_says_so(self, app: Flask, redis_server: RedisServer) -> None:
        redis_server.kill()

        result = app.test_cli_runner().invoke(args=["cache", "warm"])

        assert result.exit_code == 1
        assert "Redis failed" in result.output


def _warming(admin: Person) -> dict[str, Any]:
    return admin.get("/api/cache/health").json["warming"]

"""`flask cache …`, as an operator uses it: clear, families, stats, drain."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import redis
from click.testing import Result
from flask import Flask

from caching import cache, outbox
from caching.outbox import OutboxRow
from database import writing
from support.monitor import monitor
from support.servers import RedisServer
from tests.caching.conftest import Probe
from tests.conftest import FakeClock
from tests.support.world import World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def run(app: Flask, *command: str) -> Result:
    return app.test_cli_runner().invoke(args=["cache", *command])


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator[redis.Redis]:
    client = redis_server.client()
    yield client
    client.close()


def warm(world: World, *paths: str) -> None:
    for path in paths:
        world.anyone.get(path)
        assert world.anyone.get(path).headers["X-Cache"] == "HIT"


@on_sqlite
@pytest.mark.parametrize("options", [[], ["--all"]])
def test_clear_forgets_everything_of_ours_and_nothing_of_others(
    world: World, client: redis.Redis, options: list[str]
) -> None:
    warm(world, "/api/gigs", "/api/teachers")
    client.set("another program's", "key")

    result = run(world.app, "clear", *options)

    assert (result.exit_code, result.output) == (0, "Forgot 2 answers and 2 tags.\n")
    assert client.keys() == [b"another program's"]


@on_sqlite
def test_clear_walks_and_never_asks_for_all_keys_at_once(world: World, redis_server: RedisServer) -> None:
    warm(world, "/api/gigs", "/api/teachers")

    with monitor(redis_server) as commands:
        run(world.app, "clear")

    words = {command.split()[0].upper() for command in commands}
    assert "SCAN" in words
    assert words.isdisjoint({"KEYS", "FLUSHDB", "FLUSHALL"})


@on_sqlite
def test_clear_one_family(world: World) -> None:
    warm(world, "/api/gigs", "/api/teachers")

    run(world.app, "clear", "--family", "gigs")

    states = [world.anyone.get(path).headers["X-Cache"] for path in ("/api/gigs", "/api/teachers")]
    assert states == ["MISS", "HIT"]


@on_sqlite
def test_clear_one_person(world: World) -> None:
    one, other = world.teacher(), world.teacher()
    warm(world, f"/api/users/{one.id}", f"/api/users/{other.id}")

    run(world.app, "clear", "--user", str(one.id))

    states = [world.anyone.get(f"/api/users/{person.id}").headers["X-Cache"] for person in (one, other)]
    assert states == ["MISS", "HIT"]


@on_sqlite
@pytest.mark.parametrize(
    "options",
    [
        ["clear", "--family", "nonsense"],
        ["clear", "--user", "0"],
        ["clear", "--user", "1", "--all"],
        ["warm", "--family", "nonsense"],
        ["warm", "--limit", "0"],
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(world: World, options: list[str]) -> None:
    warm(world, "/api/gigs")

    assert run(world.app, *options).exit_code == 2
    assert world.anyone.get("/api/gigs").headers["X-Cache"] == "HIT"


@on_sqlite
def test_families_are_listed(app: Flask) -> None:
    lines = run(app, "families").output.splitlines()

    assert lines[0].split() == ["family", "TTL", "s", "tag", "query"]
    assert len(lines) == 1 + len(cache.families)
    assert any(line.split() == ["gig", "3600", "gig:gig_id", "gig", "gigs.queries.gig"] for line in lines)


def test_stats_show_families_memory_and_what_waits(world: World) -> None:
    warm(world, "/api/gigs")

    output = run(world.app, "stats").output

    row = next(line.split() for line in output.splitlines() if line.startswith("gigs "))
    assert row[-1] == "1"
    assert "256.00M" in output
    assert "waiting in the outbox: 0." in output


def test_stats_show_alerts(world: World, client: redis.Redis) -> None:
    used = client.info("memory")["used_memory"]
    client.config_set("maxmemory", used + used // 20)

    output = run(world.app, "stats").output
    client.config_set("maxmemory", "256mb")

    assert "ALERT memory" in output


def test_drain_announces_what_waits(probe: Probe, clock: FakeClock) -> None:
    probe.read()
    with probe.app.app_context(), writing() as session:
        session.add(OutboxRow(owner=probe.tag.owner, name=probe.tag.name, mark="left over", created_at=clock()))

    result = run(probe.app, "drain")

    assert (result.exit_code, result.output) == (0, "Announced 1 changes.\n")
    assert probe.answer().state == "MISS"


def test_drain_keeps_what_redis_refuses(make_app: Callable[..., Flask], probe: Probe, clock: FakeClock) -> None:
    alone = make_app(redis_url="redis://:secret@127.0.0.1:1/0")
    with probe.app.app_context(), writing() as session:
        session.add(OutboxRow(owner=probe.tag.owner, name=probe.tag.name, mark="left over", created_at=clock()))

    result = run(alone, "drain")

    assert result.exit_code == 1
    assert "127.0.0.1:1" in result.output
    assert "secret" not in result.output
    with probe.app.app_context():
        assert outbox.depth() == 1


@on_sqlite
@pytest.mark.parametrize("command", ["clear", "stats", "drain", "warm", "doctor"])
def test_without_a_cache_every_command_says_so(make_app: Callable[..., Flask], command: str) -> None:
    result = run(make_app(cache_type="NullCache"), command)

    assert result.exit_code == 1
    assert "turned off" in result.output


@on_sqlite
@pytest.mark.parametrize("command", ["clear", "stats"])
def test_without_redis_commands_end_with_one_line(make_app: Callable[..., Flask], command: str) -> None:
    result = run(make_app(redis_url="unix:///nowhere/redis.sock"), command)

    assert result.exit_code == 1
    assert "Is the server running?" in result.output.splitlines()[-1]

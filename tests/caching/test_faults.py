"""Redis dies, freezes, fills up, comes back different, lies: nobody gets an error, and nobody sees the past."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from flask import Flask

from caching import outbox
from caching.outbox import OutboxRow
from database import writing
from server.background import announce_what_waits
from support.servers import RedisServer
from tests.caching.conftest import Probe
from tests.conftest import FakeClock
from tests.support.world import World

# What a machine that is busy with other things may need; nothing below waits longer than it must.
PATIENCE = 20


@pytest.fixture
def redis_server(own_redis_server: RedisServer) -> RedisServer:
    """A server that the test may mistreat, in place of the common one."""
    return own_redis_server


@pytest.fixture(autouse=True)
def patience_with_redis() -> None:
    """Keep the time limits of production: that a slow server is given up is what is tested."""


@pytest.fixture(autouse=True)
def long_lease(short_lease: None) -> None:
    """Let leases run out: how processes get along without Redis is what is tested."""


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator[redis.Redis]:
    with redis_server.client() as client:
        yield client


def healed(probe: Probe) -> bool:
    return probe.store.breaker.wait_until_closed(PATIENCE)


def waiting(probe: Probe) -> int:
    with probe.app.app_context():
        return outbox.depth()


def test_a_killed_redis_costs_no_answer_and_no_change(probe: Probe, redis_server: RedisServer) -> None:
    probe.read()
    redis_server.kill()

    assert probe.answer().state == "BYPASS"
    probe.write("new")
    assert probe.read() == "new"
    assert waiting(probe) == 1


def test_a_paused_redis_costs_no_answer_and_no_change(probe: Probe, client: redis.Redis) -> None:
    probe.read()
    client.client_pause(1500, all=True)

    assert probe.answer().state == "BYPASS"
    probe.write("new")

    assert probe.read() == "new"
    assert healed(probe)
    assert probe.read() == "new"
    assert waiting(probe) == 0


def test_whatever_is_evicted_nobody_sees_the_past(probe: Probe, redis_server: RedisServer, client: redis.Redis) -> None:
    redis_server.config_set("maxmemory-policy", "allkeys-random")
    redis_server.config_set("maxmemory", int(client.info("memory")["used_memory"]) + 1_000_000)

    for number in range(100):
        # What others store pushes out at random what is there: tokens, marks, values.
        for other in range(4):
            client.set(f"other:{number}:{other}", b"x" * 50_000)
        probe.write(str(number))
        assert probe.read() == probe.read() == str(number)

    assert client.info("stats")["evicted_keys"] > 0


def test_what_a_dead_redis_missed_reaches_it_before_it_is_trusted_again(
    probe: Probe, redis_server: RedisServer, client: redis.Redis
) -> None:
    probe.read()
    client.save()
    redis_server.kill()
    probe.write("new")

    redis_server.start()

    assert healed(probe)
    assert waiting(probe) == 0
    assert probe.read() == "new"


def test_a_server_that_comes_back_with_old_memory_is_a_stranger(
    probe: Probe, make_app: Callable[..., Flask], redis_server: RedisServer, client: redis.Redis
) -> None:
    probe.read()
    client.save()
    probe.write("new")
    redis_server.kill()
    redis_server.start()
    assert client.exists(probe.token_key), "the old token must have come back, else this test shows nothing"

    fresh = probe.at_other(make_app())

    assert fresh.read() == "new"
    assert fresh.answer().json() == "new"


def test_a_process_that_kept_its_connections_notices_the_stranger_too(
    probe: Probe, redis_server: RedisServer, client: redis.Redis
) -> None:
    probe.read()
    client.save()
    probe.write("new")
    redis_server.kill()
    redis_server.start()

    assert probe.read() == "new"
    assert healed(probe)
    assert probe.read() == "new"


def test_a_frozen_redis_is_left_alone_until_it_thaws(probe: Probe, redis_server: RedisServer) -> None:
    probe.read()
    redis_server.pause()

    assert probe.answer().state == "BYPASS"
    probe.write("new")
    assert probe.read() == "new"

    redis_server.resume()
    assert healed(probe)
    assert probe.read() == "new"
    assert probe.answer().state == "HIT"
    assert waiting(probe) == 0


def test_while_redis_is_known_to_fail_readers_do_not_even_try(probe: Probe, redis_server: RedisServer) -> None:
    redis_server.pause()
    probe.read()
    calls: list[object] = []

    def note(packed: object, _number: int) -> None:
        calls.append(packed)
        raise redis.TimeoutError

    vars(probe.store.server._usual)["send_packed"] = note

    probe.read()

    assert not calls
    redis_server.resume()


def test_a_full_redis_still_forgets(probe: Probe, redis_server: RedisServer) -> None:
    probe.read()
    redis_server.config_set("maxmemory-policy", "noeviction")
    redis_server.config_set("maxmemory", 1)

    probe.write("new")

    assert probe.read() == "new"
    assert probe.read() == "new"
    assert waiting(probe) == 0


def test_a_wrong_password_is_a_failure_like_any_other(probe: Probe, redis_server: RedisServer) -> None:
    probe.read()
    with redis_server.client() as operator:
        operator.config_set("requirepass", "changed")
        operator.client_kill_filter(_type="normal", skipme=True)

    assert probe.answer().state == "BYPASS"
    probe.write("new")
    assert probe.read() == "new"

    with redis.Redis.from_url(redis_server.url, password="changed") as client:
        client.config_set("requirepass", "")
    assert healed(probe)
    assert probe.read() == "new"


def test_a_read_only_redis_is_not_trusted_after_a_change(
    probe: Probe, redis_server: RedisServer, client: redis.Redis
) -> None:
    probe.read()
    client.replicaof("127.0.0.1", 1)

    probe.write("new")

    assert probe.read() == "new"
    assert probe.answer().state == "BYPASS"
    assert waiting(probe) == 1

    client.replicaof("NO", "ONE")
    assert healed(probe)
    assert probe.read() == "new"


def test_a_process_that_only_reads_stops_trusting_a_read_only_redis_at_its_next_look(
    probe: Probe, make_app: Callable[..., Flask], client: redis.Redis
) -> None:
    reader = probe.at_other(make_app())
    reader.read()
    client.replicaof("127.0.0.1", 1)
    probe.write("new")

    with reader.app.app_context():
        announce_what_waits()

    assert (reader.answer().state, reader.read()) == ("BYPASS", "new")


def test_writes_that_are_paused_hold_nobody_up(probe: Probe, client: redis.Redis) -> None:
    probe.read()
    client.execute_command("CLIENT", "PAUSE", 60_000, "WRITE")

    probe.write("new")

    assert probe.read() == "new"
    client.execute_command("CLIENT", "UNPAUSE")
    assert healed(probe)
    assert waiting(probe) == 0


def test_a_flushed_redis_costs_a_miss(probe: Probe, client: redis.Redis) -> None:
    probe.read()

    client.flushall()

    assert probe.answer().state == "MISS"
    assert probe.answer().state == "HIT"


def test_an_evicted_token_is_a_miss(probe: Probe, client: redis.Redis) -> None:
    probe.read()

    client.delete(probe.token_key)

    assert probe.answer().state == "MISS"


def test_a_new_token_is_never_an_old_one_again(probe: Probe) -> None:
    probe.read()
    probe.write("new")

    # Another reader of the same tag comes first and gives it a token.
    probe.store.server.claim_token(probe.tag)

    assert probe.read() == "new"


@pytest.mark.parametrize(
    "foreign",
    [
        b"",
        b"garbage",
        b"lectern1\0",
        pickle.dumps({"name": "evil"}),
        b'"evil"',
        b"\xff" * 10_000,
    ],
)
def test_a_foreign_value_is_a_miss(probe: Probe, client: redis.Redis, foreign: bytes) -> None:
    probe.read()
    client.set(probe.value_key, foreign)
    probe.store.kept.forget_all()

    assert probe.read() == "old"
    assert probe.answer().state == "HIT"


@pytest.mark.parametrize("damage", ["truncated", "one byte changed", "more behind it"])
def test_a_damaged_value_is_a_miss(probe: Probe, client: redis.Redis, damage: str) -> None:
    probe.read()
    sound: Any = client.get(probe.value_key)
    damaged = {
        "truncated": sound[:-1],
        "one byte changed": sound[:-2] + b"X" + sound[-1:],
        "more behind it": sound + b"X",
    }[damage]
    client.set(probe.value_key, damaged)
    probe.store.kept.forget_all()

    assert probe.read() == "old"


def test_another_persons_value_under_my_key_is_a_miss(probe: Probe, client: redis.Redis, world: World) -> None:
    other = Probe(probe.app, world.student().id)
    other.write("secret")
    other.read()
    probe.read()
    client.set(probe.value_key, client.get(other.value_key))
    probe.store.kept.forget_all()
    client.set(probe.token_key, client.get(other.token_key))

    assert probe.read() == "old"


def test_a_tag_that_holds_a_list_is_an_error_that_nobody_sees(probe: Probe, client: redis.Redis) -> None:
    client.lpush(probe.token_key, "x")

    assert probe.read() == "old"
    probe.write("new")
    assert probe.read() == "new"


def test_a_writer_who_cannot_reach_redis_leaves_word_for_the_others(
    probe: Probe, make_app: Callable[..., Flask]
) -> None:
    probe.read()
    writer = probe.at_other(make_app(redis_url="unix:///nowhere/redis.sock"))

    writer.write("new")

    assert writer.read() == "new"
    assert probe.read() == "new"
    assert waiting(probe) == 0


def test_rows_are_drained_whatever_their_order(probe: Probe, clock: FakeClock) -> None:
    announced = 0
    with probe.app.app_context():
        for number in (10, 9, 11):
            with writing() as session:
                session.add(OutboxRow(id=number, owner="probe:1", name="name", mark=str(number), created_at=clock()))
            announced += probe.store.drain()

    assert announced == 3
    assert waiting(probe) == 0


def test_rows_stay_when_redis_refuses_them(probe: Probe, redis_server: RedisServer) -> None:
    redis_server.kill()
    probe.write("new")

    with probe.app.app_context():
        assert probe.store.drain() == 0

    assert waiting(probe) == 1


def test_one_writer_does_not_end_anothers_mark(probe: Probe) -> None:
    probe.read()
    server = probe.store.server
    server.mark([probe.tag], "first")
    server.mark([probe.tag], "second")

    server.invalidate([(probe.tag, "second")])
    assert probe.answer().state == "BYPASS"

    server.invalidate([(probe.tag, "first")])
    assert probe.answer().state == "MISS"


def test_a_mark_that_nobody_ends_ends_by_itself(probe: Probe, client: redis.Redis) -> None:
    probe.read()
    probe.store.server.mark([probe.tag], "left over")

    assert 0 < client.pttl(probe.token_key) <= 15_000

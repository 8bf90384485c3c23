"""A real Redis Cluster, and processes that read and write while the slot of their keys changes its owner.

No read may show less than what was acknowledged before it began. Where the slot is on its way, or nobody has it, the
database answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import redis
from flask import Flask

from caching import connections, lease, outbox
from caching.client import connect
from caching.operations.health import redis_state
from server.children import wait_until
from support.redis_server import RedisServer
from support.servers import free_port
from tests.caching.conftest import BACKEND, Probe, program
from tests.caching.versions import Load, as_in_production, is_back_in_use, nothing_old_in
from tests.support.cluster import Cluster
from tests.support.fixtures import running

pytestmark = pytest.mark.middleware_not_compared


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """It is about Redis; one database is enough."""
    return sqlite_url


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One Cluster for all tests; each of them leaves three primaries and three replicas."""
    yield from running(Cluster)


@pytest.fixture
def redis_server(cluster: Cluster) -> Iterator[Cluster]:
    """What the applications connect to."""
    yield cluster
    cluster.restore()


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch, long_lease: None, patience_with_redis: None) -> None:
    as_in_production(monkeypatch)


@pytest.fixture
def quick_return(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a node be believed again soon after it was left: a slot that comes back finds the same identity."""
    monkeypatch.setattr(lease, "BOUNCE", timedelta(seconds=1))


@pytest.fixture
def load(probe: Probe, make_app: Callable[..., Flask]) -> Load:
    """Two processes; no request has begun yet."""
    return Load([probe, probe.at_other(make_app())])


def prefix(probe: Probe) -> str:
    return probe.store.server.prefix


def identity(node: RedisServer) -> str:
    """Name a node as a process that believes it does."""
    with node.client() as client:
        info = client.info()
    return f"{info['run_id']}/{info['master_replid']}"


def test_all_keys_of_an_installation_are_in_one_slot_on_one_node(probe: Probe, cluster: Cluster) -> None:
    probe.read()

    owner, ours = cluster.owner(prefix(probe)), f"{prefix(probe)}*"
    with owner.client() as client:
        keys = list(client.scan_iter(ours))
        slots = {client.cluster("keyslot", key.decode()) for key in keys}
    assert len(slots) == 1
    assert {probe.token_key, probe.value_key} <= {key.decode() for key in keys}
    assert probe.store.server.identity == identity(owner)
    for other in cluster.others(owner):
        with other.client() as client:
            assert [*client.scan_iter(ours)] == []


def test_a_planned_failover_and_the_way_back(load: Load, cluster: Cluster, make_app: Callable[..., Flask]) -> None:
    with load:
        for _ in range(2):
            before = load.probes[0].store.server.identity
            cluster.fail_over(prefix(load.probes[0]))
            # One that is started now knows only the new owner; the others still believe the old one.
            load.add(load.probes[0].at_other(make_app()))
            load.runs_for(20)
            cluster.wait_until_whole()
            assert is_back_in_use(load.probes)
            assert load.probes[0].store.server.identity != before

    assert nothing_old_in(load)


def test_an_owner_that_is_killed_and_comes_back(load: Load, cluster: Cluster) -> None:
    name = prefix(load.probes[0])
    with load:
        killed = cluster.owner(name)
        killed.kill()
        cluster.wait_until_replaced(name, killed)
        load.runs_for(10)
        back = is_back_in_use(load.probes)
        killed.start()
        cluster.wait_until_whole()
        load.runs_for(10)

    assert back
    assert nothing_old_in(load)


def test_a_change_that_the_next_owner_was_never_told_of(probe: Probe, cluster: Cluster) -> None:
    assert (probe.read(), probe.answer().state) == ("old", "HIT")
    name = prefix(probe)
    owner = cluster.owner(name)
    replica = cluster.replica(owner)
    cluster.cut_off(replica, owner)

    probe.write("new")
    owner.kill()
    replica.resume()
    cluster.wait_until_replaced(name, owner)

    assert is_back_in_use([probe])
    assert probe.read() == "new"


@pytest.mark.leaves_old_answers
def test_without_the_identity_of_the_slots_owner_the_next_one_is_believed(
    probe: Probe, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_for_all = probe.store.server.identity
    monkeypatch.setattr(connections, "identity_in", lambda _: one_for_all)

    with pytest.raises(AssertionError, match="old"):
        test_a_change_that_the_next_owner_was_never_told_of(probe, cluster)


def test_an_owner_that_hangs_is_left_and_what_it_says_when_it_thaws_is_not_believed(
    load: Load, cluster: Cluster
) -> None:
    name = prefix(load.probes[0])
    with load:
        hung = cluster.owner(name)
        hung.pause()
        cluster.wait_until_replaced(name, hung)
        load.runs_for(10)
        back = is_back_in_use(load.probes)
        hung.resume()
        load.runs_for(10)
        cluster.wait_until_whole()

    assert back
    assert nothing_old_in(load)
    assert is_back_in_use(load.probes)


def test_a_slot_that_moves_with_its_keys_and_back(load: Load, cluster: Cluster, quick_return: None) -> None:
    probe = load.probes[0]
    name = prefix(probe)
    with load:
        for _ in range(2):
            giver = cluster.owner(name)
            taker = cluster.others(giver)[0]
            cluster.begin_move(name, giver, taker)
            load.runs_for(5)
            # Now the tag's token is on one node and the answer on the other.
            cluster.move_keys([probe.token_key], giver, taker)
            load.runs_for(5)
            cluster.end_move(name, giver, taker)
            load.runs_for(5)
            assert is_back_in_use(load.probes)
            assert probe.store.server.identity == identity(taker)

    assert nothing_old_in(load)


def test_a_slot_that_is_taken_with_keys_left_behind(
    load: Load, cluster: Cluster, make_app: Callable[..., Flask]
) -> None:
    name = prefix(load.probes[0])
    with load:
        giver = cluster.owner(name)
        taker = cluster.others(giver)[0]
        # The giver hears of it from the others, a moment later, and answers until then.
        cluster.begin_move(name, giver, taker)
        cluster.give_away(name, taker)
        load.add(load.probes[0].at_other(make_app()))
        load.runs_for(10)
        cluster.wait_until_replaced(name, giver)
        load.runs_for(10)

    assert nothing_old_in(load)
    assert is_back_in_use(load.probes)


def test_while_keys_are_split_the_database_answers_and_changes_wait(probe: Probe, cluster: Cluster) -> None:
    probe.read()
    name = prefix(probe)
    giver = cluster.owner(name)
    taker = cluster.others(giver)[0]
    cluster.begin_move(name, giver, taker)
    cluster.move_keys([probe.token_key], giver, taker)

    probe.write("new")

    assert probe.answer().state == "BYPASS"
    assert probe.read() == "new"
    with probe.app.app_context():
        assert outbox.depth() == 1
        assert redis_state(probe.store).status == "slot-moving"
    cluster.end_move(name, giver, taker)
    assert is_back_in_use([probe])
    assert probe.read() == "new"
    with probe.app.app_context():
        assert wait_until(lambda: outbox.depth() == 0, seconds=30)


def test_all_nodes_are_away_and_come_back(load: Load, cluster: Cluster, make_app: Callable[..., Flask]) -> None:
    with load:
        for node in cluster.nodes:
            node.kill()
        load.runs_for(5)
        # One that is started while nobody answers serves from the database.
        load.add(load.probes[0].at_other(make_app()))
        load.runs_for(5)
        for node in cluster.nodes:
            node.start()
        cluster.wait_until_whole()
        load.runs_for(10)
        assert is_back_in_use(load.probes)

    assert nothing_old_in(load)


def test_an_application_whose_cluster_is_away_at_first_uses_it_when_it_comes(
    probe: Probe, cluster: Cluster, make_app: Callable[..., Flask]
) -> None:
    for node in cluster.nodes:
        node.pause()
    started = probe.at_other(make_app())

    assert started.read() == "old"

    for node in cluster.nodes:
        node.resume()
    assert is_back_in_use([started])


def test_nodes_that_nobody_named_are_asked_when_those_that_were_are_away(cluster: Cluster) -> None:
    name = "lectern:{somebody}:"
    owner = cluster.owner(name)
    named = next(node for node in cluster.nodes if node is not owner)
    with connect(f"redis+cluster://127.0.0.1:{free_port()},127.0.0.1:{named.port}", prefix=lambda: name) as client:
        client.set(f"{name}key", "1")
        client.connection_pool.disconnect()
        named.pause()
        try:
            assert wait_until(lambda: _gets(client, f"{name}key") == b"1", seconds=10)
        finally:
            named.resume()


def _gets(client: redis.Redis, key: str) -> object:
    try:
        return client.get(key)
    except redis.RedisError:
        return None


def test_the_doctor_names_what_is_wrong_with_a_cluster(app: Flask, cluster: Cluster) -> None:
    result = app.test_cli_runner().invoke(args=["cache", "doctor"])

    assert re.search("^cluster +ok", result.output, re.MULTILINE), result.output


def test_one_node_is_not_taken_for_the_whole(cluster: Cluster, make_app: Callable[..., Flask], probe: Probe) -> None:
    alone = make_app(redis_url=cluster.nodes[0].url)
    with alone.app_context():
        found = redis_state(probe.at_other(alone).store)
    result = alone.test_cli_runner().invoke(args=["cache", "doctor"])

    assert probe.at_other(alone).answer().state == "BYPASS"
    assert found.status in ("cluster-node", "ok")
    assert "redis+cluster://" in result.output


def test_clearing_forgets_what_is_on_the_owner(probe: Probe, cluster: Cluster) -> None:
    probe.read()
    assert probe.answer().state == "HIT"

    result = probe.app.test_cli_runner().invoke(args=["cache", "clear"])

    assert result.exit_code == 0, result.output
    with cluster.owner(prefix(probe)).client() as client:
        assert not list(client.scan_iter(f"{prefix(probe)}val:*"))


def test_a_program_of_its_own_keeps_all_it_stores_in_one_slot(cluster: Cluster) -> None:
    app, cache = program(CACHE_TYPE=BACKEND, CACHE_REDIS_URL=cluster.url, CACHE_KEY_PREFIX="mine:")
    with app.app_context():
        assert cache.set_many({"one": 1, "two": 2})
        assert cache.get_many("one", "two", "three") == [1, 2, None]
        with cluster.owner("{mine:}").client() as client:
            assert {b"{mine:}one", b"{mine:}two"} <= set(client.scan_iter("{mine:}*"))
        assert cache.clear()
        assert cache.get("one") is None

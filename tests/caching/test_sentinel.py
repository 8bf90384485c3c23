"""Real Sentinels, and processes that read and write while one Redis server takes the place of another.

For some ten seconds of a planned failover both servers take commands. Processes move one by one, because only a new
connection leads to the new server. No read may show less than what was acknowledged before it began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.caching.conftest import Probe
from tests.caching.versions import Load, as_in_production, is_back_in_use, nothing_old_in
from tests.support.fixtures import running
from tests.support.sentinel import Sentinels
from tests.support.world import World

pytestmark = [
    pytest.mark.middleware_not_compared,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture(scope="module")
def sentinels() -> Iterator[Sentinels]:
    """One set of servers for all tests; each of them leaves a primary and a replica."""
    yield from running(Sentinels)


@pytest.fixture
def redis_server(sentinels: Sentinels) -> Iterator[Sentinels]:
    """What the applications connect to."""
    sentinels.wait_until_whole()
    yield sentinels
    for server in sentinels.servers:
        server.resume()
        server.config_set("min-replicas-to-write", 0)


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch, long_lease: None, patience_with_redis: None) -> None:
    as_in_production(monkeypatch)


@pytest.fixture
def load(probe: Probe, make_app: Callable[..., Flask]) -> Load:
    """Two processes; no request has begun yet."""
    return Load([probe, probe.at_other(make_app())])


def test_a_planned_failover_and_the_way_back(load: Load, sentinels: Sentinels, make_app: Callable[..., Flask]) -> None:
    with load:
        for _ in range(2):
            sentinels.begin_failover()
            # One that is started now knows only the new server; the others still believe the old one.
            load.add(load.probes[0].at_other(make_app()))
            load.runs_for(25)
            sentinels.end_failover()
            load.runs_for(10)
            sentinels.wait_until_whole()

    assert nothing_old_in(load)
    assert is_back_in_use(load.probes)


def test_what_was_written_during_a_failover_is_seen_when_no_more_is_written(
    probe: Probe, sentinels: Sentinels, make_app: Callable[..., Flask]
) -> None:
    probe.read()
    sentinels.begin_failover()
    started = probe.at_other(make_app())
    started.read()

    probe.write("new")

    assert (started.read(), probe.read()) == ("new", "new")
    sentinels.end_failover()
    assert (started.read(), probe.read()) == ("new", "new")
    assert is_back_in_use([probe, started])
    assert (started.read(), probe.read()) == ("new", "new")


def test_an_old_primary_that_refuses_writes(load: Load, sentinels: Sentinels, make_app: Callable[..., Flask]) -> None:
    sentinels.primary.config_set("min-replicas-to-write", 1)
    with load:
        old = sentinels.begin_failover()
        load.add(load.probes[0].at_other(make_app()))
        load.runs_for(25)
        old.config_set("min-replicas-to-write", 0)
        sentinels.end_failover()
        load.runs_for(10)

    assert nothing_old_in(load)
    assert is_back_in_use(load.probes)


def test_a_primary_that_hangs_is_left_and_what_it_says_when_it_thaws_is_not_believed(
    load: Load, sentinels: Sentinels
) -> None:
    with load:
        hung = sentinels.primary
        hung.pause()
        sentinels.wait_until_replaced(hung)
        load.runs_for(10)
        back = is_back_in_use(load.probes[1:])
        hung.resume()
        load.runs_for(10)
        sentinels.end_failover()
        load.runs_for(10)

    assert back
    assert nothing_old_in(load)
    assert is_back_in_use(load.probes)


def test_a_primary_that_is_killed(load: Load, sentinels: Sentinels) -> None:
    with load:
        killed = sentinels.primary
        killed.kill()
        sentinels.wait_until_replaced(killed)
        load.runs_for(10)
        killed.start()
        sentinels.end_failover()
        load.runs_for(10)

    assert nothing_old_in(load)
    assert is_back_in_use(load.probes)


def test_a_sign_out_during_a_failover_ends_the_token_everywhere(
    world: World, sentinels: Sentinels, make_app: Callable[..., Flask]
) -> None:
    before, after = world.student(), world.student()
    for person in (before, after):
        assert person.get("/api/users/me").status_code == 200
    sentinels.begin_failover()
    started = make_app()

    elsewhere = started.test_client(use_cookies=False)
    assert elsewhere.get("/api/users/me", headers=before.headers).status_code == 200
    assert before.post("/api/auth/logout").status_code == 204
    assert elsewhere.post("/api/auth/logout", headers=after.headers).status_code == 204

    for _ in range(2):
        for person in (before, after):
            assert elsewhere.get("/api/users/me", headers=person.headers).status_code == 401
            assert person.get("/api/users/me").status_code == 401
        sentinels.end_failover()

"""Real Sentinels, and processes that read and write while one Redis server takes the place of another.

For some ten seconds of a planned failover both servers take commands. Processes move one by one, because only a new
connection leads to the new server. No read may show less than what was acknowledged before it began.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Self

import pytest
from flask import Flask

from caching import client, lease
from server.children import wait_until
from tests.caching.conftest import Probe
from tests.support.fixtures import running
from tests.support.sentinel import Sentinels
from tests.support.world import World

# A server that was left a moment ago is not chosen again for a while, and the way back needs that.
SECONDS = lease.BOUNCE.total_seconds() + 15.0

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
def as_in_production(monkeypatch: pytest.MonkeyPatch, long_lease: None, patience_with_redis: None) -> None:
    """Let leases run out as in production, and hanging servers be given up almost as soon."""
    monkeypatch.setattr(lease, "LEASE_SECONDS", 1.0)
    monkeypatch.setattr(lease, "WAIT_SECONDS", 1.05)
    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(client, "READ_SECONDS", 0.5)


@dataclass
class Load:
    """Requests that write versions one after the other, in turn in each process, and read them in all of them."""

    probes: list[Probe]
    acknowledged: int = 0
    reads: int = 0
    stale: list[str] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.probes[0].write("0")
        self._start(self._write)
        for number in range(len(self.probes)):
            self._read_in(number)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def add(self, probe: Probe) -> None:
        """Let another process take part."""
        self.probes.append(probe)
        self._read_in(len(self.probes) - 1)

    def runs_for(self, versions: int) -> None:
        """Go on until so many more versions were acknowledged."""
        enough = self.acknowledged + versions
        assert wait_until(lambda: self.acknowledged >= enough, seconds=SECONDS), self.failures

    def _read_in(self, number: int) -> None:
        self._start(lambda: self._read(number))

    def _write(self) -> None:
        for version in count(1):
            if self._over.wait(0.02):
                return
            self.probes[version % len(self.probes)].write(str(version))
            self.acknowledged = version

    def _read(self, number: int) -> None:
        while not self._over.wait(0.002):
            floor = self.acknowledged
            shown = int(self.probes[number].read())
            self.reads += 1
            if shown < floor:
                self.stale.append(f"process {number} showed {shown} after {floor} was acknowledged")

    def _start(self, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                self.failures.append(error)
                raise

        thread = threading.Thread(target=run)
        self._threads.append(thread)
        thread.start()


@pytest.fixture
def load(probe: Probe, make_app: Callable[..., Flask]) -> Load:
    """Two processes; no request has begun yet."""
    return Load([probe, probe.at_other(make_app())])


def is_back_in_use(probes: list[Probe]) -> bool:
    """Tell whether all processes answer from the cache, sooner or later."""
    return wait_until(lambda: all(probe.answer().state == "HIT" for probe in probes), seconds=SECONDS)


def nothing_old_in(load: Load) -> bool:
    assert load.reads > 50
    assert not load.failures
    assert not load.stale, f"{len(load.stale)} of {load.reads}, the first: {load.stale[0]}"
    return True


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

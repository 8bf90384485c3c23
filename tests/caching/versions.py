"""Requests that write numbered versions and read them, while Redis servers come and go.

No read may show less than what was acknowledged before it began.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Self

import pytest

from caching import client, lease
from server.children import wait_until
from tests.caching.conftest import Probe

# A server that was left a moment ago is not chosen again for a while, and the way back needs that.
SECONDS = lease.BOUNCE.total_seconds() + 15.0


def as_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
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


def is_back_in_use(probes: list[Probe]) -> bool:
    """Tell whether all processes answer from the cache, sooner or later."""
    return wait_until(lambda: all(probe.answer().state == "HIT" for probe in probes), seconds=SECONDS)


def nothing_old_in(load: Load) -> bool:
    """Make sure that there were reads, that none failed, and that none was old."""
    assert load.reads > 50
    assert not load.failures
    assert not load.stale, f"{len(load.stale)} of {load.reads}, the first: {load.stale[0]}"
    return True

"""Say how the cache is doing.

It is for `/health`, `/metrics`, administrators and commands. Nothing here takes longer than the client's time limits,
and while the breaker is open Redis is not asked at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from flask import current_app
from prometheus_client.samples import Sample
from redis import RedisError

from caching import outbox
from caching.metrics import Reads, cache_samples, reads_by_family
from caching.operations import alerts
from caching.store import Store, current_store
from errors import Unavailable

# What the names of errors mean to somebody who has to mend it; anything else is "down".
_WORDS = {
    "AuthenticationError": "auth",
    "AuthenticationWrongNumberOfArgsError": "auth",
    "NoPermissionError": "auth",
    "TimeoutError": "timeout",
    "ConnectionError": "refused",
    "BusyLoadingError": "loading",
    "ReadOnlyError": "read-only",
    "TwoServers": "two-servers",
    # Of a Cluster: the slot goes to another node, nobody has it, or the address names one node as if it were the whole.
    "AskError": "slot-moving",
    "MovedError": "slot-moving",
    "TryAgainError": "slot-moving",
    "ClusterDownError": "cluster-down",
    "NodeOfCluster": "cluster-node",
}


@dataclass(frozen=True, slots=True)
class RedisState:
    """The server as this process sees it.

    `ok`, `off` if caching is off, else a word for what is wrong.
    """

    status: str
    latency_ms: float | None = None
    memory_bytes: int | None = None
    memory_limit_bytes: int | None = None

    @property
    def works(self) -> bool:
        """Tell whether nothing is wrong."""
        return self.status in ("ok", "off")

    @property
    def memory_share(self) -> float | None:
        """Return the share of its memory that the server uses, or None.

        It is None if that is unknown or unbounded. Returns None if that is unknown or unbounded.
        """
        if self.memory_bytes is None or not self.memory_limit_bytes:
            return None
        return self.memory_bytes / self.memory_limit_bytes


@dataclass(frozen=True, slots=True)
class Checkup:
    """Everything at one moment."""

    redis: RedisState
    samples: Sequence[Sample]
    alerts: Sequence[alerts.Alert]

    @property
    def reads(self) -> Reads:
        """Add up the reads of all families."""
        return sum(reads_by_family(self.samples).values(), start=Reads())

    def summary(self) -> dict[str, Any]:
        """Say it in a few words, none of which gives anything away."""
        reads = self.reads
        return {
            "status": self.redis.status,
            "latency_ms": self.redis.latency_ms,
            "hits": reads.count["hit"],
            "misses": reads.total - reads.count["hit"],
            "hit_rate": reads.hit_rate,
            "alerts": [alert.name for alert in self.alerts if alert.firing],
        }


def check_up() -> Checkup:
    """Look at Redis once, at the counters of all workers, and judge them by the rules."""
    redis = redis_state(current_store())
    samples = cache_samples(Path(current_app.instance_path))
    judged = alerts.evaluate(alerts.snapshot(reads_by_family(samples), redis.memory_share, away=not redis.works))
    return Checkup(redis, samples, judged)


def redis_state(store: Store | None) -> RedisState:
    """Ask Redis how it is, unless it is known to fail."""
    if store is None:
        return RedisState("off")
    if not store.breaker.closed:
        return RedisState(word_for(store.breaker.reason.partition(":")[0]))
    client = store.backend.client
    try:
        began = perf_counter()
        client.ping()
        latency_ms = 1000 * (perf_counter() - began)
        memory = client.info("memory")
    except RedisError as error:
        return RedisState(word_for(type(error).__name__))
    return RedisState("ok", round(latency_ms, 3), memory["used_memory"], memory["maxmemory"])


def word_for(error_name: str) -> str:
    """Name what is wrong by the name of an error's class."""
    return _WORDS.get(error_name, "down")


def count_changes_waiting() -> int | None:
    """Count the changes that Redis has not been told of.

    It is None if the database does not answer. Returns None if the database does not answer.
    """
    try:
        return outbox.depth()
    except Unavailable:
        return None


def count_keys(store: Store | None) -> int | None:
    """Count all keys in Redis, or return None if it does not answer.

    Others' keys are included; it is one cheap command. Returns None if it does not answer.
    """
    if store is None or not store.breaker.closed:
        return None
    try:
        return int(store.backend.client.dbsize())
    except RedisError:
        return None

"""Check whether Redis is set up as the cache needs it: `flask cache doctor`.

There is one table of checks, and each says what to do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Literal, cast

from redis import Redis, RedisError

from caching import outbox, state
from caching.cluster import OwnersConnection, slot_of
from caching.keys import APP_PREFIX
from caching.metrics import cache_samples, tally
from caching.operations.alerts import RULES
from caching.operations.health import word_for
from caching.state import Status
from caching.store import Store
from config import metrics_folder

PINGS = 5
SLOW_MS = 5.0
MEMORY_SHARE = next(rule.threshold for rule in RULES if rule.name == "memory")


@dataclass(frozen=True, slots=True)
class Patient:
    """A server and what it says of itself.

    `config` is None where CONFIG is forbidden.
    """

    store: Store
    instance: Path
    latency_ms: float = 0.0
    info: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, str] | None = None
    # In a Redis Cluster the installation's slot.
    slot: int | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the setup.

    `finds` returns something true if there is a fault, and that stands in `advice` as {it}.
    """

    name: str
    level: Literal["warning", "problem"]
    finds: Callable[[Patient], Any]
    advice: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of the checks with one name."""

    check: str
    level: Literal["ok", "warning", "problem"]
    advice: str = ""


def _says(name: str, *bad: object) -> Callable[[Patient], Any]:
    """Find that INFO gives one of the bad values."""
    return lambda patient: patient.info[name] in bad and str(patient.info[name])


def _old_version(patient: Patient) -> Any:
    version = str(patient.info["redis_version"])
    return int(version.partition(".")[0]) < 7 and version


def _other_server(patient: Patient) -> str | None:
    """Find that another server is in use at this moment.

    One that was left long ago is none.
    """
    seen = state.read()
    mine = f"{patient.info.get('run_id')}/{patient.info.get('master_replid', '')}"
    return seen.server if seen.status == Status.IN_USE and seen.server != mine else None


def _one_node_of_several(patient: Patient) -> bool:
    return patient.info.get("redis_mode") == "cluster" and patient.slot is None


def _stands_alone(patient: Patient) -> bool:
    return patient.slot is not None and not patient.info.get("connected_slaves")


def _saves(patient: Patient) -> bool:
    return bool(patient.info["aof_enabled"] or (patient.config or {}).get("save"))


def _nearly_full(patient: Patient) -> Any:
    info = patient.info
    return info["maxmemory"] and info["used_memory"] > MEMORY_SHARE * info["maxmemory"] and info["used_memory_human"]


def _refuses_writes(patient: Patient) -> RedisError | None:
    try:
        patient.store.backend.client.set(f"{patient.store.prefix}{APP_PREFIX}doctor", "1", px=1000)
    except RedisError as error:
        return error
    return None


def _open_breakers(patient: Patient) -> int:
    return tally(cache_samples(patient.instance), "lectern_cache_open_breakers").total()


def _not_writable(patient: Patient) -> Path | None:
    folder = metrics_folder(patient.instance)
    return folder if folder.is_dir() and not os.access(folder, os.W_OK) else None


def _not_there(patient: Patient) -> Path | None:
    folder = metrics_folder(patient.instance)
    return None if folder.is_dir() else folder


# Of the checks with one name the first that finds something counts.
_POOR_ORDERS = ("allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl")
REDIS_CHECKS = (
    Check("latency", "warning", lambda patient: patient.latency_ms > SLOW_MS and patient.latency_ms,
          "Redis takes {it:.1f} ms to answer: bring it nearer or unburden it."),
    Check("version", "problem", _old_version, "Redis is {it}: install 7.0 or later, which knows SET with NX and GET."),
    Check("identity", "problem", lambda patient: not (patient.info.get("run_id") and patient.info.get("role")),
          "INFO shows no run_id or role, and without them nothing is cached: use a server that tells them."),
    Check("one server", "problem", _other_server,
          "Running processes use another Redis server than this command ({it}): give all the same REDIS_URL."),
    Check("cluster", "problem", _one_node_of_several,
          "This is one node of a Redis Cluster: let REDIS_URL begin with redis+cluster://."),
    Check("cluster", "warning", _stands_alone,
          "The node with slot {patient.slot} has no replica: while it is away, every list comes from the database."),
    Check("persistence", "warning", _saves,
          'Redis saves to disk what nobody needs again: set `save ""` and `appendonly no`.'),
    Check("persistence", "warning", lambda patient: patient.config is None,
          'CONFIG is forbidden: make sure by other means that nothing is saved to disk (`save ""`).'),
    Check("eviction", "problem", _says("maxmemory_policy", "noeviction"),
          "When Redis is full it takes nothing new ({it}): set `maxmemory-policy allkeys-lru`."),
    Check("eviction", "warning", _says("maxmemory_policy", *_POOR_ORDERS),
          "When Redis is full it may forget what is used most ({it}): set `maxmemory-policy allkeys-lru`."),
    Check("memory bound", "problem", _says("maxmemory", 0),
          "Redis may take all of the machine's memory: set `maxmemory`, for example to 256mb."),
    Check("memory", "warning", _nearly_full, "Redis uses {it}, nearly all that it may: raise `maxmemory`."),
    Check("primary", "problem", _says("role", "slave"),
          "This is a replica: let REDIS_URL name the primary, or use redis+sentinel:// or redis+cluster://."),
    Check("writable", "problem", _refuses_writes, "Redis takes no writes, so nothing can be cached: {it}."),
)  # fmt: skip
# What can be found out without Redis.
NEAR_CHECKS = (
    Check("outbox", "warning", lambda _: outbox.depth(),
          "{it} changes wait to be announced: the server does that within a second, or `flask cache drain`."),
    Check("breakers", "warning", _open_breakers, "{it} of the server's processes avoid Redis: its log says why."),
    Check("metrics", "problem", _not_writable, "{it} cannot be written to: correct its owner or its mode."),
    Check("metrics", "warning", _not_there, "{it} does not exist: no server was ever started with this folder."),
)  # fmt: skip

_UNREACHABLE = {
    "auth": "Redis refuses the password, or does not allow what is needed: correct REDIS_URL or the user's rights.",
    "timeout": "Redis does not answer in time: it is frozen or overloaded, or far away.",
    "refused": "Nobody listens there: start Redis, or correct REDIS_URL.",
    "loading": "Redis is still loading its memory from disk: wait, and turn its persistence off.",
    "slot-moving": "The school's slot moves to another node of the Cluster: wait, or use `redis-cli --cluster fix`.",
    "cluster-down": "No node of the Cluster has the school's slot: see `redis-cli --cluster check`.",
}


def examine(store: Store, instance: Path) -> Iterator[Finding]:
    """Run all checks in order.

    Of a Redis that does not answer nothing more is found out.
    """
    try:
        patient = _admit(store, instance)
    except RedisError as error:
        advice = _UNREACHABLE.get(word_for(type(error).__name__), "Redis does not answer.")
        yield Finding("reachable", "problem", f"{advice} ({error})")
        yield from run(NEAR_CHECKS, Patient(store, instance))
    else:
        yield Finding("reachable", "ok")
        yield from run((*REDIS_CHECKS, *NEAR_CHECKS), patient)


def run(checks: Iterable[Check], patient: Patient) -> Iterator[Finding]:
    """Run these checks on somebody."""
    for name, same in groupby(checks, key=lambda check: check.name):
        found = ((check, it) for check in same if (it := check.finds(patient)))
        check, it = next(found, (None, None))
        yield Finding(name, check.level, check.advice.format(it=it, patient=patient)) if check else Finding(name, "ok")


def _admit(store: Store, instance: Path) -> Patient:
    client = store.backend.client
    latency_ms = median(_ping_ms(client) for _ in range(PINGS))
    return Patient(store, instance, latency_ms, client.info(), _config(client), _slot(client))


def _slot(client: Redis) -> int | None:
    """Return the installation's slot, if the address names a Cluster."""
    pool = client.connection_pool
    is_cluster = issubclass(pool.connection_class, OwnersConnection)
    return slot_of(pool.connection_kwargs["prefix"]()) if is_cluster else None


def _ping_ms(client: Redis) -> float:
    began = perf_counter()
    client.ping()
    return 1000 * (perf_counter() - began)


def _config(client: Redis) -> Mapping[str, str] | None:
    try:
        return cast("dict[str, str]", client.config_get("save"))
    except RedisError:
        return None

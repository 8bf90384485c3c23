"""`flask cache doctor`: is Redis set up as the cache needs it? One table of small checks; each says what to do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Literal, cast

from redis import Redis, RedisError

from caching import outbox
from caching.alerts import RULES
from caching.health import word_for
from caching.keys import APP_PREFIX
from caching.metrics import cache_samples, tally
from caching.store import Store
from config import metrics_folder

Level = Literal["ok", "warning", "problem"]
PINGS = 5
SLOW_MS = 5.0
MEMORY_SHARE = next(rule.threshold for rule in RULES if rule.name == "memory")
_WHAT_TO_DO = {
    "auth": "Redis refuses the password, or does not allow what is needed: correct REDIS_URL or the user's rights.",
    "timeout": "Redis does not answer in time: it is frozen or overloaded, or far away.",
    "refused": "Nobody listens there: start Redis, or correct REDIS_URL.",
    "loading": "Redis is still loading its memory from disk: wait, and turn its persistence off.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has found, and what to do about it."""

    level: Level
    says: str
    check: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """A server that answers: what it says of itself. `config` is None where CONFIG is forbidden."""

    store: Store
    instance: Path
    latency_ms: float
    info: Mapping[str, Any]
    config: Mapping[str, str] | None


def examine(store: Store, instance: Path) -> Iterator[Finding]:
    """Run all checks in order; nothing more is found out about a Redis that does not answer."""
    try:
        patient = _admit(store, instance)
    except RedisError as error:
        says = _WHAT_TO_DO.get(word_for(type(error).__name__), "Redis does not answer.")
        yield Finding("problem", f"{says} ({error})", "reachable")
        checks = NEAR_CHECKS
        patient = Patient(store, instance, 0, {}, None)
    else:
        yield Finding("ok", "Redis answers.", "reachable")
        checks = REDIS_CHECKS | NEAR_CHECKS
    for name, check in checks.items():
        finding = check(patient)
        yield Finding(finding.level, finding.says, name)


def _admit(store: Store, instance: Path) -> Patient:
    client = store.backend.client
    latency_ms = median(_ping_ms(client) for _ in range(PINGS))
    return Patient(store, instance, latency_ms, client.info(), _config(client))


def _ping_ms(client: Redis) -> float:
    began = perf_counter()
    client.ping()
    return 1000 * (perf_counter() - began)


def _config(client: Redis) -> Mapping[str, str] | None:
    try:
        return cast("dict[str, str]", client.config_get("save"))
    except RedisError:
        return None


def _latency(patient: Patient) -> Finding:
    if patient.latency_ms > SLOW_MS:
        return Finding("warning", f"Redis takes {patient.latency_ms:.1f} ms to answer: bring it nearer or unburden it.")
    return Finding("ok", f"Redis answers within {patient.latency_ms:.1f} ms.")


def _version(patient: Patient) -> Finding:
    version = patient.info["redis_version"]
    if int(version.partition(".")[0]) < 7:
        return Finding("problem", f"Redis is {version}: install 7.0 or later, which knows SET with NX and GET.")
    return Finding("ok", f"Redis is {version}.")


def _run_id(patient: Patient) -> Finding:
    if not patient.store.backend.run_id:
        return Finding("problem", "INFO shows no run_id: without it nothing is cached. Allow INFO to the cache's user.")
    return Finding("ok", "Its run_id can be read, so a restart is noticed.")


def _persistence(patient: Patient) -> Finding:
    if patient.info["aof_enabled"]:
        return Finding("warning", "Redis writes an append-only file, which only costs time: set `appendonly no`.")
    if patient.config is None:
        return Finding("warning", 'CONFIG is forbidden: make sure that nothing is saved to disk (`save ""`).')
    if patient.config.get("save"):
        return Finding("warning", 'Redis saves snapshots to disk, which only costs time: set `save ""`.')
    return Finding("ok", "Nothing is saved to disk.")


def _eviction(patient: Patient) -> Finding:
    policy = patient.info["maxmemory_policy"]
    if policy in ("allkeys-lru", "allkeys-lfu"):
        return Finding("ok", f"When it is full it forgets what is used least ({policy}).")
    advice = "set `maxmemory-policy allkeys-lru`."
    if policy == "noeviction":
        return Finding("problem", f"When it is full it keeps nothing new (noeviction): {advice}")
    return Finding("warning", f"When it is full it may forget what is used most ({policy}): {advice}")


def _bound(patient: Patient) -> Finding:
    if not patient.info["maxmemory"]:
        return Finding("problem", "Its memory is not bounded: set `maxmemory`, for example to 256mb.")
    return Finding("ok", f"Its memory is bounded to {patient.info['maxmemory_human']}.")


def _memory(patient: Patient) -> Finding:
    used, bound = patient.info["used_memory"], patient.info["maxmemory"]
    if bound and used > MEMORY_SHARE * bound:
        return Finding("warning", f"{used / bound:.0%} of its memory is in use: raise `maxmemory`.")
    return Finding("ok", f"It uses {patient.info['used_memory_human']}.")


def _role(patient: Patient) -> Finding:
    if patient.info["role"] != "master":
        return Finding("problem", "This is a replica: point REDIS_URL to the primary, or use redis+sentinel://.")
    return Finding("ok", "It is a primary.")


def _writable(patient: Patient) -> Finding:
    client = patient.store.backend.client
    try:
        client.set(f"{APP_PREFIX}doctor", "1", px=1000)
    except RedisError as error:
        return Finding("problem", f"Redis takes no writes ({error}): nothing can be cached until it does.")
    return Finding("ok", "It takes writes.")


def _outbox(patient: Patient) -> Finding:
    waiting = outbox.depth()
    if waiting:
        advice = "the running server does that within a second; if none runs, use `flask cache drain`."
        return Finding("warning", f"{waiting} changes have not been announced to Redis: {advice}")
    return Finding("ok", "Every change has been announced.")


def _breakers(patient: Patient) -> Finding:
    number = tally(cache_samples(patient.instance), "lectern_cache_open_breakers").total()
    if number:
        return Finding("warning", f"{number} of the server's processes keep away from Redis: its log says why.")
    return Finding("ok", "No process of the server keeps away from Redis.")


def _metrics(patient: Patient) -> Finding:
    folder = metrics_folder(patient.instance)
    if not folder.is_dir():
        return Finding("warning", f"There are no counters in {folder}: no server has been started with this folder.")
    if not os.access(folder, os.W_OK):
        return Finding("problem", f"The folder {folder} cannot be written to: correct its owner or mode.")
    return Finding("ok", "The server's processes count together.")


Check = Callable[[Patient], Finding]
REDIS_CHECKS: dict[str, Check] = {
    "latency": _latency,
    "version": _version,
    "run id": _run_id,
    "persistence": _persistence,
    "eviction": _eviction,
    "memory bound": _bound,
    "memory": _memory,
    "primary": _role,
    "writable": _writable,
}
# What can be found out without Redis.
NEAR_CHECKS: dict[str, Check] = {"outbox": _outbox, "breakers": _breakers, "metrics": _metrics}

"""Warming: read what people will ask for first, before they do.

A feature names what that is, beside its queries:

    @warming.strategy("public gigs")
    def _first_pages(limit): yield gigs_page.at(...)

These are reads like any other: with explicit arguments, stamped, loaded only if the cache does not have them. How far
a run is stands in Redis, so that every process can show it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from flask import Flask, current_app
from redis import RedisError

from caching import cache
from caching.families import BoundRead
from caching.keys import APP_PREFIX
from caching.store import Store, current_store
from jsontext import dumps, loads

logger = logging.getLogger(__name__)

READS_PER_SECOND = 50
LIMIT = 100
# The server's workers start together; the first one warms. One that is started again later may do it again.
TURN_SECONDS = 60
# A run that tells nothing for so long has died; a finished one is remembered for a day.
SILENCE_SECONDS = 10
MEMORY_SECONDS = 86_400

# Below the installation's prefix.
_TURN_KEY = f"{APP_PREFIX}warming-turn"
PROGRESS_KEY = f"{APP_PREFIX}warming"

# Given how many reads are wanted at most: these reads, the most useful first.
Strategy = Callable[[int], Iterable[BoundRead]]
_strategies: dict[str, Strategy] = {}


def strategy(name: str) -> Callable[[Strategy], Strategy]:
    """Register the function below under a name that operators see."""

    def register(function: Strategy) -> Strategy:
        _strategies[name] = function
        return function

    return register


class Run:
    """One run over all strategies.

    `family` narrows it, `limit` bounds each strategy.
    """

    def __init__(self, store: Store, *, limit: int = LIMIT, family: str | None = None) -> None:
        """Announce the run.

        Nothing is read yet.
        """
        self._store = store
        self._limit = limit
        self._family = family
        self._saved_at = 0.0
        self.progress: dict[str, Any] = {
            "state": "running",
            "strategies": [{"name": name, "done": 0, "total": None} for name in _strategies],
        }
        self._save()

    def go(self, *, pause: Callable[[float], object] = time.sleep) -> None:
        """Read everything, at a bounded rate.

        Stop if Redis fails, because then nothing can be warmed.
        """
        try:
            for row, function in zip(self.progress["strategies"], _strategies.values(), strict=True):
                self._follow(row, function, pause)
            self.progress["state"] = "done" if self._store.breaker.closed else "stopped"
        except BaseException:
            self.progress["state"] = "failed"
            raise
        finally:
            self._save()

    def _follow(self, row: dict[str, Any], function: Strategy, pause: Callable[[float], object]) -> None:
        wanted = (read for read in function(self._limit) if self._family in (None, read.family.name))
        reads = list(islice(wanted, self._limit))
        row["total"] = len(reads)
        for read in reads:
            if not self._store.breaker.closed:
                return
            cache.look_up(read)[0].answer()
            row["done"] += 1
            if time.monotonic() > self._saved_at + 1:
                self._save()
            pause(1 / READS_PER_SECOND)

    def _save(self) -> None:
        self._saved_at = time.monotonic()
        seconds = SILENCE_SECONDS if self.progress["state"] == "running" else MEMORY_SECONDS
        try:
            self._store.backend.client.set(self._store.prefix + PROGRESS_KEY, dumps(self.progress), ex=seconds)
        except RedisError:
            logger.debug("How far the warming is could not be told to Redis.", exc_info=True)


def progress() -> dict[str, Any] | None:
    """Return how far the present run is, or how the last one ended.

    It is None if there was none or Redis does not know.
    """
    store = current_store()
    if store is None or not store.breaker.closed:
        return None
    try:
        told = store.backend.client.get(store.prefix + PROGRESS_KEY)
    except RedisError:
        return None
    return loads(told) if told else None


def start(store: Store) -> dict[str, Any]:
    """Start a run in the background, unless one is under way.

    Return how far it is.
    """
    under_way = progress()
    if under_way is not None and under_way["state"] == "running":
        return under_way
    run = Run(store)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    threading.Thread(target=_go, args=(app, run), name="cache-warming", daemon=True).start()
    return run.progress


def start_with_server(app: Flask) -> None:
    """Start a run in the worker that comes first."""
    with app.app_context():
        store = current_store()
        try:
            if store and store.backend.client.set(store.prefix + _TURN_KEY, "1", nx=True, ex=TURN_SECONDS):
                start(store)
        except RedisError:
            logger.info("Nothing was warmed, because Redis does not answer.")


def _go(app: Flask, run: Run) -> None:
    try:
        with app.app_context():
            run.go()
    except Exception:
        logger.exception("Warming the cache failed.")

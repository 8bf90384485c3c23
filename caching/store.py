"""Use a Redis that may fail: no method here ever raises a Redis error.

A failed read means that the database answers. A failed announcement stays in the outbox.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar, cast

from flask import Flask, current_app
from redis import Redis, RedisError
from redis.exceptions import MasterDownError, OutOfMemoryError, ReadOnlyError, ResponseError

from caching import state
from caching.audit import Auditor
from caching.backend import StampedRedisCache
from caching.breaker import Breaker
from caching.cluster import NOT_HERE
from caching.envelope import Answer, Snapshot, Stamp, seal
from caching.families import BoundRead
from caching.kept_answers import KeptAnswers
from caching.keys import APP_PREFIX, Tag
from caching.lease import Lease
from caching.metrics import ERRORS
from caching.single_flight import SingleFlight
from caching.snapshots import look

logger = logging.getLogger(__name__)

T = TypeVar("T")

EXTENSION = "lectern-cache-store"
# Answers of a server that takes no writes any more, beside those that have a class of their own.
_REFUSES_WRITES = ("NOREPLICAS", "MISCONF")


class Store:
    """One application's cache in Redis, with its breaker, lease and flights."""

    def __init__(
        self, app: Flask, backend: StampedRedisCache, *, default_ttl: int, audit_share: float, front_bytes: int
    ) -> None:
        """Serve `app`.

        `default_ttl` (seconds) is for the families that name none of their own. This process keeps answers of up to
        `front_bytes` in all.
        """
        self.default_ttl = default_ttl
        self.backend = backend
        self.server = backend.tokens
        self.lease = Lease(self.server, app.app_context)
        self.auditor = Auditor(app, audit_share)
        self.flights: SingleFlight[Answer] = SingleFlight()
        self.kept = KeptAnswers(front_bytes)
        self.breaker = Breaker(self._recover, failure=RedisError)

    @property
    def prefix(self) -> str:
        """Return what all keys of this installation begin with.

        The database is asked at first.
        """
        if not self.server.prefix:
            self.server.serve(state.read().installation)
        return self.server.prefix

    def fetch(self, reads: Sequence[BoundRead]) -> list[Snapshot] | None:
        """Look at reads in one round trip, in two if an answer that this process keeps has become old.

        It is None if Redis cannot be trusted.
        """
        if not self.breaker.closed:
            return None
        try:
            while epoch := self.lease.epoch_to_believe():
                if seen := look(reads, epoch, self.server, self.kept):
                    return seen
        except RedisError as error:
            self._failed("read", error)
        return None

    def with_token(self, snapshot: Snapshot, tag: Tag) -> Snapshot | None:
        """Give a tag without a token a random one, or None if that failed."""
        if snapshot.token is not None:
            return snapshot
        try:
            return snapshot._replace(token=self.server.claim_token(tag))
        except RedisError as error:
            self._refused("claim", error)
            return None

    def publish(self, read: BoundRead, stamp: Stamp, answer: Answer) -> None:
        """Let everybody have an answer that was loaded after its stamp had been seen."""
        if not self.breaker.closed:
            return
        ttl = read.ttl or read.family.ttl or self.default_ttl
        expires = int(time.time()) + ttl
        self.kept.keep(read.logical_key, Snapshot(stamp.epoch, stamp.token, replace(answer, state="HIT")), expires)
        try:
            self.server.publish(read.key, seal(stamp, answer, expires), ttl)
        except RedisError as error:
            self._refused("publish", error)

    def mark(self, tags: Iterable[Tag], mark: str) -> None:
        """Mark tags as under change.

        If that fails the change goes on: its rows in the outbox are the safety net.
        """
        if self.breaker.closed:
            try:
                if self.lease.join():
                    self.server.mark(tags, mark)
            except OutOfMemoryError:
                ERRORS.labels("mark").inc()
            except RedisError as error:
                self._failed("mark", error)

    def announce(self, tags: Iterable[Tag], mark: str) -> str | None:
        """Remove the tags' tokens.

        Returns the epoch in which Redis confirmed it, or None if it did not. It is tried once even while the breaker is
        open.
        """
        epoch = self.lease.epoch
        if not epoch:
            return None
        try:
            self.lease.announce([(tag, mark) for tag in tags], urgent=not self.breaker.closed)
        except RedisError as error:
            self._failed("invalidate", error)
            return None
        return epoch

    def attempt(self, operation: str, command: Callable[[Redis], T]) -> T | None:
        """Run a command, or return None if Redis fails or refuses it."""
        if not self.breaker.closed:
            return None
        try:
            return command(self.backend.client)
        except RedisError as error:
            self._refused(operation, error)
            return None

    def drain(self) -> int:
        """Announce what waits in the outbox.

        Return how many rows. Zero, and the breaker opens, if Redis fails.
        """
        try:
            return self.lease.renew()
        except RedisError as error:
            self._failed("drain", error)
            return 0

    def choose_server(self) -> None:
        """Agree with the other processes on the Redis server, before serving begins."""
        try:
            self.lease.renew(wait=time.sleep)
        except RedisError as error:
            self._failed("choose", error)

    def _recover(self) -> None:
        """Make sure that the server answers and knows of every change.

        Raises RedisError otherwise.
        """
        self.lease.renew(wait=self.breaker.rest)

    def _refused(self, operation: str, error: RedisError) -> None:
        """Note that a command failed which only serves to fill the cache.

        A server that is full can still be trusted.
        """
        if isinstance(error, ResponseError) and not isinstance(error, NOT_HERE) and not _takes_no_writes(error):
            ERRORS.labels(operation).inc()
        else:
            self._failed(operation, error)

    def _failed(self, operation: str, error: RedisError) -> None:
        ERRORS.labels(operation).inc()
        self.lease.drop()
        self.breaker.trip(error)


def _takes_no_writes(error: ResponseError) -> bool:
    """Tell whether a server takes no writes, because another may have taken over."""
    return isinstance(error, ReadOnlyError | MasterDownError) or str(error).startswith(_REFUSES_WRITES)


def app_prefix() -> str:
    """Return the prefix of keys that Flask-Caching's own `cache.set` stores."""
    store = current_store()
    return (store.prefix if store else "") + APP_PREFIX


def current_store() -> Store | None:
    """Return the running application's store, or None if caching is turned off."""
    return cast("Store | None", current_app.extensions[EXTENSION])

"""What stands between the cache's rules and a Redis that may fail: no method here ever raises a Redis error.

A failed read means that the database answers. A failed announcement stays in the outbox.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar, cast

from flask import Flask, current_app
from redis import Redis, RedisError
from redis.exceptions import OutOfMemoryError, ResponseError

from caching import outbox
from caching.audit import Auditor
from caching.backend import StampedRedisCache
from caching.breaker import Breaker
from caching.envelope import Stamp
from caching.flights import Flights
from caching.keys import Tag
from caching.metrics import ERRORS, INVALIDATIONS

logger = logging.getLogger(__name__)

T = TypeVar("T")

EXTENSION = "lectern-cache-store"
_MARKED = b"!"


class Sighting(NamedTuple):
    """What one MGET showed of a cached read: the server, the tag's token if it has one, the value if there is one."""

    run_id: bytes
    token: bytes | None
    value: bytes | None

    @property
    def under_change(self) -> bool:
        """Tell whether a writer has marked the tag: then nobody hits and nobody publishes."""
        return self.token is not None and self.token.startswith(_MARKED)


class Store:
    """One application's cache in Redis, with the breaker and the flights that belong to it."""

    def __init__(self, app: Flask, backend: StampedRedisCache, *, default_ttl: int, audit_share: float) -> None:
        """Serve `app`; `default_ttl` (seconds) is for the families that name none of their own."""
        self._app = app
        self.default_ttl = default_ttl
        self.backend = backend
        self.auditor = Auditor(app, audit_share)
        self.flights = Flights()
        self.breaker = Breaker(self._recover, failure=RedisError)

    def see(self, places: Sequence[tuple[str, str]]) -> list[Sighting] | None:
        """Read (tag key, value key) pairs in one round trip; None if Redis cannot be trusted."""
        if not self.breaker.closed:
            return None
        try:
            run_id, found = self._read([key for place in places for key in place])
        except RedisError as error:
            self._failed("read", error)
            return None
        return [Sighting(run_id, found[i], found[i + 1]) for i in range(0, len(found), 2)]

    def _read(self, keys: Sequence[str]) -> tuple[bytes, list[bytes | None]]:
        """Read keys, and which server they came from; a new connection in between may lead to another one."""
        run_id = self.backend.run_id
        found = self.backend.read_many(keys)
        if run_id != self.backend.run_id:
            run_id = self.backend.run_id
            found = self.backend.read_many(keys)
        return (run_id if run_id == self.backend.run_id else b""), found

    def with_token(self, sighting: Sighting, tag: Tag) -> Sighting | None:
        """Give a tag without a token a random one; None if that failed."""
        if sighting.token is not None:
            return sighting
        try:
            return sighting._replace(token=self.backend.claim_token(tag))
        except RedisError as error:
            self._refused("claim", error)
            return None

    def publish(self, key: str, value: bytes, ttl: int, stamp: Stamp) -> None:
        """Store an envelope, unless it is not certain which server gave the token."""
        if not stamp.run_id or not self.breaker.closed:
            return
        try:
            self.backend.publish(key, value, ttl)
        except RedisError as error:
            self._refused("publish", error)

    def mark(self, tags: Iterable[Tag], mark: str) -> None:
        """Mark tags as under change. If that fails the change goes on: its rows in the outbox are the safety net."""
        if self.breaker.closed:
            try:
                self.backend.mark(tags, mark)
            except OutOfMemoryError:
                ERRORS.labels("mark").inc()
            except RedisError as error:
                self._failed("mark", error)

    def announce(self, tags: Iterable[Tag], mark: str) -> bool:
        """Remove the tags' tokens, tried once even while the breaker is open; tell whether Redis confirmed it."""
        try:
            self._invalidate([(tag, mark) for tag in tags], urgent=not self.breaker.closed)
        except RedisError as error:
            self._failed("invalidate", error)
            return False
        return True

    def attempt(self, operation: str, command: Callable[[Redis], T]) -> T | None:
        """Run another's command; None if Redis cannot be trusted at the moment, or refuses it."""
        if not self.breaker.closed:
            return None
        try:
            return command(self.backend.client)
        except RedisError as error:
            self._refused(operation, error)
            return None

    def drain(self) -> int:
        """Announce what waits in the outbox; return how many rows. Zero, and the breaker opens, if Redis fails."""
        try:
            return outbox.drain(self._invalidate)
        except RedisError as error:
            self._failed("drain", error)
            return 0

    def _recover(self) -> None:
        """Make sure that the server answers and knows of every change; raises RedisError otherwise."""
        self.backend.client.ping()
        with self._app.app_context():
            outbox.drain(self._invalidate)
            if outbox.depth():
                # Another process holds these rows, and nobody knows yet whether it succeeds.
                raise RedisError("Some changes are still being announced by another process.")

    def _invalidate(self, marked: Sequence[tuple[Tag, str]], *, urgent: bool = False) -> None:
        self.backend.invalidate(marked, urgent=urgent)
        for tag, _mark in marked:
            INVALIDATIONS.labels(tag.owner.partition(":")[0], tag.name).inc()

    def _refused(self, operation: str, error: RedisError) -> None:
        """Take note of a command that only serves to fill the cache: a server that is full can still be trusted."""
        if isinstance(error, ResponseError):
            ERRORS.labels(operation).inc()
        else:
            self._failed(operation, error)

    def _failed(self, operation: str, error: RedisError) -> None:
        ERRORS.labels(operation).inc()
        self.breaker.trip(error)


def current_store() -> Store | None:
    """Return the running application's store, or None if caching is turned off."""
    return cast("Store | None", current_app.extensions[EXTENSION])

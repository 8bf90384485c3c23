"""Stamped reads: declare a cached query, and answer it.

The decorator stands above the query:

    @cache.stamped("bookings", ttl=600, tag=tags.user_bookings, by="user_id")
    def bookings_page(connection, user_id, role, query): ...

`bookings_page(42, "student", query)` answers from the cache or the database. `bookings_page.at(42, "student", query)`
names the read without doing it, so that several can be looked up in one round trip with `cache.look_up`.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import update_wrapper
from time import perf_counter
from typing import Any, Concatenate, Generic, Literal, ParamSpec

from sqlalchemy import Connection

from caching.audit import Hit
from caching.envelope import Answer, Snapshot, Stamp, digest, seal
from caching.keys import Tag, TagKind, keys_of
from caching.metrics import reads_counter
from caching.store import Store
from database import reading
from jsontext import dumps
from observations import note

logger = logging.getLogger(__name__)

P = ParamSpec("P")
Loader = Callable[Concatenate[Connection, P], object]
# A single thing, such as a gig, or many of them: their hit rates are expected to differ.
Kind = Literal["entity", "list"]


@dataclass(frozen=True, slots=True)
class Family:
    """Reads of one sort: name, life time, and the tag that makes them old.

    The life time is in seconds, None for CACHE_TTL.
    """

    name: str
    ttl: int | None
    tag: TagKind
    by: str | None
    query: str
    kind: Kind


class StampedRead(Generic[P]):
    """A query together with its family.

    The decorator makes one of a function.
    """

    def __init__(self, load: Loader[P], family: Family, *, shape: int, answer: Callable[[BoundRead], Answer]) -> None:
        """Declare `load` cached.

        `shape` is raised when the answer's JSON changes, so that old bytes are not reused.
        """
        update_wrapper(self, load)
        self.load: Callable[..., object] = load
        self.family = family
        self._shape = shape
        self._signature = inspect.signature(load)
        self._answer = answer
        # Position among the arguments that follow the connection.
        self._owner_at = list(self._signature.parameters).index(family.by) - 1 if family.by else None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Answer:
        """Answer from the cache if it is provably fresh, else from the database."""
        return self._answer(self.at(*args, **kwargs))

    def at(self, *args: P.args, **kwargs: P.kwargs) -> BoundRead:
        """Name the read with these arguments.

        They must be JSON: numbers, strings, dataclasses, aware datetimes.
        """
        bound: tuple[Any, ...] = self._signature.bind(None, *args, **kwargs).args[1:] if kwargs else args
        family = self.family
        logical_key = dumps([family.query, self._shape, *bound])
        tag = family.tag() if self._owner_at is None else family.tag(bound[self._owner_at])
        return BoundRead(family, self.load, bound, tag, logical_key, keys_of(tag, family.name, logical_key))


@dataclass(frozen=True, slots=True, eq=False)
class BoundRead:
    """One cached read with its arguments."""

    family: Family
    query: Callable[..., object]
    args: tuple[Any, ...]
    tag: Tag
    logical_key: bytes
    # The Redis keys of the tag's token and of the answer.
    keys: tuple[str, str]

    @property
    def key(self) -> str:
        """Return the Redis key of the answer."""
        return self.keys[1]

    def load(self) -> bytes:
        """Ask the database, in a fresh snapshot that begins now."""
        with reading() as connection:
            return dumps(self.query(connection, *self.args))


class LookUp:
    """A read that has been looked up in Redis.

    `answer()` loads it if that was in vain.
    """

    __slots__ = ("_began", "_snapshot", "_store", "_waited", "hit", "read")

    def __init__(self, read: BoundRead, store: Store | None, snapshot: Snapshot | None, waited: float = 0) -> None:
        """Keep what was seen and for how long Redis was `waited` for.

        Without a snapshot the database answers.
        """
        self.read = read
        self._store = store
        self._snapshot = snapshot
        self._waited = waited
        # The cached answer if its stamp is the tag's present one. It is counted when it is answered with.
        self.hit = snapshot.open(read.logical_key) if snapshot else None

    def answer(self) -> Answer:
        """Return the cached answer, or load it and publish it."""
        if self.hit is not None:
            count_hits([self], self._waited)
            return self.hit
        self._began = perf_counter() - self._waited
        store, snapshot = self._store, self._snapshot
        if store is None:
            return self._bypass()
        if snapshot is None:
            return self._bypass("error")
        if snapshot.value is not None and not snapshot.under_change:
            self._note("stale_stamp")
        seen = store.with_token(snapshot, self.read.tag)
        if seen is None or seen.under_change or seen.token is None:
            return self._bypass()
        return self._miss(store, Stamp(seen.epoch, seen.token, self.read.logical_key))

    def audit(self) -> None:
        """Let the hit be checked."""
        read, store, snapshot = self.read, self._store, self._snapshot
        if self.hit is None or store is None or snapshot is None or snapshot.token is None:
            return

        def present_token() -> bytes | None:
            seen = store.fetch(read.keys)
            return seen[0].token if seen else None

        def remove() -> None:
            store.announce([read.tag], "audit")

        stamp = Stamp(snapshot.epoch, snapshot.token, read.logical_key)
        store.auditor.add(Hit(read.family.name, stamp, self.hit.body, read.load, present_token, remove))

    def _miss(self, store: Store, stamp: Stamp) -> Answer:
        """Load in single flight.

        The stamp was seen before the query, so a writer in between makes it worthless.
        """
        read = self.read

        def load() -> Answer:
            body = read.load()
            etag = digest(body)
            store.publish(read.key, seal(stamp, body, etag), read.family.ttl or store.default_ttl)
            return Answer(body, etag.decode(), "MISS")

        answer, led = store.flights.run((read.key, stamp), load)
        self._note("miss" if led else "coalesced")
        return answer

    def _bypass(self, outcome: str = "bypass") -> Answer:
        body = self.read.load()
        self._note(outcome)
        return Answer(body, digest(body).decode(), "BYPASS")

    def _note(self, outcome: str) -> None:
        family, key = self.read.family.name, self.read.keys[1]
        note(reads_counter(family, outcome), perf_counter() - self._began)
        logger.debug("cache %s family=%s key=%s", outcome, family, key)


def count_hits(look_ups: Sequence[LookUp], seconds: float) -> None:
    """Count hits that are answered with, and let a sample of them be checked."""
    for look_up in look_ups:
        note(reads_counter(look_up.read.family.name, "hit"), seconds)
        logger.debug("cache hit family=%s key=%s", look_up.read.family.name, look_up.read.keys[1])
    store = look_ups[0]._store
    if store is not None and store.auditor.chooses():
        for look_up in look_ups:
            look_up.audit()

"""Stamped reads: the decorator that stands above a cached query, and how such a read is answered.

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
from caching.envelope import Stamp, digest, open_sealed, seal
from caching.keys import Tag, TagKind, value_key
from caching.metrics import note_read
from caching.store import Snapshot, Store
from database import reading
from jsontext import dumps, loads

logger = logging.getLogger(__name__)

P = ParamSpec("P")
Loader = Callable[Concatenate[Connection, P], object]
# A single thing, such as a gig, or many of them: their hit rates are expected to differ.
Kind = Literal["entity", "list"]


@dataclass(frozen=True, slots=True)
class Family:
    """Reads of one sort: their name, how long an answer may live (seconds; None: CACHE_TTL),
    and the tag whose change makes it old.
    """

    name: str
    ttl: int | None
    tag: TagKind
    by: str | None
    query: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as JSON bytes, with its ETag (32 hexadecimal digits) and where it came from."""

    body: bytes
    etag: str
    state: Literal["HIT", "MISS", "BYPASS"]

    def json(self) -> Any:
        """Decode the body."""
        return loads(self.body)


class StampedRead(Generic[P]):
    """A query together with its family; what the decorator makes of a function."""

    def __init__(self, load: Loader[P], family: Family, *, shape: int, answer: Callable[[BoundRead], Answer]) -> None:
        """Declare `load` cached. `shape` is raised when the answer's JSON changes, so that old bytes are not reused."""
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
        """Name the read with these arguments. They must be JSON: numbers, strings, dataclasses, aware datetimes."""
        bound: tuple[Any, ...] = self._signature.bind(None, *args, **kwargs).args[1:] if kwargs else args
        tag = self.family.tag() if self._owner_at is None else self.family.tag(bound[self._owner_at])
        return BoundRead(self, bound, tag, dumps([self.family.query, self._shape, *bound]))


class BoundRead:
    """One cached read with its arguments: which tag it depends on, and the full key of its answer."""

    __slots__ = ("_read", "args", "key", "keys", "logical_key", "tag")

    def __init__(self, read: StampedRead[Any], args: tuple[Any, ...], tag: Tag, logical_key: bytes) -> None:
        """Bind `read` to its arguments."""
        self._read = read
        self.args = args
        self.tag = tag
        self.logical_key = logical_key
        self.key = value_key(tag, read.family.name, logical_key)
        # The Redis keys of the tag's token and of the answer.
        self.keys = (tag.key, self.key)

    @property
    def family(self) -> Family:
        """Name the family that this read belongs to."""
        return self._read.family

    def load(self) -> bytes:
        """Ask the database, in a fresh snapshot that begins now."""
        with reading() as connection:
            return dumps(self._read.load(connection, *self.args))


class LookUp:
    """A read that has been looked up in Redis; `answer()` decides what that was worth, and loads if need be."""

    __slots__ = ("_began", "_sighting", "_store", "_waited", "read")

    def __init__(self, read: BoundRead, store: Store | None, snapshot: Snapshot | None, waited: float = 0) -> None:
        """Keep what was seen and for how long Redis was `waited` for; without a snapshot the database answers."""
        self.read = read
        self._store = store
        self._sighting = snapshot
        self._waited = waited

    def answer(self) -> Answer:
        """Return the cached answer if its stamp is the tag's present one, else load it and publish it."""
        self._began = perf_counter() - self._waited
        store, snapshot = self._store, self._sighting
        if store is not None and snapshot is None:
            return self._bypass("error")
        if store is None or snapshot is None or snapshot.under_change:
            return self._bypass()
        hit = self.hit()
        if hit is not None:
            self.served(hit, self._seconds())
            return hit
        if snapshot.value is not None:
            self._note("stale_stamp", self._seconds())
        seen = store.with_token(snapshot, self.read.tag)
        if seen is None or seen.under_change or seen.token is None:
            return self._bypass()
        return self._miss(store, Stamp(seen.epoch, seen.token, self.read.logical_key))

    def hit(self) -> Answer | None:
        """Return the cached answer if its stamp is the tag's present one, else None. Nothing is counted yet."""
        stamp = self._stamp()
        value = self._sighting and self._sighting.value
        opened = open_sealed(stamp, value) if stamp and value else None
        return Answer(opened[0], opened[1].decode(), "HIT") if opened else None

    def served(self, hit: Answer, seconds: float) -> None:
        """Count a hit, now that it is certain to be answered with, and let a sample of them be checked."""
        self._note("hit", seconds)
        if self._store is not None and self._store.auditor.chooses() and (stamp := self._stamp()):
            self._audit(self._store, stamp, hit.body)

    def _stamp(self) -> Stamp | None:
        """Return what a fresh value carries. Without a token nothing is fresh, and neither is it during a change."""
        seen = self._sighting
        if seen is None or not seen.token or seen.under_change:
            return None
        return Stamp(seen.epoch, seen.token, self.read.logical_key)

    def _audit(self, store: Store, stamp: Stamp, body: bytes) -> None:
        read = self.read

        def present_token() -> bytes | None:
            seen = store.fetch(read.keys)
            return seen[0].token if seen else None

        def remove() -> None:
            store.announce([read.tag], "audit")

        store.auditor.add(Hit(read.family.name, stamp, body, read.load, present_token, remove))

    def _miss(self, store: Store, stamp: Stamp) -> Answer:
        """Load in single flight. The stamp was seen before the query, so a writer in between makes it worthless."""
        read = self.read

        def load() -> bytes:
            body = read.load()
            store.publish(read.key, seal(stamp, body, digest(body)), read.family.ttl or store.default_ttl)
            return body

        body, led = store.flights.run((read.key, stamp), load)
        self._note("miss" if led else "coalesced", self._seconds())
        return Answer(body, digest(body).decode(), "MISS")

    def _bypass(self, outcome: str = "bypass") -> Answer:
        body = self.read.load()
        self._note(outcome, self._seconds())
        return Answer(body, digest(body).decode(), "BYPASS")

    def _seconds(self) -> float:
        return perf_counter() - self._began

    def _note(self, outcome: str, seconds: float) -> None:
        note_read(self.read.family.name, outcome, seconds)
        logger.debug("cache %s family=%s key=%s", outcome, self.read.family.name, self.read.key)


def look_up(store: Store, reads: Sequence[BoundRead]) -> list[LookUp]:
    """Look all reads up in one round trip. Nothing is loaded before `answer()` is called."""
    began = perf_counter()
    seen = store.fetch([key for read in reads for key in read.keys])
    waited = perf_counter() - began
    return [LookUp(read, store, seen[i] if seen else None, waited) for i, read in enumerate(reads)]

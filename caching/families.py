"""Declare a cached query, and name one reading of it.

The decorator stands above the query:

    @cache.stamped("bookings", ttl=600, tag=tags.user_bookings, by="user_id")
    def bookings_page(connection, user_id, role, query): ...

`bookings_page(42, "student", query)` answers from the cache or the database. `bookings_page.at(42, "student", query)`
names the read without doing it, so that several can be looked up in one round trip with `cache.look_up`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import update_wrapper
from typing import Any, Concatenate, Generic, Literal, ParamSpec

from sqlalchemy import Connection

from caching.envelope import Answer
from caching.keys import Tag, TagKind, keys_of
from database import reading
from jsontext import dumps_to_keep

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
        logical_key = dumps_to_keep([family.query, self._shape, *bound])
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
    # A life time of its own, in seconds; None is that of the family.
    ttl: int | None = None

    @property
    def key(self) -> str:
        """Return the Redis key of the answer."""
        return self.keys[1]

    def lasting(self, seconds: int) -> BoundRead:
        """Name the same read with another life time, where that depends on what is asked for."""
        return replace(self, ttl=seconds)

    def load(self) -> bytes:
        """Ask the database, in a fresh snapshot that begins now."""
        with reading() as connection:
            return dumps_to_keep(self.query(connection, *self.args))

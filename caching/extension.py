"""The class of our Flask-Caching instance.

It has `cache.get`, `cache.set` and the rest as usual, and stamped reads on top.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter
from typing import Any

from flask import Flask, current_app
from flask_caching import Cache

from caching.backend import StampedRedisCache
from caching.envelope import Answer
from caching.families import BoundRead, Family, Kind, Loader, P, StampedRead
from caching.kept_answers import MOST_BYTES
from caching.keys import TagKind
from caching.maintenance import clear_all
from caching.reads import LookUp
from caching.store import EXTENSION, Store, current_store
from database import in_write_transaction

LONGEST_TTL = 86_400
# This share of the hits is checked where the application does not say.
AUDIT_SHARE = 0.001

_passed_by = ContextVar("the cache is passed by", default=False)


class LecternCache(Cache):
    """Flask-Caching with reads that never show the past.

    `docs/caching.md` says why stock `memoize` is not enough.
    """

    def __init__(
        self, app: Flask | None = None, with_jinja2_ext: bool = True, config: dict[str, Any] | None = None
    ) -> None:
        """Take the library's arguments.

        There are no families yet: the decorated queries register theirs on import.
        """
        self._reads: list[Family] = []
        super().__init__(app, with_jinja2_ext, config)

    def init_app(self, app: Flask, config: dict[str, Any] | None = None) -> None:
        """Bind the cache to `app`.

        With another backend than ours every stamped read is answered by the database.
        """
        super().init_app(app, config)
        backend = app.extensions["cache"][self]
        if isinstance(backend, StampedRedisCache) and backend.url:
            settings = {**app.config, **(self.config or {}), **(config or {})}
            # Zero means for ever to Flask-Caching. A stamped answer must not outlive its tag's token.
            ttl = min(int(backend.default_timeout) or LONGEST_TTL, LONGEST_TTL)
            share = settings.get("CACHE_AUDIT_SHARE", AUDIT_SHARE)
            front = settings.get("FRONT_CACHE_BYTES", MOST_BYTES)
            app.extensions[EXTENSION] = Store(app, backend, default_ttl=ttl, audit_share=share, front_bytes=front)
        else:
            # An application can have several caches; the product's own keeps its store.
            app.extensions.setdefault(EXTENSION, None)

    def clear(self) -> bool:
        """Forget what is under the library's prefix.

        If queries are declared on this cache, all stamped answers are forgotten as well.
        """
        cleared = super().clear()
        with (current_app or self.app).app_context():
            store = current_store() if self._reads else None
            if store is None:
                return cleared
            store.kept.forget_all()
            return any(clear_all(store.backend.client, store.prefix)) or cleared

    @property
    def families(self) -> list[Family]:
        """List every declared cached read, sorted by family and query."""
        return sorted(self._reads, key=lambda family: (family.name, family.query))

    def stamped(
        self,
        name: str,
        *,
        tag: TagKind,
        by: str | None = None,
        ttl: int | None = None,
        kind: Kind = "list",
        shape: int = 1,
    ) -> Callable[[Loader[P]], StampedRead[P]]:
        """Declare the query below as a cached read of family `name`.

        An answer lives at most `ttl` seconds, by default as long as the setting CACHE_TTL says.
        `tag` is what makes it old; `by` names the query's parameter that holds the tag's owner (None: the whole site).
        The query's first parameter is the connection of a fresh snapshot; what it returns must be JSON. `kind` says
        which hit rate is expected of it; see `caching/operations/alerts.py`.
        """

        def declare(load: Loader[P]) -> StampedRead[P]:
            family = Family(name, ttl, tag, by, f"{load.__module__}.{load.__qualname__}", kind)
            self._reads.append(family)
            return StampedRead(load, family, shape=shape, answer=self._answer)

        return declare

    def look_up(self, *reads: BoundRead) -> list[LookUp]:
        """Look all reads up in one round trip.

        Nothing is loaded before `answer()` is called.
        """
        store = current_store()
        if not reads:
            # Redis refuses a command that asks for nothing, which would be taken for its failure.
            return []
        if store is None or _passed_by.get() or in_write_transaction():
            return [LookUp(read, None, None) for read in reads]
        began = perf_counter()
        seen = store.fetch(reads)
        waited = perf_counter() - began
        return [LookUp(read, store, seen[i] if seen else None, waited) for i, read in enumerate(reads)]

    @contextmanager
    def passed_by(self) -> Iterator[None]:
        """Read from the database until the end of the block, and keep nothing.

        It is for answers that nobody is going to ask for again.
        """
        before = _passed_by.set(True)
        try:
            yield
        finally:
            _passed_by.reset(before)

    def _answer(self, read: BoundRead) -> Answer:
        return self.look_up(read)[0].answer()

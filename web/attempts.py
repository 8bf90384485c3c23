"""Counts of attempts, for the limits on them: in the cache's Redis, or in this process's memory while that fails.

Flask-Limiter's own fallback lets the second of two requests that meet a dying Redis fail, and knows nothing of a Redis
that answers reads but refuses writes.
"""

from __future__ import annotations

from time import time

from limits.storage import MemoryStorage, Storage
from redis import Redis

from caching.keys import PREFIX
from caching.store import Store

SCHEME = "lectern"


class AttemptStorage(Storage):
    """What counts windows of fixed length; `store` knows whether Redis can be trusted."""

    STORAGE_SCHEME = [SCHEME]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, *, store: Store) -> None:
        """Count where `store` keeps its answers."""
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._store = store
        self._memory = MemoryStorage()

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """Name what may be raised: nothing."""
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count attempts within the window that the first of them begins; return their number."""

        def count(redis: Redis) -> int:
            with redis.pipeline() as together:
                together.set(_name(key), 0, ex=expiry, nx=True)
                together.incrby(_name(key), amount)
                return int(together.execute()[1])

        counted = self._store.attempt("limit", count)
        return self._memory.incr(key, expiry, amount) if counted is None else counted

    def get(self, key: str) -> int:
        """Return the number of attempts in the present window."""
        counted = self._store.attempt("limit", lambda redis: int(redis.get(_name(key)) or 0))
        return max(counted or 0, self._memory.get(key))

    def get_expiry(self, key: str) -> float:
        """Return when the present window ends."""
        seconds = self._store.attempt("limit", lambda redis: redis.ttl(_name(key)))
        return max(time() + max(seconds or 0, 0), self._memory.get_expiry(key))

    def check(self) -> bool:
        """Tell whether attempts can be counted: somewhere they always can."""
        return True

    def reset(self) -> int | None:
        """Forget what this process has counted."""
        return self._memory.reset()

    def clear(self, key: str) -> None:
        """Begin a new window."""
        self._store.attempt("limit", lambda redis: redis.delete(_name(key)))
        self._memory.clear(key)


def _name(key: str) -> str:
    return f"{PREFIX}:limit:{key}"

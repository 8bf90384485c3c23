"""Flask-Caching's Redis backend, as the library has it.

That is `cache.get`, `cache.set`, `cache.cached` and the rest. Two things differ, and neither shows in an answer: a
server that hangs is given up after a moment, and `clear` walks through its own keys instead of stopping the server for
everybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Self, cast
from urllib.parse import quote, urlsplit

from flask import Flask
from flask_caching.backends.rediscache import RedisCache
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy.exc import SQLAlchemyError

from caching import client
from errors import Unavailable

BATCH = 500

# What Redis's patterns give a meaning of their own.
_SPECIAL = re.compile(r"([\[\]*?^\\-])")


class StockRedisCache(RedisCache):
    """Flask-Caching's Redis backend with strict time limits.

    Settings, arguments and stored bytes are the library's.
    """

    def __init__(self, host: Any = "localhost", *args: Any, url: str | None = None, **kwargs: Any) -> None:
        """Take the library's arguments.

        `url` names the server for clients of other sorts.

        Arguments that go to `redis.Redis` may set other time limits.
        """
        limits = client.limits() if isinstance(host, str) else {}
        super().__init__(host, *args, **{**limits, **kwargs})
        self.client: Redis = self._write_client
        self.url = url

    @classmethod
    def factory(cls, app: Flask, config: dict[str, Any], args: list[Any], kwargs: dict[str, Any]) -> Self:
        """Build the backend from the settings, as Flask-Caching asks for it."""
        url, kwargs = config.get("CACHE_REDIS_URL"), {**kwargs, "url": address(config)}
        if url and client.is_sentinels(url):
            config = {**config, "CACHE_REDIS_URL": None, "CACHE_REDIS_HOST": client.connect(url)}
        elif url and client.is_cluster(url):
            prefix = in_one_slot(config.get("CACHE_KEY_PREFIX"))
            node = client.connect(url, prefix=_known(prefix))
            config = {**config, "CACHE_REDIS_URL": None, "CACHE_REDIS_HOST": node, "CACHE_KEY_PREFIX": prefix}
        elif url:
            config = {**config, "CACHE_OPTIONS": {**client.limits(), **(config.get("CACHE_OPTIONS") or {})}}
        return cast("Self", super().factory(app, config, args, kwargs))

    def clear(self) -> bool:
        """Forget everything under this cache's own prefix.

        Without a prefix, everything in the database.

        Tells what the library does: with a prefix whether there was something to forget.
        """
        prefix = self._get_prefix()
        redis: Redis = self._write_client
        keys = redis.scan_iter(match=_SPECIAL.sub(r"\\\1", prefix) + "*", count=BATCH)
        removed = 0
        while batch := list(islice(keys, BATCH)):
            removed += redis.unlink(*batch)
        return bool(removed) or not prefix


def in_one_slot(prefix: str | Callable[[], str] | None) -> str | Callable[[], str]:
    """Put a prefix in braces, so that all keys of this cache are in one slot of a Cluster.

    One that has braces of its own, or is computed when it is needed, stays as it is.
    """
    if callable(prefix) or (prefix and "{" in prefix):
        return prefix
    return f"{{{prefix or 'cache'}}}"


def _known(prefix: str | Callable[[], str]) -> Callable[[], str]:
    """Return what names the prefix, and fails as Redis does where the database is asked for it in vain."""

    def known() -> str:
        try:
            return prefix() if callable(prefix) else prefix
        except (SQLAlchemyError, Unavailable) as error:
            raise RedisConnectionError("The database does not say whose keys these are.") from error

    return known


def address(config: Mapping[str, Any]) -> str | None:
    """Name the server and database of these settings as a URL.

    It is None if they hold a finished client instead.
    """
    database = config.get("CACHE_REDIS_DB", 0)
    if url := config.get("CACHE_REDIS_URL"):
        names_database = urlsplit(url).scheme not in ("redis", "rediss") or urlsplit(url).path.strip("/")
        return str(url) if names_database or not database else urlsplit(url)._replace(path=f"/{database}").geturl()
    host, options = config.get("CACHE_REDIS_HOST", "localhost"), config.get("CACHE_OPTIONS") or {}
    if not isinstance(host, str):
        return None
    name, password = options.get("username") or "", config.get("CACHE_REDIS_PASSWORD") or ""
    credentials = f"{quote(name, safe='')}:{quote(password, safe='')}@" if name or password else ""
    scheme = "rediss" if options.get("ssl") else "redis"
    return f"{scheme}://{credentials}{host}:{config.get('CACHE_REDIS_PORT', 6379)}/{database}"

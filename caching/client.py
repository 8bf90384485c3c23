"""How the cache connects to Redis: strict time limits, at most one retry, primaries only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

from redis import Redis, RedisCluster, Sentinel
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

CONNECT_SECONDS = 0.1
READ_SECONDS = 0.12
# Twice this, to connect and to be answered, is what a change waits for a Redis that is known to fail.
URGENT_SECONDS = 0.05

OnConnect = Callable[[AbstractConnection], None]


def connect(url: str, *, on_connect: OnConnect | None = None, urgent: bool = False) -> Redis:
    """Build a client for `url`; nothing is sent before the first command.

    An urgent one gives up after 100 ms: it is for the one try that a change makes while Redis is known to fail.

    Accepts what redis-py does, and redis+sentinel://[:password@]host:port,…/service/db and redis+cluster://host:port,….
    """
    options: dict[str, Any] = {
        "socket_connect_timeout": URGENT_SECONDS if urgent else CONNECT_SECONDS,
        "socket_timeout": URGENT_SECONDS if urgent else READ_SECONDS,
        # Only a refused or cut connection is tried again, and once: a slow server would be slow again.
        "retry": Retry(NoBackoff(), 0 if urgent else 1, supported_errors=(RedisConnectionError,)),
        "redis_connect_func": on_connect,
    }
    parts = urlsplit(url)
    if parts.scheme == "redis+sentinel":
        service, _, database = parts.path.strip("/").partition("/")
        sentinel = Sentinel(_hosts(parts.netloc), sentinel_kwargs=options, **options)
        return cast(Redis, sentinel.master_for(service, db=int(database or 0), password=parts.password))
    if parts.scheme == "redis+cluster":
        nodes = [ClusterNode(host, port) for host, port in _hosts(parts.netloc)]
        return cast(Redis, RedisCluster(startup_nodes=nodes, password=parts.password, **options))
    return Redis.from_url(url, **options)


def _hosts(netloc: str) -> list[tuple[str, int]]:
    """Split `:password@one:6379,two:6379` into hosts and ports."""
    hosts = (address.rpartition(":") for address in netloc.rpartition("@")[2].split(","))
    return [(host, int(port)) for host, _, port in hosts]

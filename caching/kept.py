"""Looking up on a connection that each thread keeps: to take one out of a pool and check it costs more than to ask."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from typing import Any, cast

from hiredis import pack_command
from redis import ConnectionPool, Redis, RedisCluster
from redis.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError


class KeptConnections:
    """A connection for each thread that asks, made like those of a client's pool."""

    def __init__(self, pool: ConnectionPool) -> None:
        """Connect as `pool` does; nothing is sent before the first question."""
        self._pool = pool
        self._own = threading.local()

    def mget(self, keys: Sequence[str]) -> object:
        """Read all keys in one round trip; raises RedisError. A connection that was cut is opened again, once."""
        try:
            return self._ask(keys)
        except RedisConnectionError:
            return self._ask(keys)

    def _ask(self, keys: Sequence[str]) -> object:
        # After any failure the connection has closed itself, so that no late answer is taken for another question's.
        connection = self._connection()
        command: tuple[Any, ...] = ("MGET", *keys)
        connection.send_packed_command([pack_command(command)])
        return connection.read_response()

    def _connection(self) -> AbstractConnection:
        connection: AbstractConnection | None = getattr(self._own, "connection", None)
        # A forked child must not speak on its parent's connection.
        if connection is None or connection.pid != os.getpid():
            connection = self._own.connection = self._pool.connection_class(**self._pool.connection_kwargs)
        return connection


def mget_of(client: Redis | RedisCluster) -> Callable[[Sequence[str]], object]:
    """Choose how a client reads many keys at once. Sentinels and Clusters choose a server each time."""
    if isinstance(client, RedisCluster):
        # A Cluster answers for keys of one slot only; this asks each slot by itself.
        return cast("Callable[[Sequence[str]], object]", client.mget_nonatomic)
    if type(client.connection_pool) is ConnectionPool:
        return KeptConnections(client.connection_pool).mget
    return client.mget

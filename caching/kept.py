"""Commands on a connection that each thread keeps: to take one out of a pool and check it costs more than to ask."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

from hiredis import pack_command
from redis import ConnectionPool, Redis, RedisCluster
from redis.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError


class KeptConnections:
    """A connection for each thread that asks, made like those of a client's pool."""

    def __init__(self, pool: ConnectionPool) -> None:
        """Connect as `pool` does; nothing is sent before the first command."""
        self._pool = pool
        self._own = threading.local()

    def send(self, *command: str | bytes | int) -> object:
        """Send one command and return its answer; raises RedisError. A cut connection is opened again, once."""
        try:
            return self._send(command)
        except RedisConnectionError:
            return self._send(command)

    def _send(self, command: tuple[Any, ...]) -> object:
        # After any failure the connection has closed itself, so that no late answer is taken for another command's.
        connection = self._connection()
        connection.send_packed_command([pack_command(command)])
        return connection.read_response()

    def _connection(self) -> AbstractConnection:
        connection: AbstractConnection | None = getattr(self._own, "connection", None)
        # A forked child must not speak on its parent's connection.
        if connection is None or connection.pid != os.getpid():
            connection = self._own.connection = self._pool.connection_class(**self._pool.connection_kwargs)
        return connection


def sender_for(client: Redis | RedisCluster) -> Callable[..., object]:
    """Choose how to send single commands. Sentinels and Clusters choose a server each time."""
    if isinstance(client, Redis) and type(client.connection_pool) is ConnectionPool:
        return KeptConnections(client.connection_pool).send
    return client.execute_command

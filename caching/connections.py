"""Send commands on one connection per thread, to one Redis server.

A pool would take a connection out and check it for each command, which costs more than to ask. And a process must not
talk to two servers at once, as it would during a failover: what one was told the other does not know.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Sequence
from typing import Any

from hiredis import pack_command
from redis import Redis
from redis.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError, RedisError, ResponseError

Command = tuple[Any, ...]

_FIELD = re.compile(rb"^(run_id|role|master_replid):(\w+)", re.MULTILINE)


class OtherServer(RedisError):
    """The address leads to another server than the one that this process believes."""


class Connections:
    """One connection for each thread, made like those of a client's pool."""

    def __init__(self, client: Redis) -> None:
        """Connect as `client` does.

        Nothing is sent before the first command.
        """
        self._pool = client.connection_pool
        self._own = threading.local()
        # The server that commands may reach; empty before one was chosen.
        self.identity = ""

    def send(self, *command: str | bytes | int) -> object:
        """Send one command and return its answer.

        Raises RedisError.
        """
        return self.send_all([command])[0]

    def send_all(self, commands: Sequence[Command]) -> list[object]:
        """Send commands in one round trip and return their answers.

        Raises RedisError, also for one refused command.

        A refused or cut connection is tried once more. A slow one would be slow again.
        """
        packed = b"".join(pack_command(command) for command in commands)
        try:
            return self._exchange(packed, len(commands))
        except RedisConnectionError:
            return self._exchange(packed, len(commands))

    def find(self) -> str:
        """Connect anew and return the identity of the server that answers there.

        Raises RedisError.
        """
        connection = self._connection()
        connection.disconnect()
        self._own.searching = True
        try:
            connection.connect()
        finally:
            self._own.searching = False
        return str(self._own.identity)

    def check(self) -> None:
        """Make sure that the server behind the connection is still the same.

        Raises OtherServer or another RedisError.

        An operator can replace a running server's memory without cutting its connections.
        """
        if identity_in(self.send("INFO", "server", "replication")) != self.identity:
            self._connection().disconnect()
            raise OtherServer("The server has become another one.")

    def _exchange(self, packed: bytes, number: int) -> list[object]:
        connection = self._connection()
        if getattr(self._own, "identity", self.identity) != self.identity:
            connection.disconnect()
        try:
            if not connection.is_connected:
                # To send would connect as well, but not to where the Sentinels say.
                connection.connect()
            connection.send_packed_command([packed])
            replies = [_reply(connection) for _ in range(number)]
        except BaseException:
            # A late answer must never be taken for that of the next command.
            connection.disconnect()
            raise
        for reply in replies:
            if isinstance(reply, ResponseError):
                raise reply
        return replies

    def _connection(self) -> AbstractConnection:
        connection: AbstractConnection | None = getattr(self._own, "connection", None)
        # A forked child must not speak on its parent's connection.
        if connection is None or connection.pid != os.getpid():
            kwargs = {**self._pool.connection_kwargs, "redis_connect_func": self._greet}
            connection = self._own.connection = self._pool.connection_class(**kwargs)
        return connection

    def _greet(self, connection: AbstractConnection) -> None:
        """Greet a server and learn which one it is.

        The connection is closed again if this raises.
        """
        try:
            connection.on_connect()
        except (AttributeError, TypeError, LookupError, ValueError) as error:
            # The client trusts the greeting to have the right shape.
            raise RedisConnectionError("This is no Redis server.") from error
        connection.send_command("INFO", "server", "replication")
        self._own.identity = identity_in(connection.read_response())
        if self._own.identity != self.identity and not getattr(self._own, "searching", False):
            raise OtherServer("Another Redis server answers at this address now.")


def identity_in(info: object) -> str:
    """Read from INFO which server this is and which history its memory has.

    A restart changes the first, a promotion the second. Raises RedisError for a replica or a server that does not say.
    """
    text = info if isinstance(info, bytes) else str(info).encode()
    found: dict[Any, Any] = dict(_FIELD.findall(text))
    if b"run_id" not in found or b"role" not in found:
        raise RedisConnectionError("The server does not say who it is.")
    if found[b"role"] != b"master":
        raise ReadOnlyError("This server is a replica.")
    return f"{found[b'run_id'].decode()}/{found.get(b'master_replid', b'').decode()}"


def _reply(connection: AbstractConnection) -> object:
    try:
        return connection.read_response()
    except ResponseError as refused:
        return refused

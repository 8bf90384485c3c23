"""Send commands on one connection per thread, to one Redis server.

A pool would take a connection out and check it for each command, which costs more than to ask. And a process must not
talk to two servers at once, as it would during a failover: what one was told the other does not know.

The client connects, and what was greeted is then spoken to directly (`caching/line.py`).
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

from caching.cluster import NOT_HERE, OwnersConnection
from caching.line import Line

Command = tuple[Any, ...]

_FIELD = re.compile(rb"^(run_id|role|master_replid|redis_mode):(\w+)", re.MULTILINE)
_WHO = ("INFO", "server", "replication")


class OtherServer(RedisError):
    """The address leads to another server than the one that this process believes."""


class NodeOfCluster(RedisError):
    """The address names one node, where others of its Cluster may have the keys."""


class _Own(threading.local):
    """What one thread has."""

    connection: AbstractConnection | None = None
    line: Line | None = None
    # The process that made the connection: a forked child must not speak on its parent's.
    pid = 0
    # The server that answered when the connection was made.
    identity = ""
    # Whether any server may answer, because it is to be found out which one does.
    searching = False


class Connections:
    """One connection for each thread, made like those of a client's pool."""

    def __init__(self, client: Redis) -> None:
        """Connect as `client` does.

        Nothing is sent before the first command.
        """
        self._pool = client.connection_pool
        self._own = _Own()
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
        """
        return self.send_packed(b"".join(pack_command(command) for command in commands), len(commands))

    def send_packed(self, packed: bytes, number: int) -> list[object]:
        """Send so many commands, which have been packed already.

        A refused or cut connection is tried once more. A slow one would be slow again.
        """
        try:
            return self._exchange(packed, number)
        except RedisConnectionError:
            return self._exchange(packed, number)

    def find(self) -> str:
        """Connect anew and return the identity of the server that answers there.

        Raises RedisError.
        """
        self._hang_up()
        self._own.searching = True
        try:
            self._connect()
        finally:
            self._own.searching = False
        return self._own.identity

    def check(self) -> None:
        """Make sure that the server behind the connection is still the same.

        Raises OtherServer or another RedisError.

        An operator can replace a running server's memory without cutting its connections.
        """
        info, *_ = self.send_all([_WHO, *self._probes])
        if identity_in(info) != self.identity:
            self._hang_up()
            raise OtherServer("The server has become another one.")

    @property
    def _probes(self) -> list[Command]:
        """List what is asked beside the identity: in a Cluster whether the slot is still there."""
        connection = self._own.connection
        return [connection.probe()] if isinstance(connection, OwnersConnection) else []

    def _exchange(self, packed: bytes, number: int) -> list[object]:
        own = self._own
        line = own.line
        if line is None or own.identity != self.identity or own.pid != os.getpid():
            line = self._connect()
        try:
            replies = line.exchange(packed, number)
        except BaseException:
            # A late answer must never be taken for that of the next command.
            self._hang_up()
            raise
        for reply in replies:
            if isinstance(reply, RedisError):
                if not isinstance(reply, ResponseError) or isinstance(reply, NOT_HERE):
                    # What the client counts as a failing connection: a server that is loading, or lets nobody in. And a
                    # node that no longer has the slot.
                    self._hang_up()
                raise reply
        return replies

    def _connect(self) -> Line:
        """Connect anew, to where Sentinels or nodes of a Cluster say if there are any."""
        own = self._own
        own.line = None
        if own.connection is None or own.pid != os.getpid():
            kwargs = {**self._pool.connection_kwargs, "redis_connect_func": self._greet}
            own.connection, own.pid = self._pool.connection_class(**kwargs), os.getpid()
        else:
            self._hang_up()
        own.connection.connect()
        own.line = Line(own.connection)
        return own.line

    def _hang_up(self) -> None:
        self._own.line = None
        if self._own.connection is not None:
            self._own.connection.disconnect()

    def _greet(self, connection: AbstractConnection) -> None:
        """Greet a server and learn which one it is.

        The connection is closed again if this raises.
        """
        try:
            connection.on_connect()
        except (AttributeError, TypeError, LookupError, ValueError) as error:
            # The client trusts the greeting to have the right shape.
            raise RedisConnectionError("This is no Redis server.") from error
        connection.send_command(*_WHO)
        info = connection.read_response()
        if is_node_of_cluster(info) and not isinstance(connection, OwnersConnection):
            raise NodeOfCluster("This is a node of a Redis Cluster: name it with redis+cluster://.")
        self._own.identity = identity_in(info)
        if self._own.identity != self.identity and not self._own.searching:
            raise OtherServer("Another Redis server answers at this address now.")


def identity_in(info: object) -> str:
    """Read from INFO which server this is and which history its memory has.

    A restart changes the first, a promotion the second. Raises RedisError for a replica or a server that does not say.
    """
    found = _fields(info)
    if b"run_id" not in found or b"role" not in found:
        raise RedisConnectionError("The server does not say who it is.")
    if found[b"role"] != b"master":
        raise ReadOnlyError("This server is a replica.")
    return f"{found[b'run_id'].decode()}/{found.get(b'master_replid', b'').decode()}"


def is_node_of_cluster(info: object) -> bool:
    """Read from INFO whether this server is one node of a Cluster."""
    return _fields(info).get(b"redis_mode") == b"cluster"


def _fields(info: object) -> dict[Any, Any]:
    text = info if isinstance(info, bytes) else str(info).encode()
    return dict(_FIELD.findall(text))

"""Find the node of a Redis Cluster on which one installation is.

All keys of an installation are in one slot (`caching/keys.py`), so there is one node at a time that has them: the
owner of the slot. Connections lead there and nowhere else. Where a node says that the slot is elsewhere, or on its way,
that is a failing Redis: the redirection is not followed, the connection ends, and the next one asks anew for the owner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from time import monotonic
from typing import Any

from redis.connection import Connection, SSLConnection
from redis.crc import key_slot
from redis.exceptions import AskError, ClusterDownError, RedisError, TryAgainError
from redis.exceptions import ConnectionError as RedisConnectionError

PORT = 6379
# How a node says that it does not have the slot, or not all of its keys.
NOT_HERE = (AskError, TryAgainError, ClusterDownError)

Address = tuple[str, int]
# Returns what all keys of the installation begin with.
Prefix = Callable[[], str]


class Nodes:
    """The nodes of one Cluster: those that the setting names, and those that they tell of.

    Safe across threads.
    """

    def __init__(self, given: Iterable[Address], ask: type[Connection], options: dict[str, Any]) -> None:
        """Ask them by connections of the class `ask`.

        Nothing is sent yet.
        """
        self._given = tuple(given)
        self._ask = ask
        self._options = options
        # In the order in which they will be asked. The list is replaced as one, never changed.
        self._known: list[Address] = list(self._given)

    def owner(self, slot: int) -> Address:
        """Return the address of the node that owns a slot.

        Each time another node is asked first, because one that was cut off from the others tells of the past. Raises
        RedisError.
        """
        until = monotonic() + self._options["socket_connect_timeout"] + self._options["socket_timeout"]
        failed: RedisError | None = None
        for asked in self._known:
            if failed and monotonic() > until:
                break
            self._put_last(asked)
            try:
                answer = self._slots(asked)
            except RedisError as error:
                failed = error
                continue
            self._learn(node for entry in answer for node in _nodes_of(entry, asked))
            return _owner(answer, slot, asked)
        raise failed or RedisConnectionError("The address names no node of a Cluster.")

    def _slots(self, asked: Address) -> list[Any]:
        connection = self._ask(host=asked[0], port=asked[1], **self._options)
        try:
            connection.connect()
            connection.send_command("CLUSTER", "SLOTS")
            answer: object = connection.read_response()
        finally:
            connection.disconnect()
        if not isinstance(answer, list):
            raise RedisConnectionError("This is no node of a Redis Cluster.")
        return answer

    def _learn(self, told: Iterable[Address]) -> None:
        """Add new nodes, and forget those that nobody tells of any more."""
        alive = dict.fromkeys(chain(told, self._given))
        self._known = list(dict.fromkeys(chain((node for node in self._known if node in alive), alive)))

    def _put_last(self, node: Address) -> None:
        self._known = [*(other for other in self._known if other != node), node]


def _owner(answer: list[Any], slot: int, asked: Address) -> Address:
    for entry in answer:
        if entry[0] <= slot <= entry[1]:
            return next(_nodes_of(entry, asked))
    raise ClusterDownError("CLUSTERDOWN No node owns the slot of this installation.")


def _nodes_of(entry: list[Any], asked: Address) -> Iterator[Address]:
    """Yield the owner of a range of slots, then its replicas.

    A node that does not know its own name is reached by the one under which it was asked.
    """
    for node in entry[2:]:
        host = node[0].decode() if isinstance(node[0], bytes) else node[0] or ""
        yield (asked[0] if host in ("", "?") else host), int(node[1])


class OwnersConnection(Connection):
    """A connection to the node that owns an installation's slot, wherever that is when it connects."""

    def __init__(self, *, nodes: Nodes, prefix: Prefix, **options: Any) -> None:
        """Connect to nobody yet."""
        self._nodes = nodes
        self._prefix = prefix
        super().__init__(**options)  # type: ignore[no-untyped-call]

    def probe(self) -> tuple[str, str]:
        """Return a command that only the owner of the slot answers, and only while no key of it is on its way.

        The key never exists; a node that gives its slot away refers to another one for what it does not have.
        """
        return "EXISTS", f"{self._prefix()}owner"

    def connect(self) -> None:
        """Connect to the owner, after asking who that is."""
        self.retry.call_with_retry(self._connect_to_owner, self._hang_up)

    def on_connect_check_health(self, check_health: bool = True) -> None:
        """Greet the node, and make sure that it owns the slot."""
        super().on_connect_check_health(check_health)
        self.send_command(*self.probe())  # type: ignore[no-untyped-call]
        self.read_response()

    def read_response(self, *args: Any, **kwargs: Any) -> Any:
        """Read an answer, and hang up where it says that the slot is elsewhere."""
        try:
            return super().read_response(*args, **kwargs)
        except NOT_HERE as error:
            self._hang_up(error)
            raise

    def _hang_up(self, _error: Exception) -> None:
        self.disconnect()  # type: ignore[no-untyped-call]

    def _connect_to_owner(self) -> None:
        if not self._sock:
            self.host, self.port = self._nodes.owner(slot_of(self._prefix()))
            self.connect_check_health(check_health=True, retry_socket_connect=False)


class OwnersSSLConnection(OwnersConnection, SSLConnection):
    """The same with TLS."""


def slot_of(prefix: str) -> int:
    """Return the slot of all keys that begin with this prefix, which has braces."""
    return key_slot(prefix.encode())


def owners_class(ask: type[Connection]) -> type[OwnersConnection]:
    """Return the class of connections to the owner, for one of connections to any node."""
    return OwnersSSLConnection if issubclass(ask, SSLConnection) else OwnersConnection

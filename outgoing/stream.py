"""A connection whose time and length are limited as a whole, not only between two parts."""

from __future__ import annotations

import io
import socket
from collections.abc import Sequence
from time import monotonic
from typing import Any

from outgoing.addresses import IPAddress

# Until another address of the same name is tried.
CONNECT_SECONDS = 4.0


class NoAnswer(Exception):
    """Nothing usable came back.

    The message says what happened, in words for the person who gave the address.
    """


class Deadline:
    """The instant at which all has to be done."""

    def __init__(self, seconds: float) -> None:
        """Begin to count now."""
        self._seconds = seconds
        self._at = monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left.

        Raises NoAnswer if there are none.
        """
        left = self._at - monotonic()
        if left <= 0:
            raise self.missed()
        return left

    def missed(self) -> NoAnswer:
        """Say that the time is over."""
        return NoAnswer(
            f"There was no whole answer within {self._seconds:g} second{'' if self._seconds == 1 else 's'}."
        )


def connect(addresses: Sequence[IPAddress], port: int, deadline: Deadline) -> socket.socket:
    """Connect to the first of these addresses that takes the connection.

    Raises NoAnswer.
    """
    failure = "the name has no address"
    for ip in addresses:
        connection = socket.socket(socket.AF_INET if ip.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
        try:
            connection.settimeout(min(CONNECT_SECONDS, deadline.left()))
            connection.connect((str(ip), port))
        except OSError as error:
            connection.close()
            failure = error.strerror or "it took too long"
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise NoAnswer(f"No connection could be made: {failure}.")


class Stream:
    """A connected socket as `http.client` uses one.

    It is closed by what has made the connection.
    """

    def __init__(self, connection: socket.socket, deadline: Deadline, most_bytes: int) -> None:
        """Allow `most_bytes` to be received in all."""
        self._connection = connection
        self._deadline = deadline
        self._most_bytes = most_bytes

    def sendall(self, content: Any) -> None:
        """Send everything, in time."""
        rest = memoryview(content).cast("B")
        while rest:
            self._connection.settimeout(self._deadline.left())
            rest = rest[self._connection.send(rest) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return what comes back."""
        return io.BufferedReader(_Received(self._connection, self._deadline, self._most_bytes))

    def close(self) -> None:
        """Leave the connection open: `http.client` lets go of it before the body is read."""


class _Received(io.RawIOBase):
    def __init__(self, connection: socket.socket, deadline: Deadline, most_bytes: int) -> None:
        super().__init__()
        self._connection, self._deadline, self._left = connection, deadline, most_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(self._deadline.left())
        try:
            number = self._connection.recv_into(buffer)
        except TimeoutError:
            raise self._deadline.missed() from None
        self._left -= number
        if self._left < 0:
            raise NoAnswer("The answer is too long.")
        return number

"""Exchange commands and answers on a connection that the client has made.

The client's own way takes about as long in Python as Redis takes to answer: it is made for everything that one may do
with a connection. This one sends, waits for as many answers as there were commands, and that is all.
"""

from __future__ import annotations

import socket
import ssl
import struct
from typing import cast

import hiredis
from redis.connection import AbstractConnection, DefaultParser
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import InvalidResponse
from redis.exceptions import TimeoutError as RedisTimeoutError

_AT_ONCE = 65_536
_NOTHING_YET = object()


class Line:
    """The socket of a connection, for one thread.

    After an error it must not be used again.
    """

    def __init__(self, connection: AbstractConnection) -> None:
        """Take over the socket of a connection that has been greeted."""
        self._socket = cast(socket.socket, connection._sock)
        _let_the_system_keep_time(self._socket)
        self._reader = hiredis.Reader(
            protocolError=InvalidResponse, replyError=DefaultParser.parse_error, notEnoughData=_NOTHING_YET
        )

    def exchange(self, packed: bytes, number: int) -> list[object]:
        """Send packed commands, and return their `number` answers.

        A refusal is a RedisError among them. Raises one if the server is too slow, hangs up, or speaks something else.
        """
        reader = self._reader
        answers: list[object] = []
        try:
            self._socket.sendall(packed)
            while len(answers) < number:
                received = self._socket.recv(_AT_ONCE)
                if not received:
                    raise RedisConnectionError("The server has hung up.")
                reader.feed(received)
                while (answer := reader.gets()) is not _NOTHING_YET:
                    answers.append(answer)
        except (TimeoutError, BlockingIOError):
            raise RedisTimeoutError("The server does not answer in time.") from None
        except OSError as error:
            raise RedisConnectionError(f"The connection failed: {error}") from None
        if len(answers) > number:
            raise RedisConnectionError("The server says more than it was asked.")
        return answers


def _let_the_system_keep_time(connected: socket.socket) -> None:
    """Have the system end a send or a receive that takes too long.

    Python would ask before each of them whether the socket is ready, a system call more. Under TLS there is more to
    receive than what was asked for, so there it stays as it is.
    """
    seconds = connected.gettimeout()
    if seconds is None or isinstance(connected, ssl.SSLSocket):
        return
    limit = struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        connected.setsockopt(socket.SOL_SOCKET, option, limit)
    connected.settimeout(None)

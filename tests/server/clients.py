"""Clients as no library makes them: unfinished requests, readers that do not read, other addresses of this machine."""

import http.client
import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

FIRST = "127.0.0.1"
SECOND = "127.0.0.2"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def place(url: str) -> tuple[str, int]:
    """Take the host and the port out of a server's address."""
    host, _, port = url.removeprefix("http://").partition(":")
    return host, int(port)


def ask(url: str, path: str, *, source: str = SECOND, method: str = "GET", **headers: str) -> Answer:
    """Send a request from an address of this machine; `_` in the name of a header stands for `-`."""
    host, port = place(url)
    with closing(http.client.HTTPConnection(host, port, timeout=20, source_address=(source, 0))) as connection:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())


def is_healthy(url: str) -> bool:
    """Tell whether the server says so; a request that it took to its grave is none of its answers."""
    try:
        return ask(url, "/health").status == 200
    except (OSError, http.client.HTTPException):
        return False


@contextmanager
def crowd(url: str, number: int, sends: bytes, *, receives: int | None = None) -> Iterator[list[socket.socket]]:
    """Open many connections from the first address, each of which sends the same and reads nothing by itself."""
    with ExitStack() as open_ones:
        sockets = []
        for _ in range(number):
            connection = open_ones.enter_context(socket.socket())
            if receives:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
            connection.settimeout(20)
            connection.bind((FIRST, 0))
            try:
                connection.connect(place(url))
                connection.sendall(sends)
            except ConnectionError:
                continue  # it was refused, which is an answer as well
            sockets.append(connection)
        yield sockets


def has_been_read(connection: socket.socket) -> bool:
    """Tell whether the server has accepted a connection over IPv4 and read all that was sent on it.

    The kernel knows.
    """
    ends = [_as_the_kernel_writes_it(*end) for end in (connection.getpeername(), connection.getsockname())]
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines())
    # Of the server's end: what waits to be read, and the number of the socket, which it gets when it is accepted.
    waiting, socket_number = next((row[4].partition(":")[2], row[9]) for row in rows if row[1:3] == ends)
    return int(waiting, 16) == 0 and socket_number != "0"


def _as_the_kernel_writes_it(host: str, port: int) -> str:
    (number,) = struct.unpack("=I", socket.inet_aton(host))
    return f"{number:08X}:{port:04X}"


def rest_of(connection: socket.socket) -> bytes:
    """Read until the server closes the connection."""
    received = b""
    try:
        while some := connection.recv(65536):
            received += some
    except ConnectionError:
        pass
    return received


def say(url: str, sends: bytes) -> bytes:
    """Send bytes and read all that comes back; the request has to ask for the end of the connection."""
    with crowd(url, 1, sends) as (connection,):
        return rest_of(connection)

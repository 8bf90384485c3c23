"""Send one request to an address that a person has given, and read a bounded answer."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead

from outgoing.addresses import Target, parse
from outgoing.names import loopback_allowed, resolve
from outgoing.stream import Deadline, NoAnswer, Stream, connect

# Status line, headers, and what a body in many small parts needs beside itself.
_AROUND_BODY = 256 * 1024
CHECK_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    The names of headers are in small letters. `whole` is False where the body goes on behind what was read.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool


def check(url: str) -> bool:
    """Check an address that a person gives, and tell whether its name is known by now.

    A name may get its address later, and is checked again at each use. Raises AddressRefused.
    """
    loopback = loopback_allowed()
    target = parse(url, loopback=loopback)
    try:
        resolve(target, loopback=loopback, seconds=CHECK_SECONDS)
    except NoAnswer:
        return False
    return True


def call(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    most_bytes: int,
    seconds: float = 10.0,
) -> Answer:
    """Send a request and return the answer, whatever its status.

    Everything takes at most `seconds`. Of the body at most `most_bytes` are read.

    Raises AddressRefused for an address that does not lead to the public internet, and NoAnswer.
    """
    loopback, deadline = loopback_allowed(), Deadline(seconds)
    target = parse(url, loopback=loopback)
    addresses = resolve(target, loopback=loopback, seconds=deadline.left())
    try:
        with closing(_connect(target, connect(addresses, target.port, deadline), deadline)) as connection:
            stream = Stream(connection, deadline, most_bytes + _AROUND_BODY)
            return _exchange(target, stream, (method, dict(headers or {}), body), most_bytes)
    except (HTTPException, OSError, ValueError) as error:
        raise NoAnswer(_explain(error, deadline)) from error


def _connect(target: Target, connection: socket.socket, deadline: Deadline) -> socket.socket:
    """Begin TLS where it is spoken.

    The certificate has to be that of the name, although the connection was made to a checked number.
    """
    if not target.tls:
        return connection
    try:
        connection.settimeout(deadline.left())
        return tls_context().wrap_socket(connection, server_hostname=target.host)
    except BaseException:
        connection.close()
        raise


def tls_context() -> ssl.SSLContext:
    """Trust the authorities that the system trusts."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _exchange(
    target: Target, stream: Stream, request: tuple[str, dict[str, str], bytes | None], most_bytes: int
) -> Answer:
    method, headers, body = request
    http = HTTPConnection(target.host, target.port)
    http.auto_open = 0
    # It uses no more of a socket than a stream has.
    http.sock = stream
    http.request(method, target.path, body, {"Connection": "close", **headers, "Host": target.authority})
    with http.getresponse() as response:
        content = _read(response, most_bytes + 1)
        said = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, said, content[:most_bytes], len(content) <= most_bytes)


def _read(response: HTTPResponse, number: int) -> bytes:
    """Read up to `number` bytes: one call may return less than there are."""
    parts, left = [], number
    while left and (part := response.read(left)):
        parts.append(part)
        left -= len(part)
    if left and response.length:
        raise IncompleteRead(b"", response.length)
    return b"".join(parts)


def _explain(error: Exception, deadline: Deadline) -> str:
    """Say in one sentence why there is no answer."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"The certificate is not valid: {error.verify_message}."
        case ssl.SSLError():
            return "A safe connection (TLS) could not be made."
        case TimeoutError():
            return str(deadline.missed())
        case OSError() if error.strerror:
            return f"The connection failed: {error.strerror}."
        case _:
            return "The connection was ended, or what came back is no answer over HTTP."

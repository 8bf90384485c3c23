"""Requests to real servers that drip, hang, redirect, never end, or are not who they say they are."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

import outgoing
from outgoing import AddressRefused, NoAnswer

NAME = "hooks.example.org"
Behaviour = Callable[[socket.socket], None]


class Receiver:
    """A server that does with each connection what it was told to, and keeps what it was sent."""

    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self.heard: list[bytes] = []
        self._behaviour, self._tls = behaviour, tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._talk, args=(self._socket.accept()[0],), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            if self._tls:
                connection = stack.enter_context(self._tls.wrap_socket(connection, server_side=True))
            self.heard.append(_request(connection))
            self._behaviour(connection)

    def close(self) -> None:
        self._socket.close()


def _request(connection: socket.socket) -> bytes:
    """Read a request with its body, whose length has one digit."""
    heard = connection.recv(65536)
    length = re.search(rb"Content-Length: (\d)\r\n", heard)
    while length and len(heard.partition(b"\r\n\r\n")[2]) < int(length[1]):
        heard += connection.recv(65536)
    return heard


@pytest.fixture
def serve() -> Iterator[Callable[..., Receiver]]:
    with contextlib.ExitStack() as stack:

        def start(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Receiver:
            receiver = Receiver(behaviour, tls)
            stack.callback(receiver.close)
            return receiver

        yield start


@pytest.fixture(autouse=True)
def on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing.loopback_allowed, "_function", lambda: True)


def says(words: bytes) -> Behaviour:
    return lambda connection: connection.sendall(words)


def drips(first: bytes, part: bytes, pause: float = 0.02) -> Behaviour:
    """Say `first`, then `part` again and again, slowly enough that no single wait is long."""

    def drip(connection: socket.socket) -> None:
        connection.sendall(first)
        while not threading.Event().wait(pause):
            connection.sendall(part)

    return drip


def forever(first: bytes, part: bytes) -> Behaviour:
    def go_on(connection: socket.socket) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(part)

    return go_on


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Let each look-up give the next of these addresses, and return the names that were looked up."""
    asked: list[str] = []

    def look_up(name: str, port: int, *_args: Any, **_named: Any) -> list[Any]:
        ip = answers[min(len(asked), len(answers) - 1)]
        asked.append(name)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_a_request_is_sent_and_its_answer_returned(serve: Callable[..., Receiver]) -> None:
    receiver = serve(says(b"HTTP/1.1 201 Created\r\nX-Kind: test\r\nContent-Length: 4\r\n\r\ndone"))

    url = f"http://127.0.0.1:{receiver.port}/in?x=1#here"
    answer = outgoing.call(url, method="POST", headers={"X-Said": "yes"}, body=b"hello", most_bytes=100)

    assert (answer.status, answer.body, answer.whole, answer.headers["x-kind"]) == (201, b"done", True, "test")
    head, _, body = receiver.heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /in?x=1 HTTP/1.1\r\n")
    said = {f"Host: 127.0.0.1:{receiver.port}".encode(), b"X-Said: yes", b"Accept-Encoding: identity"}
    assert said <= set(head.split(b"\r\n"))
    assert body == b"hello"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(serve: Callable[..., Receiver], status: int) -> None:
    elsewhere = serve(says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    location = f"http://127.0.0.1:{elsewhere.port}/"
    receiver = serve(says(f"HTTP/1.1 {status} Go\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()))

    answer = outgoing.call(f"http://127.0.0.1:{receiver.port}/", most_bytes=100)

    assert (answer.status, answer.headers["location"]) == (status, location)
    assert not elsewhere.heard


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(lambda connection: threading.Event().wait(5) and None, id="says nothing"),
        pytest.param(drips(b"", b"H"), id="status line"),
        pytest.param(drips(b"HTTP/1.1 200 OK\r\n", b"X-Header: 1\r\n"), id="headers"),
        pytest.param(drips(b"HTTP/1.1 200 OK\r\nX: ", b"1"), id="one header"),
        pytest.param(drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="continue"),
        pytest.param(drips(b"HTTP/1.1 200 OK\r\n\r\n", b"."), id="body"),
        pytest.param(drips(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n", b"."), id="body with a length"),
        pytest.param(drips(CHUNKED, b"1\r\n.\r\n"), id="chunks"),
        pytest.param(drips(CHUNKED + b"0\r\n", b"X: 1\r\n"), id="trailers"),
    ],
)
def test_what_drips_or_hangs_has_its_time_and_no_more(serve: Callable[..., Receiver], behaviour: Behaviour) -> None:
    receiver = serve(behaviour)

    with pytest.raises(NoAnswer, match=r"within 0.4 seconds"):
        outgoing.call(f"http://127.0.0.1:{receiver.port}/", most_bytes=65536, seconds=0.4)


@pytest.mark.parametrize(
    "first", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"]
)
def test_no_more_is_read_of_an_endless_body_than_the_bound(serve: Callable[..., Receiver], first: bytes) -> None:
    receiver = serve(forever(first, b"x" * 10_000))

    answer = outgoing.call(f"http://127.0.0.1:{receiver.port}/", most_bytes=65536)

    assert (len(answer.body), answer.whole) == (65536, False)


@pytest.mark.parametrize(
    ("first", "part"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X: " + b"x" * 60_000 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (CHUNKED + b"0\r\n", b"X: 1\r\n"),
        (CHUNKED, b"1;" + b"x" * 60_000 + b"\r\n.\r\n"),
        (b"", b"no HTTP at all "),
    ],
)
def test_endless_words_around_a_body_are_no_answer(serve: Callable[..., Receiver], first: bytes, part: bytes) -> None:
    receiver = serve(forever(first, part))

    with pytest.raises(NoAnswer, match=r"too long|no answer over HTTP"):
        outgoing.call(f"http://127.0.0.1:{receiver.port}/", most_bytes=65536)


def test_an_encoded_body_is_not_decoded(serve: Callable[..., Receiver]) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n"
    receiver = serve(says(head + b"\x1f\x8b\x08\x00"))

    answer = outgoing.call(f"http://127.0.0.1:{receiver.port}/", most_bytes=100)

    assert answer.body == b"\x1f\x8b\x08\x00"


def test_an_answer_that_breaks_off_is_none(serve: Callable[..., Receiver]) -> None:
    receiver = serve(says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"))

    with pytest.raises(NoAnswer, match="ended"):
        outgoing.call(f"http://127.0.0.1:{receiver.port}/", most_bytes=100)


def test_a_port_where_nothing_listens_gives_no_answer(serve: Callable[..., Receiver]) -> None:
    receiver = serve(says(b""))
    receiver.close()
    url = f"http://127.0.0.1:{receiver.port}/"

    with pytest.raises(NoAnswer):
        outgoing.call(url, most_bytes=100, seconds=1)


def test_a_look_up_that_hangs_has_its_time_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: done.wait(5))

    with pytest.raises(NoAnswer, match="looked up in time"):
        outgoing.call(f"https://{NAME}/", most_bytes=100, seconds=0.2)

    done.set()


def test_proxies_and_passwords_of_the_environment_are_not_used(
    serve: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    proxy, receiver = serve(says(b"")), serve(says(b"HTTP/1.1 204 No\r\n\r\n"))
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n", encoding="utf-8")
    monkeypatch.setenv("HOME", os.fspath(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")

    answer = outgoing.call(f"http://127.0.0.1:{receiver.port}/", most_bytes=100)

    assert answer.status == 204
    assert not proxy.heard
    assert b"Authorization" not in receiver.heard[0]


# Over TLS.


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", os.fspath(tmp_path / "ca.pem"))


def tls_for(authority: trustme.CA, name: str, asked: list[str | None] | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    if asked is not None:
        context.sni_callback = lambda _socket, server, _context: asked.append(server)
    return context


FINE = says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@pytest.mark.usefixtures("trusted")
def test_the_certificate_is_that_of_the_name_and_the_connection_goes_to_the_number(
    serve: Callable[..., Receiver], authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []
    receiver = serve(FINE, tls_for(authority, NAME, asked))
    looked_up = resolving(monkeypatch, "127.0.0.1")

    answer = outgoing.call(f"https://{NAME}:{receiver.port}/", most_bytes=100)

    assert answer.body == b"ok"
    assert (asked, looked_up) == ([NAME], [NAME])
    assert f"Host: {NAME}:{receiver.port}".encode() in receiver.heard[0]


@pytest.mark.usefixtures("trusted")
def test_the_certificate_of_another_name_is_refused(
    serve: Callable[..., Receiver], authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = serve(FINE, tls_for(authority, "other.example.org"))
    resolving(monkeypatch, "127.0.0.1")

    with pytest.raises(NoAnswer, match="certificate"):
        outgoing.call(f"https://{NAME}:{receiver.port}/", most_bytes=100)

    assert not receiver.heard


def test_a_certificate_that_nobody_has_vouched_for_is_refused(
    serve: Callable[..., Receiver], authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = serve(FINE, tls_for(authority, NAME))
    resolving(monkeypatch, "127.0.0.1")

    with pytest.raises(NoAnswer, match="certificate"):
        outgoing.call(f"https://{NAME}:{receiver.port}/", most_bytes=100)


def test_a_server_that_begins_no_tls_has_its_time_and_no_more(serve: Callable[..., Receiver]) -> None:
    receiver = serve(lambda connection: threading.Event().wait(5) and None)

    with pytest.raises(NoAnswer, match=r"within 0.3 seconds"):
        outgoing.call(f"https://127.0.0.1:{receiver.port}/", most_bytes=100, seconds=0.3)


def test_a_name_that_leads_elsewhere_at_the_second_look_up_reaches_nothing(
    serve: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = serve(FINE)
    monkeypatch.setattr(outgoing.loopback_allowed, "_function", lambda: False)
    asked = resolving(monkeypatch, "192.0.2.1", "8.8.8.8", "127.0.0.1")
    connected: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: connected.append(address) or refuse())

    def refuse() -> None:
        raise ConnectionRefusedError(111, "refused")

    url = f"https://{NAME}:{receiver.port}/"
    with pytest.raises(AddressRefused):
        outgoing.check(url)
    with pytest.raises(NoAnswer):
        outgoing.call(url, most_bytes=100)
    with pytest.raises(AddressRefused):
        outgoing.call(url, most_bytes=100)

    # Each use has looked the name up once, and connected to what was checked.
    assert (asked, connected, receiver.heard) == ([NAME] * 3, [("8.8.8.8", receiver.port)], [])


def test_threads_that_wait_for_names_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    done, numbers = threading.Event(), itertools.count(1)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: done.wait(10) and [])
    before = threading.active_count()
    refusals = [_refusal(f"https://{NAME}/{next(numbers)}") for _ in range(40)]

    assert threading.active_count() <= before + 32
    assert any("Too many names" in it for it in refusals)
    done.set()


def _refusal(url: str) -> str:
    with pytest.raises(NoAnswer) as raised:
        outgoing.call(url, most_bytes=100, seconds=0.001)
    return str(raised.value)

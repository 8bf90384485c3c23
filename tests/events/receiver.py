"""Receivers of webhooks on loopback, which answer as a test tells them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

from jsontext import loads


@dataclass
class Message:
    """What arrived, and what the headers say."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> Any:
        return loads(self.body)

    def verified_by(self, secret: str) -> Any:
        """What the specification's own library makes of it."""
        return Webhook(secret).verify(self.body, self.headers)


class Receiver:
    """A server that keeps messages, and answers each with what `answers` says."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.messages: list[Message] = []
        self.answers: Callable[[Message], tuple[int, bytes]] = lambda _: (200, b"thank you")
        # Headers of all answers.
        self.headers: dict[str, str] = {}

    @property
    def ids(self) -> list[str]:
        return [message.id for message in self.messages]

    @property
    def types(self) -> list[str]:
        return [message.said["type"] for message in self.messages]

    def answer(self, status: int, body: bytes = b"") -> None:
        self.answers = lambda _: (status, body)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Start a receiver on a port of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    found = Receiver(f"http://127.0.0.1:{server.server_port}/in")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            message = Message({name.lower(): value for name, value in self.headers.items()}, body)
            found.messages.append(message)
            status, answer = found.answers(message)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            if 300 <= status < 400:
                self.send_header("Location", found.url + "/elsewhere")
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_args: Any) -> None:
            pass

    server.RequestHandlerClass = Handler
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()

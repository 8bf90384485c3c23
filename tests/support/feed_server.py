"""A real HTTP server with iCalendar feeds, which can hang, move, fail, be killed and come back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Elsewhere//EN\r\n"


def event(*lines: str, uid: str = "1@elsewhere") -> str:
    """Write an event with these lines."""
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T000000Z", *lines, "END:VEVENT", ""])


def busy(start: str, end: str, *more: str, uid: str = "1@elsewhere") -> str:
    """Write an event from "20261123T090000Z" to such another time."""
    return event(f"DTSTART:{start}", f"DTEND:{end}", *more, uid=uid)


def feed(*components: str) -> bytes:
    """Write a feed of these events."""
    return (HEAD + "".join(components) + "END:VCALENDAR\r\n").encode()


class FeedServer:
    """What each path answers, and what it was asked."""

    def __init__(self) -> None:
        # By path; a number is a status, a text where the feed has moved to.
        self.feeds: dict[str, bytes | int | str] = {}
        self.heard: list[tuple[str, dict[str, str]]] = []
        # Whether answers have an ETag, and 304 is given for it.
        self.tags = True
        # Paths that never answer, until the server ends.
        self.hanging: set[str] = set()
        self.ended = threading.Event()
        self.port = 0
        self._server: ThreadingHTTPServer | None = None

    def url(self, path: str = "/a.ics") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def start(self) -> None:
        """Listen, at the same port as before it was killed."""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler) -> None:  # noqa: N805
                self._answer(handler)

            def log_message(handler, *_: object) -> None:  # noqa: N805
                """Say nothing."""

        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def kill(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = {name.lower(): value for name, value in handler.headers.items()}
        self.heard.append((handler.path, asked))
        if handler.path in self.hanging:
            self.ended.wait(30)
            return
        said = self.feeds.get(handler.path, 404)
        tag = f'"{hash(said)}"'
        status = said if isinstance(said, int) else 302 if isinstance(said, str) else 200
        if self.tags and asked.get("if-none-match") == tag:
            status = 304
        handler.send_response(status)
        if self.tags and status in (200, 304):
            handler.send_header("ETag", tag)
        if isinstance(said, str):
            handler.send_header("Location", said)
        body = said if isinstance(said, bytes) and status == 200 else b""
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@contextmanager
def feed_server() -> Iterator[FeedServer]:
    """Serve feeds until the end of the block."""
    server = FeedServer()
    server.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.kill()

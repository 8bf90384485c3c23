"""The school's own website, which shows a page of Lectern in a frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit


class _Page(BaseHTTPRequestHandler):
    """A page with a frame of the address that its own one asks for."""

    def do_GET(self) -> None:
        (framed,) = parse_qs(urlsplit(self.path).query).get("frame", [""])
        body = f'<!doctype html><title>School</title><iframe src="{escape(framed)}" width="320" height="640"></iframe>'
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Website:
    """A server with two names, of which one is listed and may show frames; to a browser they are two websites."""

    def __init__(self, port: int) -> None:
        self.listed = f"http://localhost:{port}"
        self.unlisted = f"http://127.0.0.1:{port}"


@contextmanager
def website() -> Iterator[Website]:
    """Serve the website until the end of the block."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield Website(server.server_port)
        finally:
            server.shutdown()
            thread.join()

"""Serves an iCalendar feed as a process of its own, which can be killed and started again.

The feed is what a file says. With a third argument the process kills itself at the first request, and that says when:
before it answers (`asked`), in the midst of a body whose length it has told (`body`), or of one whose end is that of
the connection (`body-of-no-length`).
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from tests.support.server_process import ServerProcess, serve


def offer(port: int, file: Path, fatal: str) -> None:
    """Serve the feed for ever."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if fatal == "asked":
                os.kill(os.getpid(), signal.SIGKILL)
            body = file.read_bytes()
            self.send_response(200)
            if fatal != "body-of-no-length":
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if fatal:
                self.wfile.write(body[: len(body) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    serve(HTTPServer(("127.0.0.1", port), Handler))


@dataclass
class FeedProcess(ServerProcess):
    """A feed at an address that stays the same whenever it runs."""

    file: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/a.ics"

    def start(self, *, dies: str = "") -> None:
        """Begin to listen."""
        self.run(self.file, dies)


if __name__ == "__main__":
    offer(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])

"""Receives webhooks as a process of its own, which can be killed and started again.

It appends the number of each message to a file before it answers. With a third argument it kills itself at the message
with that number, after writing it down: its sender then cannot know that it was received.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from jsontext import loads
from tests.support.server_process import ServerProcess, serve, started


def receive(port: int, record: Path, fatal: int | None) -> None:
    """Receive messages for ever."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = loads(self.rfile.read(int(self.headers["Content-Length"])))
            number = said["data"]["gig_id"]
            with record.open("a") as file:
                file.write(f"{number} {self.headers['webhook-id']}\n")
            if number == fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    serve(HTTPServer(("127.0.0.1", port), Handler))


@dataclass
class ReceiverProcess(ServerProcess):
    """A receiver at an address that stays the same whenever it runs."""

    record: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in"

    def start(self, *, dies_at: int | None = None) -> None:
        """Begin to listen."""
        self.run(self.record, *([] if dies_at is None else [dies_at]))

    def messages(self) -> list[tuple[int, str]]:
        """What has arrived, in order: the number of each event, and the id of its message."""
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        return [(int(number), id_) for number, id_ in (line.split() for line in lines)]


@contextmanager
def receiver_process(record: Path) -> Iterator[ReceiverProcess]:
    """Receive until the end of the block."""
    with started(ReceiverProcess(record)) as process:
        yield process


if __name__ == "__main__":
    receive(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None)

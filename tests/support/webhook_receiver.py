"""Receives webhooks as a process of its own, which can be killed and started again.

It appends the number of each message to a file before it answers. With a third argument it kills itself at the message
with that number, after writing it down: its sender then cannot know that it was received.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from config import ROOT
from jsontext import loads


def serve(port: int, record: Path, fatal: int | None) -> None:
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

    server = HTTPServer(("127.0.0.1", port), Handler)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


@dataclass
class ReceiverProcess:
    """A receiver at an address that stays the same whenever it runs."""

    record: Path
    port: int = 0
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in"

    def start(self, *, dies_at: int | None = None) -> None:
        """Begin to listen."""
        fatal = [] if dies_at is None else [str(dies_at)]
        command = [sys.executable, "-m", __name__, str(self.port), str(self.record), *fatal]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())

    def kill(self) -> None:
        """End at once."""
        if self._process:
            self._process.kill()
            self.wait()

    def wait(self) -> None:
        """Wait for its end."""
        if self._process:
            self._process.communicate(timeout=20)
            self._process = None

    def messages(self) -> list[tuple[int, str]]:
        """What has arrived, in order: the number of each event, and the id of its message."""
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        return [(int(number), id_) for number, id_ in (line.split() for line in lines)]


@contextmanager
def receiver_process(record: Path) -> Iterator[ReceiverProcess]:
    """Receive until the end of the block."""
    process = ReceiverProcess(record)
    process.start()
    try:
        yield process
    finally:
        process.kill()


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None)

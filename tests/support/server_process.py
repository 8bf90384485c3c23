"""A server that is a process of its own: killed, and started again at the same port."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import HTTPServer
from typing import TypeVar

from config import ROOT

Server = TypeVar("Server", bound="ServerProcess")


def serve(server: HTTPServer) -> None:
    """Say which port it is, and serve for ever: what the process does."""
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


@dataclass
class ServerProcess:
    """A server at a port that stays the same whenever it runs; 0 until it has run."""

    port: int = field(default=0, kw_only=True)
    _process: subprocess.Popen[str] | None = field(default=None, repr=False, kw_only=True)

    def start(self) -> None:
        """Begin to listen."""
        self.run()

    def run(self, *arguments: object) -> None:
        """Run the module of the class with the port and these arguments, until it says its port."""
        command = [sys.executable, "-m", type(self).__module__, str(self.port), *map(str, arguments)]
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


@contextmanager
def started(process: Server) -> Iterator[Server]:
    """Let it run until the end of the block."""
    process.start()
    try:
        yield process
    finally:
        process.kill()

"""Start, watch, restart and stop the web server's processes."""

from __future__ import annotations

import http.client
import logging
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from config import ROOT
from server.children import REQUEST_GRACE_SECONDS, Pauses, how_it_ended, spawn, stop

# A little longer than the web server gives its own workers, so that it is not cut off while it waits for them.
STOP_SECONDS = REQUEST_GRACE_SECONDS + 5.0

logger = logging.getLogger(__name__)


class WebServer:
    """A granian.

    Behind HAProxy it has one worker on a socket of its own, else all of them on a port.
    """

    def __init__(self, *place: str | Path, hang_seconds: int) -> None:
        self._place = place
        self._hang_seconds = hang_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._pauses = Pauses()

    def start(self) -> None:
        """Start the process.

        It answers a while later.
        """
        self._pauses.note_start()
        if isinstance(self._place[0], Path):
            self._place[0].unlink(missing_ok=True)
        line = (sys.executable, "-m", "server.webserver", str(self._hang_seconds), *self._place)
        self._process = spawn(*line, folder=ROOT)

    def has_ended(self) -> bool:
        """Tell whether it has ended."""
        return self._process is None or self._process.poll() is not None

    def revive(self) -> None:
        """Start it again if it has ended by itself."""
        if self._process is None or self._process.poll() is None or not self._pauses.are_over():
            return
        logger.error("A web server has ended (%s); starting it again.", how_it_ended(self._process))
        self.start()

    def answers(self) -> bool:
        """Ask it whether all is well."""
        if isinstance(self._place[0], Path):
            return is_healthy(_SocketConnection(self._place[0]))
        return is_healthy_at(*self._place)

    def ask_to_stop(self) -> None:
        """Let it begin to stop."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """Finish the open requests and end."""
        if self._process is not None and self._process.poll() is None:
            stop(self._process, grace=STOP_SECONDS)


def stop_all(servers: Sequence[WebServer]) -> None:
    """Stop them side by side."""
    for server in servers:
        server.ask_to_stop()
    for server in servers:
        server.stop()


def is_healthy_at(address: str | Path, port: str | Path) -> bool:
    """Ask as any client could.

    A wildcard address is reached through the same family's loopback.
    """
    nearby = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(str(address), str(address))  # noqa: S104  (compared, not bound)
    return is_healthy(http.client.HTTPConnection(nearby, int(str(port)), timeout=5))


def is_healthy(connection: http.client.HTTPConnection) -> bool:
    """Ask for the health of the other side, and close the connection."""
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class _SocketConnection(http.client.HTTPConnection):
    """A connection to a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=5)
        self._path = path

    def connect(self) -> None:
        """Open it."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))

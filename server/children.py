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


class CannotStart(Exception):
    """Something that Lectern needs could not be started; the message says what and what to do."""


def spawn(*command: str | Path, folder: Path, output: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """Start `command` in `folder` as the leader of a session of its own, tied to the life of this process.

    Ctrl-C in a terminal reaches every process of the session there. The children are in another one, so that this
    process decides in which order they end.
    """
    return subprocess.Popen(  # noqa: S603  (the commands are our own)
        [sys.executable, "-I", tether.__file__, str(os.getpid()), *map(str, command)],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output and subprocess.STDOUT,
        start_new_session=True,
    )


def stop(process: subprocess.Popen[bytes], *, grace: float) -> None:
    """Ask a child to end, wait up to `grace` seconds, then end by force whatever is left of it and its children.

    One that ended long ago must not be stopped: by now its number may belong to a stranger.
    """
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(grace)
    with suppress(ProcessLookupError, PermissionError):  # nothing is left; macOS says it the second way
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Ask every 20 ms whether `condition` holds; tell whether it did before the time was over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True

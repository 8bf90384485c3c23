"""Start, watch, restart and stop the process that runs jobs."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from contextlib import suppress
from time import monotonic

from config import ROOT
from server.children import Pauses, how_it_ended, spawn, stop

# A little longer than the runner gives the jobs that are under way.
STOP_SECONDS = 15.0

logger = logging.getLogger(__name__)


class JobRunner:
    """The runner of this machine.

    One that shows no sign of life is killed, and one that has ended is started again.
    """

    def __init__(self, hang_seconds: int) -> None:
        """Prepare everything."""
        self._hang_seconds = hang_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._pauses = Pauses()
        self._signs: int | None = None
        self._silent_for = 0.0
        self._looked_at = 0.0

    def start(self) -> None:
        """Start the process."""
        self._pauses.note_start()
        self._close()
        self._signs, theirs = os.pipe()
        os.set_blocking(self._signs, False)
        # Its first sign says that it has come so far that it can give them.
        self._silent_for = float("-inf")
        try:
            line = (sys.executable, "-m", "server.job_runner", str(theirs))
            self._process = spawn(*line, folder=ROOT, pass_fds=(theirs,))
        finally:
            os.close(theirs)

    def revive(self) -> None:
        """Start it again if it has ended by itself, and end it if it hangs."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._listen(self._process)
        elif self._pauses.are_over():
            logger.error("The runner of jobs has ended (%s); starting it again.", how_it_ended(self._process))
            self.start()

    def replace(self) -> subprocess.Popen[bytes] | None:
        """Start another one, beside the one that `retire` is to end: several share the table of jobs."""
        old = self._process
        self.start()
        return old

    def stop(self) -> None:
        """Finish the jobs that are under way, and end."""
        retire(self._process)
        self._close()

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        """Kill the process if it has been silent for too long.

        A pause of the whole machine, which this process slept through as well, counts for a second.
        """
        since, self._looked_at = monotonic() - self._looked_at, monotonic()
        self._silent_for += min(since, 1.0)
        with suppress(BlockingIOError):
            if self._signs is not None and os.read(self._signs, 4096):
                self._silent_for = 0.0
        if self._silent_for > self._hang_seconds:
            logger.error("The runner of jobs, process %d, hangs; it is killed and replaced.", process.pid)
            process.kill()

    def _close(self) -> None:
        if self._signs is not None:
            os.close(self._signs)
            self._signs = None


def retire(process: subprocess.Popen[bytes] | None) -> None:
    """Let a runner finish the jobs that are under way, and end."""
    if process is not None and process.poll() is None:
        stop(process, grace=STOP_SECONDS)

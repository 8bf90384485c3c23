"""Kill worker processes that no longer give a sign of life every second.

The signs go through a pipe, which needs no disk and is gone with its processes. A worker whose threads all wait for the
database still gives them; one that was stopped, or hangs in native code, does not.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import struct
import threading
import time
from collections import Counter
from contextlib import suppress
from typing import NoReturn

BEAT_SECONDS = 1.0
_SIGN = struct.Struct("i")

logger = logging.getLogger(__name__)


class Heartbeat:
    """A pipe between the workers that `multiprocessing` forks and the process that made it."""

    def __init__(self, hang_seconds: int) -> None:
        self._limit = round(hang_seconds / BEAT_SECONDS)
        self._receiving, self._sending = os.pipe()
        os.set_blocking(self._receiving, False)
        os.set_blocking(self._sending, False)
        # How often in a row each process was not heard of. Counting in turns of our own rather than in seconds,
        # a pause of the whole machine counts for nothing.
        self._missed: Counter[int] = Counter()

    def watch(self) -> None:
        """Kill silent workers from now on.

        Whoever started them replaces them.
        """
        threading.Thread(target=self._watch, name="lectern-watch", daemon=True).start()

    def beat(self) -> None:
        """Give signs of life from now on.

        Called in a worker.
        """
        threading.Thread(target=self._beat, name="lectern-heartbeat", daemon=True).start()

    def _beat(self) -> NoReturn:
        sign = _SIGN.pack(os.getpid())
        while True:
            with suppress(OSError):  # nobody reads at the moment
                os.write(self._sending, sign)
            time.sleep(BEAT_SECONDS)

    def _watch(self) -> NoReturn:
        while True:
            time.sleep(BEAT_SECONDS)
            self.take_turn()

    def take_turn(self) -> None:
        """Hear who lives, and kill those who have not been heard of for too long."""
        heard = self._hear()
        self._missed.update(self._missed.keys() - heard)
        for pid in heard:
            self._missed[pid] = 0
        for pid in [pid for pid, missed in self._missed.items() if missed >= self._limit]:
            del self._missed[pid]
            # A worker that has ended is silent, too, and its number may belong to a stranger by now.
            if pid in {child.pid for child in multiprocessing.active_children()}:
                logger.error("Worker process %d hangs; it is killed and replaced.", pid)
                os.kill(pid, signal.SIGKILL)

    def _hear(self) -> set[int]:
        heard: set[int] = set()
        with suppress(BlockingIOError):
            while signs := os.read(self._receiving, _SIGN.size * 1024):
                heard.update(pid for (pid,) in _SIGN.iter_unpack(signs))
        return heard

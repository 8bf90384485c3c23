"""Jobs that every worker process does beside its requests, each on a thread of its own.

Two workers doing the same job at once is harmless: the jobs go through the same services as people do, and those
compare before they swap.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from flask import Flask

from bookings import service as bookings
from caching import alerts, metrics, warming
from web import clock

EXPIRY_SECONDS = 30.0

logger = logging.getLogger(__name__)


class Every:
    """Calls a function again and again; an exception is logged, and the next turn comes all the same."""

    def __init__(
        self, seconds: float, function: Callable[[], object], *, wait: Callable[[float], object] = time.sleep
    ) -> None:
        self._seconds = seconds
        self._function = function
        self._wait = wait

    def start(self) -> None:
        """Start the loop on a daemon thread, which ends with the process."""
        threading.Thread(target=self.run, name="lectern-background", daemon=True).start()

    def run(self) -> None:
        """Loop here and now, until `wait` returns something true."""
        while True:
            try:
                self._function()
            except Exception:
                logger.exception("A background job failed; its next turn is in %g s.", self._seconds)
            if self._wait(self._seconds):
                return


def start(app: Flask) -> None:
    """Start all jobs in this process, and again in whatever it forks: threads do not survive a fork."""
    metrics.forget_dead_workers(Path(app.instance_path))
    warming.start_with_server(app)
    _start_all(app)
    os.register_at_fork(after_in_child=partial(_start_all, app))


def _start_all(app: Flask) -> None:
    Every(EXPIRY_SECONDS, partial(expire_bookings, app)).start()
    Every(alerts.NOTE_SECONDS, partial(alerts.note, app)).start()


def expire_bookings(app: Flask) -> None:
    """Expire the pending bookings whose time has come."""
    with app.app_context():
        bookings.expire_due(clock.now())

"""What every process does for itself beside requests or jobs, each on a thread of its own.

What one process does for all of them is no part of this: it is declared in the rooms `jobs.py`.
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

import observations
from caching import metrics
from caching.operations import alerts, history
from caching.store import current_store
from errors import Unavailable
from gigs.traces import notebook
from web import clock

logger = logging.getLogger(__name__)

# How old the numbers of another worker may be.
WRITE_DOWN_SECONDS = 0.5


class Every:
    """Calls a function again and again.

    An exception is logged, and the next turn comes all the same.
    """

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
            except Unavailable as error:
                # That the database is away stands in the log once; each turn of each job need not say it again.
                logger.debug("A background job has to wait: %s", error)
            except Exception:
                logger.exception("A background job failed; its next turn is in %g s.", self._seconds)
            if self._wait(self._seconds):
                return


def start(app: Flask) -> None:
    """Start all of it in this process, and again in whatever it forks: threads do not survive a fork."""
    metrics.forget_dead_workers(Path(app.instance_path))
    _start_all(app)
    os.register_at_fork(after_in_child=partial(_start_all, app))


def _start_all(app: Flask) -> None:
    for seconds, job in JOBS:
        Every(seconds, partial(_in_context, app, job)).start()
    Every(WRITE_DOWN_SECONDS, observations.write_down).start()
    Every(alerts.NOTE_SECONDS, partial(alerts.note, app)).start()


def _in_context(app: Flask, job: Callable[[], object]) -> None:
    with app.app_context():
        job()


def announce_what_waits() -> None:
    """Announce what others could not, and hold the lease.

    While Redis fails its helper thread tries, not this job.
    """
    store = current_store()
    if store is not None and store.breaker.closed:
        store.drain()


def note_what_the_cache_counted() -> None:
    """Note this machine's counters, for charts and alerts."""
    history.take(clock.now())


# How often in seconds, and what.
JOBS: tuple[tuple[float, Callable[[], object]], ...] = (
    (0.5, announce_what_waits),
    (notebook.SECONDS, notebook.write_down),
    (history.SECONDS, note_what_the_cache_counted),
)

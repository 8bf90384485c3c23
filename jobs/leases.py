"""Keep the leases of what this process is doing, as long as it takes no longer than it may."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic, sleep

from flask import Flask

from database import writing
from errors import LecternError
from jobs import claims, periodic
from jobs.claims import LEASE, Claimed
from jobs.periodic import Run
from jobs.registry import registry_of

RENEW_SECONDS = LEASE.total_seconds() / 3

Work = Claimed | Run

logger = logging.getLogger(__name__)


class Leases:
    """The work that the threads of one process have in hand.

    A thread renews the leases as long as there are any; a forked child starts one of its own.
    """

    def __init__(self, app: Flask) -> None:
        """Begin with nothing."""
        self._app = app
        self._lock = threading.Lock()
        self._deadlines: dict[Work, float] = {}
        # The process whose thread is at work.
        self._kept_by: int | None = None

    @contextmanager
    def held(self, work: Work, limit: timedelta) -> Iterator[None]:
        """Keep the lease of `work` for the time of the block, but no longer than `limit`."""
        with self._lock:
            self._deadlines[work] = monotonic() + limit.total_seconds()
            if self._kept_by != os.getpid():
                self._kept_by = os.getpid()
                threading.Thread(target=self._keep, name="lectern-leases", daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                self._deadlines.pop(work, None)

    def take_overdue(self) -> list[Work]:
        """Let go of what takes longer than it may, and return that."""
        with self._lock:
            overdue = [work for work, deadline in self._deadlines.items() if monotonic() > deadline]
            for work in overdue:
                del self._deadlines[work]
        return overdue

    def take_all(self) -> list[Work]:
        """Let go of everything, and return it."""
        with self._lock:
            held = list(self._deadlines)
            self._deadlines.clear()
        return held

    def renew(self) -> None:
        """Prolong the leases now, but for those of what takes longer than it may."""
        with self._lock:
            held = [work for work, deadline in self._deadlines.items() if monotonic() <= deadline]
        jobs = [work for work in held if isinstance(work, Claimed)]
        runs = [work for work in held if isinstance(work, Run)]
        if not held:
            return
        with self._app.app_context(), writing() as session:
            now = registry_of(self._app).now()
            if jobs:
                claims.renew(session, jobs, now)
            if runs:
                periodic.renew(session, runs, now)

    def _has_some_after(self, seconds: float) -> bool:
        """Wait, and tell whether something is in hand then.

        Otherwise the thread has to end.
        """
        sleep(seconds)
        with self._lock:
            if not self._deadlines:
                self._kept_by = None
            return bool(self._deadlines)

    def _keep(self) -> None:
        while self._has_some_after(RENEW_SECONDS):
            try:
                self.renew()
            except LecternError as error:
                logger.debug("The leases of jobs could not be renewed: %s", error)
            except Exception:
                logger.exception("The leases of jobs could not be renewed; the next turn is in %g s.", RENEW_SECONDS)

"""Run jobs and periodic work until told to stop.

    the calling thread   looks four times a second for what is due, and now and then for what was interrupted
    job threads          each runs one job after the other, or one thread hands them to Celery
    threads of a name    one for each handler that is declared `apart`, so that others do not wait for its jobs
    periodic threads     do what is due now and then, however many jobs wait

An idle runner costs a few short queries a second. While the database is away everything waits, which `outages.py` says
once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from time import monotonic, sleep

from flask import Flask

from database import reading
from errors import LecternError
from jobs import periodic, steps
from jobs.claims import Claimed
from jobs.lanes import Jobs, Lane, PeriodicWork
from jobs.leases import Leases
from jobs.registry import registry_of
from jobs.work import give_back, overdue

POLL_SECONDS = 0.25
RECOVER_SECONDS = 5.0
# How long what is under way may take when the runner is told to stop; what takes longer is given back.
GRACE_SECONDS = 10.0
# One long piece of periodic work must not keep the others waiting.
PERIODIC_THREADS = 2

# Makes what runs jobs: `Jobs` here, or what hands them to Celery.
MakeLane = Callable[[Flask, Leases, str, threading.Event], Lane]

logger = logging.getLogger(__name__)


class Runner:
    """Runs the jobs of `app`, at most `concurrency` of them at a time, and its periodic work."""

    def __init__(self, app: Flask, concurrency: int, *, make_lane: MakeLane = Jobs) -> None:
        """Prepare everything."""
        self._stopping = threading.Event()
        self._app = app
        self._registry = registry_of(app)
        self._leases = Leases(app)
        who = steps.this_process()
        given = app, self._leases, who, self._stopping
        self._lanes: dict[Lane, int] = {make_lane(*given): concurrency, PeriodicWork(*given): PERIODIC_THREADS}
        self._lanes |= {Jobs(*given, only=name): 1 for name in self._registry.apart()}
        self._recover_at = 0.0
        self._hangs = False
        self._told_to_stop = False

    def stop(self) -> None:
        """Let it begin to stop.

        It locks nothing, so that a signal's handler may call it.
        """
        self._told_to_stop = True

    def run(self) -> bool:
        """Work until `stop` is called, then finish what is under way.

        Tell whether all went well. It did not if something hangs in this process, which then has to be replaced.
        """
        threads = [lane.start() for lane, number in self._lanes.items() for _ in range(number)]
        while not (self._told_to_stop or self._hangs):
            self._safely(self._look)
            sleep(POLL_SECONDS)
        self._stopping.set()
        deadline = monotonic() + GRACE_SECONDS
        for lane in self._lanes:
            lane.wake(everybody=True)
        for thread in threads:
            thread.join(max(0.0, deadline - monotonic()))
        self._safely(self._let_go)
        return not self._hangs

    def _look(self) -> None:
        self._give_up_on_what_hangs()
        with reading() as connection:
            due = [lane for lane in self._lanes if lane.is_due(connection)]
        for lane in due:
            lane.wake()
        if monotonic() >= self._recover_at:
            self._recover_at = monotonic() + RECOVER_SECONDS
            periodic.declare(self._registry)
            steps.recover(self._registry)

    def _give_up_on_what_hangs(self) -> None:
        for work in self._leases.take_overdue():
            logger.error("%s takes too long; this process is replaced, because it hangs there.", work.name)
            self._hangs = True
            if isinstance(work, Claimed):
                steps.note(overdue(work, self._registry))
            else:
                periodic.finish(work, self._registry)

    def _let_go(self) -> None:
        """Give back what was not finished in time, so that nothing waits for the end of a lease."""
        for work in self._leases.take_all():
            if isinstance(work, Claimed):
                steps.note(give_back(work, self._registry))

    def _safely(self, function: Callable[[], object]) -> None:
        try:
            with self._app.app_context():
                function()
        except LecternError as error:
            logger.debug("The runner of jobs has to wait: %s", error)
        except Exception:
            logger.exception("The runner of jobs failed; it goes on.")

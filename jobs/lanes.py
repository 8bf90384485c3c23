"""Threads of a runner, each doing one thing after the other as long as something is due."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from time import sleep

from flask import Flask
from sqlalchemy import Connection

from errors import LecternError
from extensions import db
from jobs import claims, periodic, steps
from jobs.claims import Outcome
from jobs.leases import Leases
from jobs.registry import registry_of
from jobs.work import perform

# After a failure of the database, until it is asked again.
RETRY_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Lane(ABC):
    """One kind of work, done by one or several threads until `stopping` is set."""

    def __init__(self, app: Flask, leases: Leases, who: str, stopping: threading.Event) -> None:
        """Prepare everything."""
        self.registry = registry_of(app)
        self.leases = leases
        self.who = who
        self.stopping = stopping
        self._app = app
        self._news = threading.Condition()

    @abstractmethod
    def is_due(self, connection: Connection) -> bool:
        """Tell whether there is something to do."""

    @abstractmethod
    def turn(self, ended: Outcome | None) -> tuple[bool, Outcome | None]:
        """Do one thing, after noting how the one before has `ended`.

        Tell whether there was something to do, and how it ended if that is not noted yet. It raises only if nothing has
        been noted.
        """

    def start(self) -> threading.Thread:
        """Start one thread, which ends with the process at the latest."""
        thread = threading.Thread(target=self._run, name=f"lectern-{type(self).__name__.lower()}", daemon=True)
        thread.start()
        return thread

    def wake(self, *, everybody: bool = False) -> None:
        """Have a thread look for something to do."""
        with self._news:
            self._news.notify_all() if everybody else self._news.notify()

    def _run(self) -> None:
        ended: Outcome | None = None
        while ended or not self.stopping.is_set():
            try:
                with self._app.app_context():
                    busy, ended = self.turn(ended)
            except Exception as error:
                self._report(error)
                sleep(RETRY_SECONDS)
                continue
            with self._news:
                if not busy and not self.stopping.is_set():
                    self._news.wait()

    def _report(self, error: Exception) -> None:
        if isinstance(error, LecternError):
            # That the database is away stands in the log once; each turn need not say it again.
            logger.debug("A thread that runs jobs has to wait: %s", error)
        else:
            logger.error("A thread that runs jobs failed; it goes on in %g s.", RETRY_SECONDS, exc_info=error)


class Jobs(Lane):
    """Runs jobs: those of the name `only`, or else all that have no lane to themselves."""

    def __init__(
        self, app: Flask, leases: Leases, who: str, stopping: threading.Event, *, only: str | None = None
    ) -> None:
        """Prepare everything."""
        super().__init__(app, leases, who, stopping)
        self._which = claims.named(only) if only else claims.not_named(self.registry.apart())
        with app.app_context():
            takes_turns = db.engine.dialect.name == "sqlite"
        # SQLite has one writer at a time, and threads that wait for it there sleep longer than they have to.
        self._turn: AbstractContextManager[object] = threading.Lock() if takes_turns else nullcontext()

    def is_due(self, connection: Connection) -> bool:
        """Tell whether a job could be claimed."""
        return claims.is_due(connection, self.registry.now(), self._which)

    def turn(self, ended: Outcome | None) -> tuple[bool, Outcome | None]:
        """Run the job that has waited longest."""
        if self.stopping.is_set():
            if ended:
                steps.note(ended)
            return False, None
        with self._turn:
            job = steps.note_and_claim(ended, self.registry, self.who, self._which)
        if job is None:
            return False, None
        # Where one is due there may be more, for a thread that has nothing to do.
        self.wake()
        with self.leases.held(job, self.registry.handler(job.name).limit):
            return True, perform(job, self.registry)


class PeriodicWork(Lane):
    """Does what is due now and then."""

    def is_due(self, connection: Connection) -> bool:
        """Tell whether a piece of it is due."""
        return periodic.is_due(connection, self.registry)

    def turn(self, ended: Outcome | None) -> tuple[bool, Outcome | None]:
        """Do what has been due longest."""
        run = periodic.claim(self.registry, self.who)
        if run is None:
            return False, ended
        self.wake()
        with self.leases.held(run, self.registry.periodic[run.name].limit):
            periodic.perform(run, self.registry)
        periodic.finish(run, self.registry)
        return True, ended

"""Measure jobs: what asking for one costs a change, how soon it begins, how many are done in a second."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from flask import Flask
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from accounts.models import SignIn
from app import create_app
from benchmarks.school import SECRET, make
from benchmarks.stand import Stand
from benchmarks.stats import Ratio, interleaved, ratio
from config import ROOT, Settings
from database import reading, writing
from jobs import queue
from jobs.models import Job
from jobs.registry import Handler, registry_of
from server.children import wait_until
from support.servers import PostgresServer, RabbitServer
from web.attempts import Attempt

# As `benchmarks/job_process.py` calls it.
NAME = "bench.note"
CHANGES = 200
JOBS = int(os.environ.get("JOBS", "10000"))
SINGLE = min(JOBS, 300)
PAUSE_SECONDS = 0.03
RUNNER = ("benchmarks.job_process",)
CELERY = ("celery", "-A", "benchmarks.job_process", "worker", "--concurrency=2", "--loglevel=ERROR")
HEAD = (
    "| | a change with a job, against one with another row | begun after the COMMIT, p50 | p99 | "
    "jobs a second, runner | with Celery on RabbitMQ, 2 processes |\n|---|---|---|---|---|---|\n"
)


@dataclass(frozen=True)
class Place:
    """One database, and what its jobs have recorded."""

    app: Flask
    settings: Settings
    record: Path

    def processes(self, *commands: tuple[str, ...], **environ: str) -> ExitStack:
        """Start processes that run jobs, which end with the block, and wait until they are at work."""
        settings = {"DATABASE_URL": self.settings.database_url, "SECRET_KEY": SECRET, "CACHE_TYPE": "NullCache"}
        settings |= {"LECTERN_INSTANCE": str(self.settings.instance), "JOBS_RECORD": str(self.record), **environ}
        running = ExitStack()
        for command in commands:
            line = (sys.executable, "-m", *command)
            process = subprocess.Popen(line, cwd=ROOT, env={**os.environ, **settings})
            running.callback(process.wait)
            running.callback(process.terminate)
        self.enqueue(1)
        self.wait_for(1)
        return running

    def enqueue(self, number: int) -> None:
        """Write jobs in one transaction, and forget what was recorded so far."""
        self.record.write_text("")
        with self.app.app_context(), writing() as session:
            for _ in range(number):
                queue.enqueue(session, NAME, {"asked": time.time()})

    def wait_for(self, number: int) -> list[float]:
        """Wait until so many jobs are done, and return after how many seconds each was begun."""

        def done() -> bool:
            # Looking at the table would take the time of those who work on it.
            if self.record.read_bytes().count(b"\n") < number:
                return False
            # Others may wait for their time, such as reminders of the school's lessons.
            with self.app.app_context(), reading() as connection:
                return not connection.scalar(select(func.count()).select_from(Job).where(Job.name == NAME))

        assert wait_until(done, seconds=600), "the jobs are not done"
        waited = [float(line) for line in self.record.read_text().splitlines()]
        assert len(waited) == number, f"{number} jobs were done {len(waited)} times"
        return waited


def run() -> str:
    """Measure and return a table."""
    with Stand() as stand, ExitStack() as servers:
        postgres, rabbit = servers.enter_context(PostgresServer()), servers.enter_context(RabbitServer())
        rabbit.start()
        places = {"SQLite": None, "PostgreSQL": postgres.create_database("jobs")}
        rows = [_row(name, _place(stand, name, url), rabbit) for name, url in places.items()]
    return (
        HEAD
        + "\n".join(rows)
        + "\n\nA change is one UPDATE, and an INSERT of a job or of a row in another table with two indexes. "
        f"{SINGLE} single jobs, one every {1000 * PAUSE_SECONDS:.0f} ms, with the embedded runner; then {JOBS:,} "
        "that are due at once and only note that they were run.\n"
    )


def _place(stand: Stand, name: str, url: str | None) -> Place:
    school = make(stand.folder / name, users=100, bookings=100, database_url=url)
    settings = Settings(
        instance=school.folder / "instance",
        database_url=school.database_url,
        redis_url=stand.redis.url,
        secret_key=SECRET,
        cache_type="NullCache",
    )
    app = create_app(settings)
    registry_of(app).add(Handler(name=NAME, run=lambda _arguments, _now: None))
    return Place(app, settings, school.folder / "record")


def _row(name: str, place: Place, rabbit: RabbitServer) -> str:
    costs = _cost(place.app)
    with place.processes(RUNNER):
        waited = _single(place)
        embedded = _drain(place)
    with place.processes(RUNNER, CELERY, CELERY_BROKER_URL=rabbit.url):
        with_celery = _drain(place)
    p99 = quantiles(waited, n=100)[98]
    figures = f"{costs} | {median(waited):.2f} s | {p99:.2f} s | {embedded:,.0f} | {with_celery:,.0f}"
    return f"| {name} | {figures} |"


def _cost(app: Flask) -> Ratio:
    """Compare a change that asks for a job with one that writes another row instead."""
    with app.app_context(), _left_out(app):
        inserting, enqueuing = interleaved([_changing(_insert), _changing(_enqueue)])
    return ratio(enqueuing, inserting)


def _single(place: Place) -> list[float]:
    place.record.write_text("")
    for _ in range(SINGLE):
        with place.app.app_context(), writing() as session:
            queue.enqueue(session, NAME, {"asked": time.time()})
        time.sleep(PAUSE_SECONDS)
    return place.wait_for(SINGLE)


def _drain(place: Place) -> float:
    place.enqueue(JOBS)
    began = time.perf_counter()
    place.wait_for(JOBS)
    return JOBS / (time.perf_counter() - began)


def _changing(what: Callable[[Session], None]) -> Callable[[], float]:
    def measure() -> float:
        began = time.perf_counter()
        for _ in range(CHANGES):
            with writing() as session:
                _touch(session)
                what(session)
        return time.perf_counter() - began

    return measure


def _touch(session: Session) -> None:
    """Change one row by its key, as services do."""
    session.execute(update(SignIn).where(SignIn.id == 1).values(refresh_id=None))


def _insert(session: Session) -> None:
    """Write a row of a table with two indexes, as that of jobs has."""
    now = datetime.now(UTC)
    session.execute(insert(Attempt), [{"key": "x", "at": now, "counts_until": now}])


def _enqueue(session: Session) -> None:
    queue.enqueue(session, NAME, {"asked": 0})


@contextmanager
def _left_out(app: Flask) -> Iterator[None]:
    """Leave no job behind that was only written to see what that costs."""
    yield
    with app.app_context(), writing() as session:
        session.execute(delete(Job))
        session.execute(delete(Attempt))

"""Measure what one request of each kind costs: processor time by part, SQL, Redis, the database's log.

The processor time is the system's own account of each process, so programs beside it distort it little.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from sqlalchemy import Engine, create_engine, text

from benchmarks.processor import milliseconds_of
from benchmarks.questions import Kind, kinds
from benchmarks.school import School, make
from benchmarks.stand import Stand
from config import ROOT
from schedule.times.rules import NOTHING_SAID, Weekday
from server.background import WRITE_DOWN_SECONDS
from server.children import wait_until
from support.processes import family
from support.servers import PostgresServer

USERS, BOOKINGS = 1000, 10_000
# What belongs to whom, by what stands in its command line.
PARTS = {"granian": "web", "redis-server": "redis", "postgres": "database", "benchmarks.job_process": "jobs"}

_STATEMENTS = re.compile(r'^bench_statements_total\{method="(?:GET|POST|PATCH)"\} (\S+)', re.MULTILINE)


@dataclass(frozen=True)
class Cost:
    """What one request costs: milliseconds of processor time by part, statements, bytes."""

    web: float = 0.0
    database: float = 0.0
    redis: float = 0.0
    jobs: float = 0.0
    statements: float = 0.0
    redis_commands: float = 0.0
    redis_bytes: float = 0.0
    log_bytes: float = 0.0

    def less(self, other: Cost, times: float) -> Cost:
        """Return this without so many times another."""
        return Cost(*(max(0.0, getattr(self, f.name) - times * getattr(other, f.name)) for f in fields(self)))

    def over(self, number: float) -> Cost:
        """Return the part of one of `number`."""
        return Cost(*(getattr(self, f.name) / number for f in fields(self)))


def measure() -> dict[str, Cost]:
    """Return what a request of each kind costs, on PostgreSQL, with a school of a thousand people."""
    with Stand() as stand, ExitStack() as running:
        postgres = running.enter_context(PostgresServer(own=True))
        school = make(
            stand.folder / "school",
            users=USERS,
            bookings=BOOKINGS,
            database_url=postgres.create_database("costs"),
        )
        _give_hours(school)
        address = stand.serve(school, "benchmarks.counted:app")
        running.enter_context(_runner(school, stand))
        meter = _Meter(stand, school, address)
        return {kind.title: meter.cost(kind) for kind in kinds(school, address)}


def _give_hours(school: School) -> None:
    """Let all teachers teach from 9 to 17 from Monday to Friday, as most do.

    Times are UTC here, so that the benchmark need not compute others.
    """
    weekly = [{"weekday": day, "start": "09:00", "end": "17:00"} for day in list(Weekday)[:5]]
    rules = json.dumps(NOTHING_SAID | {"weekly": weekly})
    engine = create_engine(school.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE schedules SET rules = :rules, time_zone = 'UTC'"), {"rules": rules})
    engine.dispose()


@contextmanager
def _runner(school: School, stand: Stand) -> Iterator[None]:
    """Run jobs, mails among them, beside the server as an installation does."""
    environ = {**os.environ, **school.environ, "REDIS_URL": stand.redis.url}
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.job_process"], cwd=ROOT, env=environ)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


class _Meter:
    """Reads the counters of all parts before and after a number of requests."""

    def __init__(self, stand: Stand, school: School, address: str) -> None:
        self._stand = stand
        self._database: Engine = create_engine(school.database_url, isolation_level="AUTOCOMMIT")
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        self._idle = self._while_idle()

    def cost(self, kind: Kind) -> Cost:
        """Return what one request costs beyond what the parts do by themselves."""
        # The server may have ended it meanwhile; the next request connects again.
        self._connection.close()
        for number in range(-max(3, kind.times // 10), 0):
            self._send(kind, number)
        before, began = self._counters(), time.monotonic()
        for number in range(kind.times):
            self._send(kind, number)
        after, took = self._counters(), time.monotonic() - began
        cost = after.less(before, 1).less(self._idle, took).over(kind.times)
        print(f"{kind.title}: {cost}", flush=True)
        return cost

    def _send(self, kind: Kind, number: int) -> None:
        method, path, headers, body = kind.ask(number)
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        assert answer.status == kind.expected, f"{method} {path}: {answer.status} {text[:300]!r}"

    def _while_idle(self) -> Cost:
        """Return what a second costs in which nobody asks for anything, by the quietest of some stretches.

        Just after the start the runner does much that it does but once an hour or a day.
        """
        stretches = [self._idle_stretch(seconds=10.0) for _ in range(3)]
        return Cost(*(min(getattr(stretch, f.name) for stretch in stretches) for f in fields(Cost)))

    def _idle_stretch(self, seconds: float) -> Cost:
        before, began = self._counters(), time.monotonic()
        time.sleep(seconds)
        after, took = self._counters(), time.monotonic() - began
        return after.less(before, 1).over(took)

    def _counters(self) -> Cost:
        """Read all counters once the jobs that were asked for are done."""
        assert wait_until(self._jobs_are_done, seconds=600), "the jobs are not done"
        time.sleep(2 * WRITE_DOWN_SECONDS)
        self._connection.close()
        self._connection.request("GET", "/metrics")
        statements = sum(map(float, _STATEMENTS.findall(self._connection.getresponse().read().decode())))
        with self._stand.redis.client() as client:
            stats = client.info("stats")
        return Cost(
            **_processor_time(),
            statements=statements,
            redis_commands=float(stats["total_commands_processed"]),
            redis_bytes=float(stats["total_net_input_bytes"]) + float(stats["total_net_output_bytes"]),
            log_bytes=self._value("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"),
        )

    def _jobs_are_done(self) -> bool:
        return not self._value("SELECT count(*) FROM jobs WHERE state IN ('waiting', 'running') AND run_at <= now()")

    def _value(self, statement: str) -> float:
        with self._database.connect() as connection:
            return float(connection.scalar(text(statement)))


def _processor_time() -> dict[str, float]:
    """Add up the milliseconds of processor time that the processes of each part have taken."""
    taken = dict.fromkeys(PARTS.values(), 0.0)
    for pid, command in family(os.getpid()).items():
        part = next((part for word, part in PARTS.items() if word in command), None)
        if part is not None:
            taken[part] += milliseconds_of(pid)
    return taken

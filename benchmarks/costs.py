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
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Engine, create_engine, text

from benchmarks.school import NOW, TEACHERS, School, make
from benchmarks.stand import Stand, bearer
from config import ROOT
from schedule.times.rules import NOTHING_SAID, Weekday
from server.background import WRITE_DOWN_SECONDS
from server.children import wait_until
from support.processes import family
from support.servers import PostgresServer

USERS, BOOKINGS = 1000, 10_000
STUDENT = TEACHERS + 1
WORDS = ("piano", "beginners", "group", "music", "one hand", "pian", "begin", "bginners")
PASSWORD = "a long password of somebody"
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
    disk_bytes: float = 0.0

    def less(self, other: Cost, times: float) -> Cost:
        """Return this without so many times another."""
        return Cost(*(max(0.0, getattr(self, f.name) - times * getattr(other, f.name)) for f in fields(self)))

    def over(self, number: float) -> Cost:
        """Return the part of one of `number`."""
        return Cost(*(getattr(self, f.name) / number for f in fields(self)))


@dataclass(frozen=True)
class Kind:
    """One kind of request: how often it is measured, and what is sent the n-th time.

    `ask` is given the number and returns method, path, headers and body.
    """

    title: str
    times: int
    ask: Callable[[int], tuple[str, str, dict[str, str], str | None]]
    expected: int = 200


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
        return {kind.title: meter.cost(kind) for kind in _kinds(school, address)}


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

    def _while_idle(self, seconds: float = 10.0) -> Cost:
        """Return what a second costs in which nobody asks for anything."""
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
            disk_bytes=self._value("SELECT pg_database_size(current_database())"),
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
            taken[part] += _milliseconds(pid)
    return taken


def _milliseconds(pid: int) -> float:
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e6


def _kinds(school: School, address: str) -> Iterator[Kind]:
    student = bearer(school.token(STUDENT))
    cookie = {"Cookie": school.cookie(STUDENT)}
    version = _version_of_changes(address, student)
    yield Kind("an open page asks for changes: 304", 2000, _get("/api/users/me/changes", student | version), 304)
    yield Kind("one's own list, from the cache", 2000, _get("/api/bookings", student))
    yield Kind('the page "My lessons", from the cache', 300, _get("/lessons", cookie))
    yield Kind("a gig's page, from the cache", 300, _get("/gigs/1", cookie))
    yield Kind("the page of gigs, from the cache", 300, _get("/gigs", cookie))
    yield Kind("one's own list, read anew", 500, _anew("/api/bookings?to=", student))
    yield Kind("a search that nobody made before", 200, _searching(student))
    yield Kind("free times of a week, read anew", 200, _free_times(student))
    yield Kind("signing in", 100, _signing_in(address), 200)
    yield Kind("booking a lesson", 200, _booking(school), 201)
    yield Kind("changing a lesson's status", 150, _accepting(school, address, 200))


def _get(path: str, headers: dict[str, str]) -> Callable[[int], tuple[str, str, dict[str, str], None]]:
    return lambda _number: ("GET", path, headers, None)


def _version_of_changes(address: str, headers: dict[str, str]) -> dict[str, str]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request("GET", "/api/users/me/changes", headers=headers)
    answer = connection.getresponse()
    answer.read()
    return {"If-None-Match": answer.headers["ETag"]}


def _anew(path: str, headers: dict[str, str]) -> Callable[[int], tuple[str, str, dict[str, str], None]]:
    """Ask with a moment that nobody has asked for before."""
    first = NOW + timedelta(days=400)
    return lambda number: ("GET", f"{path}{first + timedelta(seconds=number):%Y-%m-%dT%H:%M:%SZ}", headers, None)


def _searching(headers: dict[str, str]) -> Callable[[int], tuple[str, str, dict[str, str], None]]:
    """Search for a word below a price that nobody has named before."""
    return lambda number: (
        "GET",
        f"/api/gigs?q={WORDS[number % len(WORDS)].replace(' ', '+')}&max_price={5000 + number}",
        headers,
        None,
    )


def _free_times(headers: dict[str, str]) -> Callable[[int], tuple[str, str, dict[str, str], None]]:
    """Ask for a week that begins a minute after the one that was asked for last."""

    def ask(number: int) -> tuple[str, str, dict[str, str], None]:
        start = NOW + timedelta(days=10, minutes=number)
        span = f"from={start:%Y-%m-%dT%H:%M:%SZ}&to={start + timedelta(days=7):%Y-%m-%dT%H:%M:%SZ}"
        return "GET", f"/api/teachers/1/slots?gig_id=1&{span}", headers, None

    return ask


def _signing_in(address: str) -> Callable[[int], tuple[str, str, dict[str, str], str]]:
    """Sign somebody in who has registered for it."""
    person = {"name": "Ada", "email": "ada@example.org", "password": PASSWORD, "role": "student", "time_zone": "UTC"}
    _post(address, "/api/auth/register", person)
    body = json.dumps({"email": person["email"], "password": PASSWORD})
    return lambda _number: ("POST", "/api/auth/login", {"Content-Type": "application/json"}, body)


def _booking(school: School) -> Callable[[int], tuple[str, str, dict[str, str], str]]:
    """Let one student after the other ask one teacher after the other for a lesson."""

    def ask(number: int) -> tuple[str, str, dict[str, str], str]:
        place = number + 100
        headers = bearer(school.token(TEACHERS + 1 + place % (USERS - TEACHERS)))
        starts_at = _lesson_time(place)
        body = {"gig_id": place % TEACHERS + 1, "starts_at": f"{starts_at:%Y-%m-%dT%H:%M:%SZ}"}
        return "POST", "/api/bookings", headers | {"Content-Type": "application/json"}, json.dumps(body)

    return ask


def _lesson_time(place: int) -> datetime:
    """Return a time at which teachers teach: ten lessons on each working day from next month on."""
    day, lesson = divmod(place // TEACHERS, 10)
    first = (NOW + timedelta(days=30)).replace(hour=9)
    monday = first - timedelta(days=first.weekday())
    weeks, weekday = divmod(day, 5)
    return monday + timedelta(weeks=weeks, days=weekday, minutes=45 * lesson)


def _accepting(school: School, address: str, times: int) -> Callable[[int], tuple[str, str, dict[str, str], str]]:
    """Let teachers accept what was asked for before it is measured."""
    ask_for, made = _booking(school), []
    for number in range(1000, 1000 + times):
        _, path, headers, body = ask_for(number)
        made.append(_post(address, path, json.loads(body), headers))

    def ask(number: int) -> tuple[str, str, dict[str, str], str]:
        booking = made[number]
        headers = bearer(school.token(booking["teacher"]["id"])) | {"Content-Type": "application/json"}
        return "PATCH", f"/api/bookings/{booking['id']}", headers, json.dumps({"status": "accepted"})

    return ask


def _post(address: str, path: str, body: dict[str, str], headers: dict[str, str] | None = None) -> dict[str, Any]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"} | (headers or {}))
    answer = connection.getresponse()
    made: dict[str, Any] = json.loads(answer.read())
    assert answer.status == 201, made
    return made

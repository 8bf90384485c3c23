"""Measure how long a teacher's free times, and gigs that are free at a time, take to find.

    .venv/bin/python -m benchmarks.slots                      1,000 teachers with 100,000 bookings
    .venv/bin/python -m benchmarks.slots 10000 1000000        so many teachers, so many bookings

The same is asked of a school of 100 teachers and 10,000 bookings, in turns and in the same run, so that the ratio says
what growth costs. Nothing is cached: every answer is a miss. `results/slots.md` gets the table.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Connection, insert, literal, select, text

from accounts.models import User
from app import create_app
from benchmarks.stand import FULL
from bookings.models import Booking
from config import ROOT, Settings
from database import Instant
from extensions import db
from gigs.models import Gig
from schedule.models import Schedule
from schedule.schemas import AvailabilitySchema
from support.queries import count_queries
from support.servers import PostgresServer
from support.unavailable import Unavailable

SMALL, FULL_SIZE = (100, 10_000), (10_000, 1_000_000)
SAMPLES = 100
# Of each teacher's lessons so many are still to come.
COMING = 10
RESULTS = Path(__file__).parent / "results" / "slots.md"
TITLE = "Free times in a large school"
HEAD = """How long the answer takes when nothing of it is cached: p50 and p95 in milliseconds of {samples} requests in
one process, beside the same in a school of 100 teachers and 10,000 bookings in the same run. Repeat it with
`python -m benchmarks.slots {teachers} {bookings}`.

A search looks at 500 gigs at most, at 100 of them first. The slowest searches are those for a time at which hardly
anybody teaches: they look at all 500, where the small school has but 100, whence their ratio.

| database | teachers | bookings | question | SQL statements | p50 | p95 | p95, small school | ratio |
|---|---|---|---|---|---|---|---|---|
"""

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
RULES: tuple[dict[str, Any], ...] = (
    {"weekly": [{"weekday": day, "start": "09:00", "end": "17:00"} for day in DAYS]},
    {
        "weekly": [
            *({"weekday": day, "start": "08:00", "end": "12:00"} for day in DAYS),
            *({"weekday": day, "start": "13:00", "end": "20:00"} for day in DAYS),
        ],
        "buffer_after_minutes": 10,
        "minimum_notice_minutes": 720,
        "max_per_day": 6,
        "max_per_week": 20,
        "slot_step_minutes": 15,
    },
)


@dataclass(frozen=True)
class School:
    """An application over a school of some size."""

    app: Flask
    teachers: int
    now: datetime

    def month(self, number: int) -> str:
        """The address of a month of one teacher's free times."""
        teacher = number % self.teachers + 1
        start, end = (f"{self.now + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}" for days in (0, 31))
        return f"/api/teachers/{teacher}/slots?gig_id={teacher}&from={start}&to={end}"

    def free_at(self, number: int) -> str:
        """The address of a search for gigs that are free on some afternoon."""
        at = self.now.replace(hour=13, minute=0) + timedelta(days=1 + number % 20)
        return f"/api/gigs?free_at={at:%Y-%m-%dT%H:%M:%SZ}"

    def ask(self, address: str) -> float:
        """Ask, and return how many milliseconds the answer took."""
        client = self.app.test_client(use_cookies=False)
        started = time.perf_counter()
        answer = client.get(address)
        took = time.perf_counter() - started
        assert answer.status_code == 200, answer.text
        return took * 1000


QUESTIONS: dict[str, Callable[[School, int], str]] = {
    "a month of one teacher": School.month,
    "gigs free at a time": School.free_at,
}


def build(app: Flask, teachers: int, bookings: int, now: datetime) -> School:
    """Fill an empty, migrated database with teachers, gigs, availability and lessons."""
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(insert(User), list(_people(teachers, now)))
            connection.execute(insert(Gig), list(_gigs(teachers, now)))
            connection.execute(insert(Schedule), list(_schedules(teachers, now)))
            with _indexes_made_afterwards(connection):
                for number in range(bookings // teachers):
                    _lessons(connection, teachers, number - bookings // teachers + COMING, now)
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    return School(app, teachers, now)


@contextmanager
def _indexes_made_afterwards(connection: Connection) -> Iterator[None]:
    """Take SQLite's indexes of bookings away while a million rows are written."""
    made: list[str] = []
    if connection.dialect.name == "sqlite":
        found = "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'bookings' AND type = 'index'"
        for name, sql in connection.execute(text(found)).all():
            if sql:
                connection.exec_driver_sql(f"DROP INDEX {name}")
                made.append(sql)
    yield
    for sql in made:
        connection.exec_driver_sql(sql)


def _people(teachers: int, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(1, 2 * teachers + 1):
        yield {
            "id": number,
            "email": f"person{number}@example.org",
            "name": f"Person {number}",
            "password_hash": "-",
            "role": "teacher" if number <= teachers else "student",
            "time_zone": ZONES[number % len(ZONES)],
            "created_at": now,
        }


def _gigs(teachers: int, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(1, teachers + 1):
        yield {
            "id": number,
            "teacher_id": number,
            "status": "published",
            "title": f"Piano {number}",
            "description": "One hand first, then the other.",
            "category": "Music",
            "category_key": "music",
            "search_text": "piano music",
            "price_cents": number % 90 * 100,
            "currency": "EUR",
            "duration_minutes": 45,
            "created_at": now - timedelta(minutes=number),
            "updated_at": now,
        }


def _schedules(teachers: int, now: datetime) -> Iterator[dict[str, Any]]:
    documents = [AvailabilitySchema().load(rules) for rules in RULES]
    for number in range(1, teachers + 1):
        yield {
            "teacher_id": number,
            "is_default": True,
            "name": "My hours",
            "time_zone": ZONES[number % len(ZONES)],
            "rules": documents[number % len(documents)],
            "updated_at": now,
        }


def _lessons(connection: Connection, teachers: int, day: int, now: datetime) -> None:
    """Give every teacher a lesson on one day, which counts from today, at an hour that differs by day."""
    starts_at = now.replace(hour=8 + day % 8, minute=0, second=0, microsecond=0) + timedelta(days=day)
    row = {
        "gig_id": Gig.id,
        "teacher_id": Gig.teacher_id,
        "student_id": Gig.teacher_id + teachers,
        "status": literal("accepted" if day > 0 else "completed"),
        "requested_by": literal("student"),
        "starts_at": literal(starts_at, Instant),
        "ends_at": literal(starts_at + timedelta(minutes=45), Instant),
        "seat": literal(1),
        "note": literal(""),
        "price_cents": Gig.price_cents,
        "currency": Gig.currency,
        "free_cancellation_hours": literal(0),
        "late_cancellation_percent": literal(0),
        "created_at": literal(now, Instant),
        "updated_at": literal(now, Instant),
    }
    connection.execute(insert(Booking).from_select(list(row), select(*row.values())))


def measure(name: str, small: School, large: School, bookings: int) -> Iterator[str]:
    """Ask both schools in turns, and yield a line of the table for each question."""
    for question, address in QUESTIONS.items():
        random = Random(1815)
        times: dict[int, list[float]] = {id(small): [], id(large): []}
        for sample in range(-5, SAMPLES):
            for school in (small, large):
                took = school.ask(address(school, random.randrange(10**6)))
                # The first few fill the pools and the interpreter's own caches.
                if sample >= 0:
                    times[id(school)].append(took)
        costs = []
        for number in range(7):
            with count_queries() as statements:
                large.ask(address(large, number))
            costs.append(len(statements))
        (p50, p95), (_, p95_small) = _percentiles(times[id(large)]), _percentiles(times[id(small)])
        cells = [name, f"{large.teachers:,}", f"{bookings:,}", question, str(max(costs))]
        cells += [f"{p50:.1f}", f"{p95:.1f}", f"{p95_small:.1f}", f"{p95 / p95_small:.2f}"]
        yield "| " + " | ".join(cells) + " |"


def _percentiles(times: list[float]) -> tuple[float, float]:
    ordered = sorted(times)
    return ordered[len(ordered) // 2], ordered[len(ordered) * 95 // 100]


def _school(url: str, folder: Path, teachers: int, bookings: int) -> School:
    settings = Settings(
        instance=folder, database_url=url, redis_url="unix:///nowhere", secret_key="x" * 16, cache_type="NullCache",
        ratelimit_enabled=False, demo_data=False,
    )  # fmt: skip
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    app = create_app(settings, clock=lambda: now)
    with app.app_context():
        upgrade(str(ROOT / "migrations"))
    started = time.perf_counter()
    school = build(app, teachers, bookings, now)
    print(
        f"built {teachers:,} teachers with {bookings:,} bookings in {time.perf_counter() - started:.0f} s", flush=True
    )
    return school


def _databases(running: ExitStack, folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the name of each kind of database, and the addresses of two empty ones."""
    yield "sqlite", f"sqlite:///{folder}/small.db", f"sqlite:///{folder}/large.db"
    try:
        server = running.enter_context(PostgresServer())
    except Unavailable as reason:
        print(f"PostgreSQL is left out: {reason}", file=sys.stderr)
    else:
        yield "postgresql", server.create_database("slots_small"), server.create_database("slots_large")


def run(teachers: int = FULL_SIZE[0] if FULL else 1_000, bookings: int = FULL_SIZE[1] if FULL else 100_000) -> str:
    """Measure, and return the section about it."""
    lines = [HEAD.format(samples=SAMPLES, teachers=teachers, bookings=bookings)]
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        for name, small_url, large_url in _databases(running, folder):
            small, large = _school(small_url, folder, *SMALL), _school(large_url, folder, teachers, bookings)
            for line in measure(name, small, large, bookings):
                print(line, flush=True)
                lines.append(line + "\n")
            for school in (small, large):
                with school.app.app_context():
                    db.engine.dispose()
    return "".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("teachers", type=int, nargs="?", default=1_000)
    parser.add_argument("bookings", type=int, nargs="?", default=100_000)
    text = run(**vars(parser.parse_args()))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(f"# {TITLE}\n\nRun on {datetime.now(UTC).date()}.\n\n{text}")


if __name__ == "__main__":
    main()

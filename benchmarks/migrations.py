"""How long an upgrade takes that carries a large school over from old tables."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import flask_migrate
from sqlalchemy import Connection, Integer, column, insert, inspect, table

from app import create_app
from benchmarks.stand import FULL
from config import ROOT, Settings
from extensions import db
from support.postgres_server import PostgresServer

MIGRATIONS = str(ROOT / "migrations")
REVISIONS = sorted(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))
# The last one before lessons had held times, schedules and sessions.
BEFORE = "0012"
BOOKINGS = {"sqlite": 200_000, "postgresql": 1_000_000 if FULL else 200_000}
TEACHERS, STUDENTS = 500, 2_000
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
# A migration that takes less is not worth a row.
WORTH_NAMING = 1.0


def run() -> str:
    """Measure and return a table for each database."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="lectern-bench-")))
        urls = {"sqlite": f"sqlite:///{folder / 'lectern.db'}"}
        urls["postgresql"] = stack.enter_context(PostgresServer()).create_database("upgrade")
        rows = [row for name, url in urls.items() for row in _rows(name, url, folder)]
    head = "| database | bookings | migration | seconds |\n|---|---|---|---|\n"
    return head + "\n".join(rows) + "\n\nA fifth of the lessons are to come. Each migration is timed for itself.\n"


def _rows(name: str, url: str, folder: Path) -> Iterator[str]:
    bookings = BOOKINGS[name]
    taken = _upgrade(url, folder, bookings)
    for revision, seconds in taken.items():
        if seconds >= WORTH_NAMING:
            yield f"| {name} | {bookings:,} | {revision} | {seconds:.1f} |"
    yield f"| {name} | {bookings:,} | all from {min(taken)} to {max(taken)} | {sum(taken.values()):.1f} |"


def _upgrade(url: str, folder: Path, bookings: int) -> dict[str, float]:
    """Fill a database of the old revision, bring it up to date, and return the seconds of each migration."""
    settings = Settings(
        instance=folder, database_url=url, redis_url="unix:///nowhere", secret_key="x" * 16, cache_type="NullCache"
    )
    taken = {}
    with create_app(settings).app_context():
        flask_migrate.upgrade(MIGRATIONS, revision=BEFORE)
        with db.engine.begin() as connection:
            _fill(connection, bookings)
        for revision in (it for it in REVISIONS if it > BEFORE):
            began = time.monotonic()
            flask_migrate.upgrade(MIGRATIONS, revision=revision)
            taken[revision] = time.monotonic() - began
        db.engine.dispose()
    return taken


def _fill(connection: Connection, bookings: int) -> None:
    """Write teachers with a gig each, students, and a lesson of each teacher at every hour."""
    people = range(1, TEACHERS + STUDENTS + 1)
    users = ({"id": it, "email": f"{it}@x", "role": _role(it), "name": f"Person {it}"} for it in people)
    _insert(connection, "users", users)
    teachers = range(1, TEACHERS + 1)
    gigs = ({"id": it, "teacher_id": it, "title": "Piano", "status": "published"} for it in teachers)
    _insert(connection, "gigs", gigs)
    _insert(connection, "bookings", (_lesson(number, bookings) for number in range(bookings)))


def _role(number: int) -> str:
    return "teacher" if number <= TEACHERS else "student"


def _lesson(number: int, bookings: int) -> dict[str, Any]:
    teacher = number % TEACHERS + 1
    starts_at = FIRST + timedelta(hours=number // TEACHERS)
    return {
        "id": number + 1,
        "gig_id": teacher,
        "teacher_id": teacher,
        "student_id": TEACHERS + number % STUDENTS + 1,
        "status": "accepted" if number > bookings * 4 // 5 else "completed",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=45),
    }


def _insert(connection: Connection, name: str, rows: Iterator[dict[str, Any]]) -> None:
    """Insert rows into a table as the old revision has it.

    Every column that needs a value has one.
    """
    there = {found["name"] for found in inspect(connection).get_columns(name) if "computed" not in found}
    known = [it for it in db.metadata.tables[name].columns if it.name in there]
    target = table(name, *(column(it.name, it.type) for it in known))
    needed = {it.name: _any(it) for it in known if not it.nullable}
    while batch := list(islice(rows, 10_000)):
        connection.execute(insert(target), [{**needed, **row} for row in batch])


def _any(needed: Any) -> Any:
    given: dict[str, Any] = {}
    given |= {"visibility": "public", "enrolment": "booking", "requested_by": "student", "currency": "EUR"}
    given |= {"seat": 1, "capacity": 1, "duration_minutes": 45, "active": True, "time_zone": "UTC"}
    if needed.name.endswith("_at"):
        return FIRST
    return given.get(needed.name, 0 if isinstance(needed.type, Integer) else "")

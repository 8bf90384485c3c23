"""Measure what hurts large schools: changes of a list that everybody reads, and renames."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

from flask import Flask
from sqlalchemy import insert

import tags
from accounts.models import ProfileChanges
from accounts.service import update_profile
from app import create_app
from benchmarks.school import NOW, SECRET, TEACHERS, School
from benchmarks.stand import Stand, get, rate_of
from benchmarks.stats import interleaved, ratio
from bookings.models import Booking
from caching import invalidate
from config import Settings
from database import writing
from extensions import db
from server.background import WRITE_DOWN_SECONDS
from support.monitor import monitor
from support.servers import RedisServer

TITLE = "Hot tags"
CHANGES_A_SECOND = (0, 1, 10, 100)
PAIRS = 6
# The teacher with this id has lessons with so many different students.
STUDENTS_OF = {1: 10, 2: 1_000, 3: 10_000}
# All teachers have so many to begin with.
FEWEST = min(STUDENTS_OF.values())
HEAD = """A list that everybody reads, `/api/gigs`, while gigs change: 2 workers, 8 connections, median of {pairs} runs.

| changes a second | throughput against none | answered from the cache |
|---|---|---|
"""
RENAME = """
A teacher's new name makes old what shows it, in one transaction:

| students with lessons | Redis commands | time against {fewest} students |
|---|---|---|
"""

_READS = re.compile(r'^lectern_cache_reads_total\{family="gigs",outcome="([^"]+)"\} (\S+)', re.MULTILINE)


def run() -> str:
    """Measure and return two tables."""
    with Stand() as stand:
        school = stand.school(users=TEACHERS + max(STUDENTS_OF.values()), bookings=TEACHERS * FEWEST)
        app = _application(stand, school)
        return _while_gigs_change(stand, school, app) + _renames(stand.redis, app)


def _application(stand: Stand, school: School) -> Flask:
    return create_app(
        Settings(
            instance=stand.folder / "instance",
            database_url=school.database_url,
            redis_url=stand.redis.url,
            secret_key=SECRET,
        )
    )


def _while_gigs_change(stand: Stand, school: School, app: Flask) -> str:
    url = stand.serve(school, workers=2)
    hits: dict[int, list[float]] = {changes: [] for changes in CHANGES_A_SECOND}

    def side(changes: int) -> Callable[[], float]:
        ask = rate_of(f"{url}/api/gigs")

        def measure() -> float:
            before = _counts(url)
            with _changing(app, changes):
                rate = ask()
            answered = {outcome: number - before.get(outcome, 0) for outcome, number in _counts(url).items()}
            hits[changes].append(answered.get("hit", 0) / max(1, sum(answered.values())))
            return rate

        return measure

    rates = interleaved([side(changes) for changes in CHANGES_A_SECOND], PAIRS)
    rows = [
        f"| {changes} | {ratio(rate, rates[0])} | {sorted(hits[changes])[PAIRS // 2]:.1%} |"
        for changes, rate in zip(CHANGES_A_SECOND, rates, strict=True)
    ]
    return HEAD.format(pairs=PAIRS) + "\n".join(rows) + "\n"


def _counts(url: str) -> dict[str, float]:
    """Return how many reads of lists of gigs had which outcome, once every worker has written it down."""
    time.sleep(2 * WRITE_DOWN_SECONDS)
    return {outcome: float(number) for outcome, number in _READS.findall(get(f"{url}/metrics").decode())}


@contextmanager
def _changing(app: Flask, changes: int) -> Iterator[None]:
    """Make the public lists old so many times a second, as a change of a gig does."""
    over = threading.Event()

    def change() -> None:
        while changes and not over.wait(1 / changes):
            with app.app_context(), writing() as session:
                session.connection()
                invalidate(tags.public_gigs())

    thread = threading.Thread(target=change)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _renames(redis: RedisServer, app: Flask) -> str:
    with app.app_context():
        for teacher_id, number in STUDENTS_OF.items():
            _give_students(teacher_id, number)
        sides = [_renaming(teacher_id) for teacher_id in STUDENTS_OF]
        commands = []
        for rename in sides:
            with monitor(redis) as seen:
                rename()
            commands.append(len(seen))
        times = interleaved(sides, PAIRS)
    rows = [
        f"| {number:,} | {sent} | {ratio(took, times[0])} |"
        for number, sent, took in zip(STUDENTS_OF.values(), commands, times, strict=True)
    ]
    return RENAME.format(fewest=FEWEST) + "\n".join(rows) + "\n"


def _give_students(teacher_id: int, number: int) -> None:
    """Write past lessons of a teacher with so many students, but for those whom all have."""
    lessons = [
        {
            "gig_id": teacher_id,
            "student_id": TEACHERS + student,
            "teacher_id": teacher_id,
            "status": "completed",
            "starts_at": NOW - timedelta(days=1000, hours=student),
            "ends_at": NOW - timedelta(days=1000, hours=student, minutes=-45),
            "price_cents": 3000,
            "currency": "EUR",
            "created_at": NOW - timedelta(days=1010),
            "updated_at": NOW - timedelta(days=1010),
        }
        for student in range(1, number + 1)
    ]
    if number > FEWEST:
        # Past the cache, in which nothing of them is yet.
        with db.engine.begin() as connection:
            connection.execute(insert(Booking), lessons)


def _renaming(teacher_id: int) -> Callable[[], float]:
    names = (f"Teacher {teacher_id}, as of now number {number}" for number in count(1))

    def measure() -> float:
        began = time.perf_counter()
        update_profile(teacher_id, ProfileChanges(name=next(names)), now=datetime.now(UTC))
        return time.perf_counter() - began

    return measure

"""What figures of a school cost when nobody has asked for them before.

It has 50 teachers, and is asked for its last two months after 10,000, 100,000 and a million lessons, by a reader whose
time zone lies half an hour off, so that the edges of days are counted from their lessons. Nothing is cached: it is what
the first reader after a change waits for. How long it takes to add all hours up is measured, too.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert

from accounts.models import Role
from benchmarks.books import FIRST, LESSONS_OF_A_MONTH, MONTH, PRESENT, STUDENTS_OF_A_TEACHER, TEACHERS, build
from benchmarks.processor import seconds_for
from benchmarks.stats import interleaved, ratio
from database import writing
from payments.lesson_months import upkeep as months
from payments.lesson_months.models import StaleMonth
from reports.analytics.queries import (
    SeriesQuery,
    applications_by_period,
    gigs_by_period,
    lessons_by_period,
    retention_by_period,
    revenue_by_period,
    users_by_period,
)
from reports.daily.queries import day_of_school
from reports.dashboard.contents import dashboard
from reports.leaderboards.queries import leaderboard
from reports.lesson_hours import upkeep as hours
from reports.performance.queries import performance
from reports.periods import Days, Period, days_of
from support.servers import PostgresServer
from support.unavailable import Unavailable

PAIRS = 5
ZONE = "Asia/Kathmandu"
TITLE = "Reports"
HEAD = f"""Figures of a school of {TEACHERS} teachers with {LESSONS_OF_A_MONTH} lessons a month each: how long each
takes without a cache after {{sizes}} lessons, in milliseconds of the processor (Lectern's and PostgreSQL's), and how
many times as long after the most as after the fewest. The budget: 2, and a second at a million. Beyond it grow the last
lines, which are about all that there ever was.

| database | figures | {{columns}} | times as long |
|---|---|{{rules}}---|
"""

_LAST = (FIRST + timedelta(days=20)).date()
_TWO_MONTHS = Days(first=(FIRST - MONTH).date(), end=_LAST, zone=ZONE)


def _query(period: Period, days: Days = _TWO_MONTHS) -> SeriesQuery:
    return SeriesQuery(period=period, days=days)


_MONTH = days_of(Period.MONTH, _LAST, ZONE)
_DAY = days_of(Period.DAY, PRESENT.date(), ZONE)
_STUDENT = TEACHERS + 1
# A teacher with each of whose students something has just changed.
_IN_USE = 2
RECENT: dict[str, Callable[[], Any]] = {
    "the school's dashboard": lambda: dashboard(1, Role.ADMIN, ZONE, PRESENT),
    "a teacher's dashboard": lambda: dashboard(1, Role.TEACHER, ZONE, PRESENT),
    f"a teacher's dashboard, {STUDENTS_OF_A_TEACHER} students' month being stale": lambda: dashboard(
        _IN_USE, Role.TEACHER, ZONE, PRESENT
    ),
    "a student's dashboard": lambda: dashboard(_STUDENT, Role.STUDENT, ZONE, PRESENT),
    "the teachers of a month by lessons": lambda: leaderboard(Role.TEACHER, 1, Role.ADMIN, Period.MONTH, _MONTH),
    "the students of a month, for a teacher": lambda: leaderboard(Role.STUDENT, 1, Role.TEACHER, Period.MONTH, _MONTH),
    "a teacher's month": lambda: performance(1, Period.MONTH, _MONTH),
    "a day of the school": lambda: day_of_school(_DAY),
    "lessons by day": lambda: lessons_by_period(_query(Period.DAY)),
    "lessons by week": lambda: lessons_by_period(_query(Period.WEEK)),
    "money by week": lambda: revenue_by_period(_query(Period.WEEK)),
    "people by week": lambda: users_by_period(_query(Period.WEEK)),
    "gigs by week": lambda: gigs_by_period(_query(Period.WEEK)),
    "applications by week": lambda: applications_by_period(_query(Period.WEEK)),
    "who comes back, by week": lambda: retention_by_period(_query(Period.WEEK)),
}
# These look at all that there ever was.
ALL: dict[str, Callable[[], Any]] = {
    "lessons of 20 years": lambda: lessons_by_period(_query(Period.YEAR, _years(20))),
    "money of 20 years": lambda: revenue_by_period(_query(Period.YEAR, _years(20))),
    "who comes back, over 20 years": lambda: retention_by_period(_query(Period.YEAR, _years(20))),
}


def run(sizes: tuple[int, ...] | None = None, pairs: int = PAIRS) -> str:
    """Measure, and return a table."""
    sizes = sizes or ((10_000, 100_000, 1_000_000) if os.environ.get("FULL") else (10_000, 100_000))
    words = [f"{size:,}" for size in sizes]
    lines = [HEAD.format(sizes=" and ".join(words), columns=" | ".join(words), rules="---|" * len(sizes))]
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        for name, urls in _databases(running, folder, sizes):
            schools = [
                build(folder, url, max(1, round(size / TEACHERS / LESSONS_OF_A_MONTH)))
                for url, size in zip(urls, sizes, strict=True)
            ]
            for line in _measured(name, schools, pairs):
                print(line, flush=True)
                lines.append(f"{line}\n")
    return "".join(lines)


def _measured(name: str, schools: list[Flask], pairs: int) -> Iterator[str]:
    """Yield a line of the table for each read, after everything was added up."""
    for title, add_up in {"hours": hours.add_up_everything, "months of two people": months.add_up_everything}.items():
        seconds = [_timed(school, add_up)() for school in schools]
        yield _line(name, f"adding all {title} up", [[each] for each in seconds])
    for school in schools:
        with school.app_context():
            _change_something()
    for title, read in {**RECENT, **ALL}.items():
        sides = [_timed(school, read) for school in schools]
        for side in sides:
            # The first one fills the pool and the interpreter's own caches.
            side()
        yield _line(name, title, interleaved(sides, pairs))


def _change_something() -> None:
    """Note what triggers do when the newest lesson of each student of a teacher changes."""
    begins, ends = (datetime(FIRST.year, month, 1, tzinfo=UTC) for month in (FIRST.month, FIRST.month + 1))
    students = (TEACHERS + (_IN_USE - 1) * STUDENTS_OF_A_TEACHER + n + 1 for n in range(STUDENTS_OF_A_TEACHER))
    rows = [{"teacher_id": _IN_USE, "student_id": id_, "begins": begins, "ends": ends} for id_ in students]
    with writing() as session:
        session.execute(insert(StaleMonth), rows)


def _line(name: str, title: str, figures: list[list[float]]) -> str:
    middle = " | ".join(f"{sorted(each)[len(each) // 2] * 1000:.0f}" for each in figures)
    return f"| {name} | {title} | {middle} | {ratio(figures[-1], figures[0])} |"


def _years(number: int) -> Days:
    end = FIRST.date().replace(year=FIRST.year + 1, month=1, day=1)
    return Days(first=end.replace(year=end.year - number), end=end, zone=ZONE)


def _timed(app: Flask, work: Callable[[], Any]) -> Callable[[], float]:
    """Measure how many seconds of the processor some work takes."""

    def measure() -> float:
        with app.app_context():
            return seconds_for(app, work)

    return measure


def _databases(running: ExitStack, folder: Path, sizes: tuple[int, ...]) -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each kind of database, and the addresses of empty ones."""
    yield "sqlite", [f"sqlite:///{folder}/{size}.db" for size in sizes]
    try:
        server = running.enter_context(PostgresServer())
    except Unavailable as reason:
        print(f"PostgreSQL is left out: {reason}", file=sys.stderr)
    else:
        yield "postgresql", [server.create_database(f"reports_{size}") for size in sizes]

"""What the money of a school costs to add up.

It has 50 teachers, and is asked for its last month after one month and after two years. Nothing is cached: it is what
the first reader after a change waits for. Both schools are asked in turns, so that the ratio says what history costs.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from flask import Flask

from benchmarks import starting
from benchmarks.books import FIRST, LESSONS_OF_A_MONTH, MONTH, STUDENTS_OF_A_TEACHER, TEACHERS, build
from benchmarks.stats import interleaved, ratio
from payments.income.queries import Span, income_of_school, income_of_teacher
from payments.lesson_months.upkeep import add_up_everything
from payments.owing.queries import owing
from payments.queries import PaymentsQuery, balance, balances, payments_page
from payments.statements.queries import statement
from support.servers import PostgresServer
from support.unavailable import Unavailable

YOUNG, OLD = 1, 24
PAIRS = 10
TITLE = "The ledger"
HEAD = f"""The money of a school of {TEACHERS} teachers with {LESSONS_OF_A_MONTH} lessons a month each, after
{{old}} months ({{lessons:,}} lessons) by after {{young}}: how many times as long each read takes, without a cache.
Beside it, how many times as long the school's month takes as this read, after {{old}} months.

| database | read | after {{old}} months by after {{young}} | the school's month by this |
|---|---|---|---|
"""

_SPAN = Span(start=FIRST, end=FIRST + MONTH)
_STUDENT = TEACHERS + 1
READS: dict[str, Callable[[], Any]] = {
    "the school's month": lambda: income_of_school(_SPAN),
    "a teacher's month": lambda: income_of_teacher(1, _SPAN),
    f"what {STUDENTS_OF_A_TEACHER} students owe a teacher": lambda: owing(1, "teacher"),
    "what a teacher is owed in all": lambda: balances(1, "teacher"),
    "a teacher's statement of a month": lambda: statement(1, "teacher", None, FIRST, FIRST + MONTH),
    "what a student owes": lambda: owing(_STUDENT, "student"),
    "the balance of a lesson": lambda: balance(_STUDENT, 1),
    "a page of payments": lambda: payments_page(1, "teacher", PaymentsQuery()),
}


def run(young: int = YOUNG, old: int = OLD, pairs: int = PAIRS) -> str:
    """Measure, and return a table."""
    lessons = old * TEACHERS * LESSONS_OF_A_MONTH
    lines = [HEAD.format(young=young, old=old, lessons=lessons)]
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        for name, urls in _databases(running, folder):
            schools = [build(folder, url, months) for url, months in zip(urls, (young, old), strict=True)]
            for line in _measured(name, *schools, pairs=pairs):
                print(line, flush=True)
                lines.append(f"{line}\n")
    return "".join(lines) + starting.run()


def _measured(name: str, young: Flask, old: Flask, *, pairs: int) -> Iterator[str]:
    """Yield a line of the table for each read."""
    for school in (young, old):
        with school.app_context():
            add_up_everything()
    month = READS["the school's month"]
    for title, read in READS.items():
        sides = [_timed(app, what) for app, what in ((young, read), (old, read), (old, month))]
        for side in sides:
            # The first one fills the pool and the interpreter's own caches.
            side()
        few, many, whole = interleaved(sides, pairs)
        print(f"{sorted(few)[pairs // 2] * 1000:.1f} {sorted(many)[pairs // 2] * 1000:.1f} ms", file=sys.stderr)
        yield f"| {name} | {title} | {ratio(many, few)} | {ratio(whole, many).median:.1f} |"


def _timed(app: Flask, read: Callable[[], Any]) -> Callable[[], float]:
    def measure() -> float:
        with app.app_context():
            started = time.perf_counter()
            assert read().json() is not None
            return time.perf_counter() - started

    return measure


def _databases(running: ExitStack, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each kind of database, and the addresses of two empty ones."""
    yield "sqlite", [f"sqlite:///{folder}/{name}.db" for name in ("young", "old")]
    try:
        server = running.enter_context(PostgresServer())
    except Unavailable as reason:
        print(f"PostgreSQL is left out: {reason}", file=sys.stderr)
    else:
        yield "postgresql", [server.create_database(name) for name in ("ledger_young", "ledger_old")]

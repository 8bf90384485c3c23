"""How long a student waits until a payment by card has begun, while the provider answers nobody.

Reporting a payment is measured in turns with it: another change of the ledger, which asks no one outside.
`python -m benchmarks.starting` runs it alone.
"""

from __future__ import annotations

import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median

from flask import Flask

from app import create_app
from benchmarks.school import SECRET, TEACHERS, School, make
from benchmarks.stats import interleaved, ratio
from config import Settings
from config.cards import CardAccount
from support.servers import PostgresServer, RedisServer
from support.unavailable import Unavailable

USERS, LESSONS, PAIRS, WARMING = 100, 1000, 40, 5
# The earlier ones are still to come, so that nothing is due for them.
FIRST_GIVEN = 26 * TEACHERS
HEAD = """
How long the application takes to begin a payment by card (`POST /api/payments/checkout`) while the provider's address
takes calls and never answers, beside how long it takes to report a payment (`POST /api/payments`). The requests are
made within the process, without a web server, and no jobs run beside them.

| database | begin a payment by card | report a payment | the first by the second |
|---|---|---|---|
"""


def run(pairs: int = PAIRS) -> str:
    """Measure on each database, and return a table."""
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        redis = running.enter_context(RedisServer())
        silent = running.enter_context(closing(socket.create_server(("127.0.0.1", 0))))
        account = CardAccount(
            secret_key="sk", webhook_secret="whsec", url=f"http://127.0.0.1:{silent.getsockname()[1]}"
        )
        lines = []
        for name, url in _databases(running, folder):
            school = make(folder / name, users=USERS, bookings=LESSONS, database_url=url)
            lines.append(_measured(name, school, _application(school, redis.url, account), pairs))
    return HEAD + "".join(lines)


def _application(school: School, redis_url: str, account: CardAccount) -> Flask:
    settings = Settings(
        instance=school.folder / "instance",
        database_url=school.database_url,
        redis_url=redis_url,
        secret_key=SECRET,
        ratelimit_enabled=False,
        demo_data=False,
    )
    return create_app(replace(settings, card_account=account), clock=lambda: datetime.now(UTC))


def _measured(name: str, school: School, app: Flask, pairs: int) -> str:
    """Return the line of one database."""
    lessons = count(FIRST_GIVEN)
    report = {"method": "cash", "amount_cents": 100, "currency": "EUR"}
    sides = [
        _timed(school, app, lessons, "/api/payments/checkout", {}, 202),
        _timed(school, app, lessons, "/api/payments", report, 201),
    ]
    interleaved(sides, WARMING)
    begun, reported = interleaved(sides, pairs)
    figures = " | ".join(f"{median(side) * 1000:.1f} ms" for side in (begun, reported))
    return f"| {name} | {figures} | {ratio(begun, reported)} |\n"


def _timed(
    school: School, app: Flask, lessons: Iterator[int], path: str, body: dict[str, object], status: int
) -> Callable[[], float]:
    """Measure a request about a lesson that nothing was done about yet, each time another."""
    client = app.test_client(use_cookies=False)

    def measure() -> float:
        number = next(lessons)
        student = TEACHERS + 1 + number % (USERS - TEACHERS)
        headers = {"Authorization": f"Bearer {school.token(student)}"}
        began = time.perf_counter()
        answer = client.post(path, json=body | {"booking_id": number + 1}, headers=headers)
        took = time.perf_counter() - began
        assert answer.status_code == status, answer.text
        return took

    return measure


def _databases(running: ExitStack, folder: Path) -> Iterator[tuple[str, str]]:
    yield "sqlite", f"sqlite:///{folder}/starting.db"
    try:
        server = running.enter_context(PostgresServer())
    except Unavailable as reason:
        print(f"PostgreSQL is left out: {reason}", file=sys.stderr)
    else:
        yield "postgresql", server.create_database("starting")


if __name__ == "__main__":
    print(run())

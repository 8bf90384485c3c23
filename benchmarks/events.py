"""Measure what events cost a change, and how fast they reach webhooks.

One receiver that is stuck must cost the others nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

import events
from accounts.models import SignIn
from app import create_app
from benchmarks.receivers import Receivers
from benchmarks.school import SECRET, make
from benchmarks.stand import Stand
from benchmarks.stats import interleaved, ratio
from config import ROOT, Settings
from database import writing
from events.log.models import LoggedEvent
from events.webhooks import service
from events.webhooks.models import Webhook, WebhookDelivery
from events.webhooks.service import NewWebhook
from jobs.models import Job
from server.children import wait_until
from support.servers import PostgresServer

TITLE = "Events for programs"
CHANGES = 200
RECEIVERS = 50
EVENTS = int(os.environ.get("EVENTS", "200"))
# Each of them delivers all events twice, with and without the receiver that is stuck.
PAIRS = 2
STUCK = 0
HEAD = (
    "| | a change with an event in the log, against one without | with a webhook, too | deliveries a second | "
    "time for the other 49, with one receiver of 50 stuck against none |\n|---|---|---|---|---|\n"
)


def run() -> str:
    """Measure and return a table."""
    with Stand() as stand, PostgresServer() as postgres:
        places = {"SQLite": None, "PostgreSQL": postgres.create_database("events")}
        rows = [_row(name, _settings(stand, name, url)) for name, url in places.items()]
    return (
        HEAD
        + "\n".join(rows)
        + f"\n\nA change is one UPDATE. Then {EVENTS} events go to {RECEIVERS} receivers each, on this machine, by one "
        "runner. "
        "A stuck receiver takes requests and never answers; the others get all of theirs.\n"
    )


def _settings(stand: Stand, name: str, url: str | None) -> Settings:
    school = make(stand.folder / name, users=100, bookings=100, database_url=url)
    return Settings(
        instance=school.folder / "instance",
        database_url=school.database_url,
        redis_url=stand.redis.url,
        secret_key=SECRET,
        cache_type="NullCache",
        webhooks_allow_loopback=True,
    )


def _row(name: str, settings: Settings) -> str:
    app = create_app(settings)
    with app.app_context():
        plain, logged = interleaved([_changing(_touch), _changing(_tell)])
        with Receivers() as receivers, _webhooks(app, receivers, 1):
            bare, sent = interleaved([_changing(_touch), _changing(_tell)])
    seconds, of_others = interleaved(
        [lambda: _deliver(app, settings), lambda: _deliver(app, settings, STUCK)], pairs=PAIRS
    )
    rate = EVENTS * RECEIVERS / sorted(seconds)[len(seconds) // 2]
    return f"| {name} | {ratio(logged, plain)} | {ratio(sent, bare)} | {rate:,.0f} | {ratio(of_others, seconds)} |"


def _deliver(app: Flask, settings: Settings, *stuck: int) -> float:
    """Return how many seconds it takes until all receivers that answer have got all events."""
    others = RECEIVERS - len(stuck)
    with Receivers(stuck) as receivers, _webhooks(app, receivers, RECEIVERS), _runner(settings):
        with app.app_context(), writing() as session:
            for _ in range(EVENTS):
                _tell(session)
        began = time.perf_counter()
        assert wait_until(lambda: receivers.received.total() >= EVENTS * others, seconds=600), "not delivered"
        took = time.perf_counter() - began
        assert set(receivers.received.values()) == {EVENTS}, "some were delivered twice"
    return took


@contextmanager
def _runner(settings: Settings) -> Iterator[None]:
    environ = {"DATABASE_URL": settings.database_url, "SECRET_KEY": SECRET, "CACHE_TYPE": "NullCache"}
    environ |= {"LECTERN_INSTANCE": str(settings.instance), "WEBHOOKS_ALLOW_LOOPBACK": "1", "JOBS_RECORD": os.devnull}
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.job_process"], cwd=ROOT, env=os.environ | environ)
    try:
        yield
    finally:
        # Not stopped in good order: it would wait for the receiver that is stuck.
        process.kill()
        process.wait()


@contextmanager
def _webhooks(app: Flask, receivers: Receivers, number: int) -> Iterator[None]:
    """Add webhooks for the time of the block, and leave nothing of them behind."""
    now = datetime.now(UTC)
    with app.app_context():
        for each in range(number):
            service.create(NewWebhook(url=receivers.url(each)), owner_id=1, key=SECRET, now=now)
    yield
    with app.app_context(), writing() as session:
        for table in (WebhookDelivery, Webhook, LoggedEvent, Job):
            session.execute(delete(table))


def _changing(what: Callable[[Session], None]) -> Callable[[], float]:
    def measure() -> float:
        began = time.perf_counter()
        for _ in range(CHANGES):
            with writing() as session:
                what(session)
        return time.perf_counter() - began

    return measure


def _touch(session: Session) -> None:
    """Change one row by its key, as services do."""
    session.execute(update(SignIn).where(SignIn.id == 1).values(refresh_id=None))


def _tell(session: Session) -> None:
    """Change it, and say what has happened."""
    _touch(session)
    events.record(session, events.EventType.REVIEW_CREATED, at=datetime.now(UTC), actor_id=1, review_id=1)

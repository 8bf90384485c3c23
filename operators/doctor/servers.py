"""Look at what this machine works with: database, Redis, runner, mail server, and their clocks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import cast

from redis import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

import revisions
from caching.operations import doctor
from caching.store import current_store
from config import Settings
from database import reading
from errors import Unavailable
from jobs import inspection
from jobs.models import JobState
from mail import smtp
from outages import current_watch, reason_of

# A job that has been due for so long has found no thread that was free.
LONGEST_DUE = timedelta(minutes=10)
# Leases of jobs last for 30 s and are renewed every 10 s, by the clock of whoever holds them.
MOST_SECONDS_APART = 5.0


def unreachable_database(_: Settings) -> Iterator[str]:
    """Find out whether the database answers."""
    try:
        with reading() as connection:
            revisions.present(connection)
    except Unavailable as error:
        cause = error.__cause__
        yield f"It cannot be used: {reason_of(cause) if isinstance(cause, SQLAlchemyError) else error}"


def wrong_tables(_: Settings) -> Iterator[str]:
    """Find out whether the database has the tables of this version."""
    with reading() as connection:
        if reason := revisions.why_unusable(connection):
            yield reason


def refused_changes(_: Settings) -> Iterator[str]:
    """Find out whether the database takes changes.

    One that takes none can be read all the same.
    """
    if reason := current_watch().why_no_changes():
        yield f"It takes no changes: {reason}"


def wrong_redis(settings: Settings) -> Iterator[str]:
    """Find what keeps the cache from working, as `flask cache doctor` does."""
    store = current_store()
    if store is not None:
        found = doctor.examine(store, settings.instance)
        yield from (f"{it.check}: {it.advice}" for it in found if it.level == "problem")


def wrong_jobs(_: Settings) -> Iterator[str]:
    """Find out whether a runner is at work, and whether it keeps up."""
    queue = inspection.look()
    if queue.is_late:
        yield "No runner is at work: start the server, or `flask jobs run`."
    if queue.oldest_due > LONGEST_DUE:
        yield f"A job has been due for {queue.oldest_due // timedelta(minutes=1)} minutes: give runners more threads."
    if dead := queue.depth[JobState.DEAD]:
        yield f"Given up: {dead}. `flask jobs list --state dead` says why; then `flask jobs retry` or `forget`."


def wrong_mail(settings: Settings) -> Iterator[str]:
    """Find out whether the mail server greets us and takes our sign-in."""
    if settings.mail_server is None:
        return
    try:
        smtp.sign_in(settings.mail_server, settings.mail_from.address)
    except smtp.Delayed as error:
        yield str(error)


def clock_unlike_the_databases(_: Settings) -> Iterator[str]:
    """Compare this machine's clock with that of the database, which others use as well.

    SQLite has none of its own.
    """
    with reading() as connection:
        if connection.dialect.name == "postgresql":
            now = select(func.clock_timestamp())
            yield from _apart("the database", lambda: cast("datetime", connection.scalar(now)).timestamp())


def clock_unlike_that_of_redis(_: Settings) -> Iterator[str]:
    """Compare this machine's clock with that of Redis, which others use as well."""
    if store := current_store():
        yield from _apart("Redis", lambda: _clock_of(store.backend.client.time()))


def _clock_of(answer: object) -> float:
    seconds, microseconds = cast("tuple[int, int]", answer)
    return seconds + microseconds / 1e6


def _apart(name: str, ask: Callable[[], float]) -> Iterator[str]:
    """Ask a server for its time.

    It lies between the question and the answer. One that does not answer has a line of its own.
    """
    began = time.time()
    try:
        there = ask()
    except RedisError:
        return
    ended = time.time()
    ahead, behind = began - there, there - ended
    if max(ahead, behind) > MOST_SECONDS_APART:
        word = "ahead of" if ahead > behind else "behind"
        yield f"This machine's clock is {max(ahead, behind):.0f} s {word} that of {name}: let NTP set both."

"""Doing several things at the same moment, each on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask
from sqlalchemy import text

from extensions import db


def at_once(attempts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Start all attempts together and return their results, in the order in which they were given."""
    barrier = Barrier(len(attempts))

    def run(attempt: Callable[[], Any]) -> Any:
        barrier.wait(timeout=30)
        return attempt()

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(run, attempts))


def waits_for_lock(app: Flask) -> bool:
    """Tell whether a transaction waits for another one.

    SQLite does not say so. There whoever writes waits for the one writer, whether they have come already or not.
    """
    with app.app_context(), db.engine.connect() as connection:
        if db.engine.dialect.name == "sqlite":
            return True
        return bool(connection.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")))

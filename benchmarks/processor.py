"""How much of the processor something has taken: other programs on the machine do not change it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import text

from extensions import db


def milliseconds_of(pid: int) -> float:
    """Return the milliseconds of processor time that a process has taken, by the scheduler's own accounts."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e6


def seconds_for(app: Flask, work: Callable[[], Any]) -> float:
    """Return the seconds of the processor that some work takes, with those of PostgreSQL's processes."""
    with app.app_context():
        processes = _backends()
    # The scheduler's accounts of a process that runs are some milliseconds old, so this one asks the clock.
    began, served = time.process_time(), sum(map(milliseconds_of, processes))
    work()
    return time.process_time() - began + (sum(map(milliseconds_of, processes)) - served) / 1000


def _backends() -> Iterable[int]:
    """List PostgreSQL's processes that serve this database."""
    if db.engine.dialect.name != "postgresql":
        return []
    with db.engine.connect() as connection:
        served = text(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type LIKE 'client%'"
        )
        return connection.scalars(served).all()

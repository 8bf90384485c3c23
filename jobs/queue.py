"""Ask for work that no request waits for, in the transaction of a change: no COMMIT, no job."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Insert, delete, insert, select, text, update
from sqlalchemy.orm import Session

from database import change_in_bulk, insert_into
from jobs.models import LONGEST_KEY, Job, JobState
from jobs.registry import current_registry
from jsontext import JsonObject, dumps, loads

_INSERT = insert(Job)
_NEW = ("name", "arguments", "state", "run_at", "attempts", "created_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A job that has not begun yet."""

    arguments: JsonObject
    run_at: datetime


def enqueue(
    session: Session, name: str, arguments: JsonObject, *, run_at: datetime | None = None, key: str | None = None
) -> None:
    """Write a job that is due at `run_at`, or at once, with a single INSERT.

    With a `key` it takes the place of the job of that key that still waits, and it does not begin while another one of
    that key runs.

    Raises LookupError for a name that no feature declares, and ValueError for a key that is too long.
    """
    registry = current_registry()
    if name not in registry.handlers:
        raise LookupError(f"There is no handler for jobs called {name}: declare it in the feature's jobs.py.")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise ValueError(f"The key of a job has 1 to {LONGEST_KEY} characters.")
    now = registry.now()
    row = {
        "name": name,
        "arguments": dumps(arguments).decode(),
        "key": key,
        "state": JobState.WAITING,
        "run_at": run_at or now,
        "attempts": 0,
        "created_at": now,
    }
    # Past the unit of work: it would take longer than the database does.
    session.connection().execute(_INSERT if key is None else _upsert(session.get_bind().dialect.name), row)


def waiting(session: Session, key: str) -> Waiting | None:
    """Return the job of this key that still waits.

    It is locked, so that it does not begin before the transaction ends.
    """
    this = select(Job.arguments, Job.run_at).where(Job.key == key, Job.state == JobState.WAITING)
    row = session.execute(this.with_for_update()).one_or_none()
    return row and Waiting(arguments=loads(row.arguments), run_at=row.run_at)


def cancel(session: Session, key: str) -> None:
    """Take back the job of this key.

    One that runs goes on, but is not tried again.
    """
    of_key = Job.key == key
    change_in_bulk(session, delete(Job).where(of_key, Job.state == JobState.WAITING))
    running = update(Job).where(of_key, Job.state == JobState.RUNNING).values(cancelled=True)
    change_in_bulk(session, running)


@functools.cache
def _upsert(database: str) -> Insert:
    """Write a row in the place of the waiting one with its key: nothing of that one counts any more."""
    statement = insert_into(Job.__table__, database)
    as_new = {name: statement.excluded[name] for name in _NEW}
    as_new |= dict.fromkeys(("lease_until", "leased_by", "last_error"))
    return cast(
        "Insert",
        statement.on_conflict_do_update(index_elements=[Job.key], index_where=text("state = 'waiting'"), set_=as_new),
    )

"""Look at jobs from outside: what waits, how long it has waited, what is dead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from database import alias_of, change_in_bulk, reading, writing
from jobs import periodic
from jobs.models import Job, JobState
from jobs.registry import current_registry

_Other = alias_of(Job)


@dataclass(frozen=True, slots=True)
class Queue:
    """How the queue is at the moment."""

    depth: Counter[JobState]
    # How long the job has been due that has been so longest; 0 if none is.
    oldest_due: timedelta
    # Periodic work is not done, so no runner is at work.
    is_late: bool


def look() -> Queue:
    """Look at everything, in one snapshot.

    Raises Unavailable.
    """
    registry = current_registry()
    now = registry.now()
    by_state = select(Job.state, func.count(), func.min(Job.run_at)).group_by(Job.state)
    with reading() as connection:
        rows = connection.execute(by_state).all()
        late = periodic.is_late(connection, registry.periodic, now)
    first = next((run_at for state, _, run_at in rows if state is JobState.WAITING), now)
    return Queue(Counter({state: number for state, number, _ in rows}), max(timedelta(), now - first), late)


def depth() -> Counter[JobState]:
    """Count jobs by their state."""
    return look().depth


def is_late() -> bool:
    """Tell whether no runner is at work, because periodic work is not done.

    Raises Unavailable.
    """
    registry = current_registry()
    with reading() as connection:
        return periodic.is_late(connection, registry.periodic, registry.now())


def listed(state: JobState | None, limit: int) -> Sequence[Row[Any]]:
    """Return jobs, those first that are due first."""
    columns: tuple[Any, ...] = (Job.id, Job.name, Job.key, Job.state, Job.run_at, Job.attempts, Job.last_error)
    wanted = select(*columns).order_by(Job.run_at, Job.id).limit(limit)
    with reading() as connection:
        return connection.execute(wanted.where(Job.state == state) if state else wanted).all()


def forget(job_id: int) -> bool:
    """Delete a dead job that nobody wants done any more, and tell whether there was one."""
    with writing() as session:
        return bool(change_in_bulk(session, delete(Job).where(Job.state == JobState.DEAD, Job.id == job_id)))


def retry(job_id: int | None = None) -> int:
    """Have dead jobs tried again, or one of them, and return how many.

    One whose key has a newer job gives way to that.
    """
    dead = [Job.state == JobState.DEAD, *([] if job_id is None else [Job.id == job_id])]
    newer = select(_Other.id).where(_Other.key == Job.key, _Other.id > Job.id)
    again = {"state": JobState.WAITING, "run_at": current_registry().now(), "attempts": 0, "cancelled": False}
    with writing() as session:
        replaced = delete(Job).where(*dead, newer.exists())
        change_in_bulk(session, replaced)
        waits = update(Job).where(*dead).values(**again)
        return change_in_bulk(session, waits)

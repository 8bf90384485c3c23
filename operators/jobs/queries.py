"""Reads of jobs, for those who look after them.

Nothing of it is cached: it is different from one moment to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select

from database import reading
from jobs.models import Job, JobState
from jsontext import JsonObject
from web.pagination import Position, page


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsQuery:
    """What the list is narrowed to."""

    state: JobState | None = None
    name: str | None = None
    limit: int
    after: Position | None = None


def jobs_page(query: JobsQuery) -> JsonObject:
    """List jobs, the newest first, and count all of them by their state."""
    columns: list[Any] = [Job.id, Job.name, Job.key, Job.state, Job.run_at, Job.attempts, Job.last_error]
    found = select(*columns, Job.created_at).order_by(Job.id.desc()).limit(query.limit + 1)
    if query.state:
        found = found.where(Job.state == query.state)
    if query.name:
        found = found.where(Job.name == query.name)
    if query.after:
        found = found.where(Job.id < query.after[1])
    with reading() as connection:
        rows = connection.execute(found).all()
        numbers = connection.execute(select(Job.state, func.count().label("number")).group_by(Job.state))
        depth = {row.state: row.number for row in numbers}
    listed = page(rows, limit=query.limit, order="newest", position=lambda row: (0, row.id), show=_show)
    return listed | {"depth": {str(state): depth.get(state, 0) for state in JobState}}


def _show(row: Row[Any]) -> JsonObject:
    return {
        "id": row.id,
        "name": row.name,
        "key": row.key,
        "state": row.state,
        "run_at": row.run_at,
        "attempts": row.attempts,
        "error": row.last_error,
        "created_at": row.created_at,
    }

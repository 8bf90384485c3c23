"""Reads of submissions, with their family, life time and tag.

They show no names, and the title of a task for which something was handed in does not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select

import tags
from caching import cache, invalidation_check
from database import reading
from enrolment.rows import newest_page
from enrolment.submissions.models import Submission
from enrolment.tasks.models import Task
from jsontext import JsonObject
from web.pagination import Position

invalidation_check.watch(Submission, {tags.task: ("task_id",), tags.assignment: ("assignment_id",)})


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionsQuery:
    """Which page of submissions, the newest first."""

    limit: int = 20
    after: Position | None = None


# Invalidated by: a new version, a review. The caller finds out who may read it.
@cache.stamped("submissions", ttl=600, tag=tags.task, by="task_id")
def versions_page(connection: Connection, task_id: int, query: SubmissionsQuery) -> JsonObject:
    """List the versions for one task, the newest first."""
    found = _submissions().where(Submission.task_id == task_id)
    return newest_page(connection, Submission, found, limit=query.limit, after=query.after, show=_show)


# Invalidated by: the same, for any task of the assignment.
@cache.stamped("submissions", ttl=600, tag=tags.assignment, by="assignment_id")
def submissions_page(connection: Connection, assignment_id: int, query: SubmissionsQuery) -> JsonObject:
    """List all that was handed in for an assignment, the newest first."""
    found = _submissions().where(Submission.assignment_id == assignment_id)
    return newest_page(connection, Submission, found, limit=query.limit, after=query.after, show=_show)


def submission(submission_id: int) -> JsonObject:
    """Show a version that was just handed in or reviewed.

    Not cached.
    """
    with reading() as connection:
        return _show(connection.execute(_submissions().where(Submission.id == submission_id)).one())


def _submissions() -> Select[Any]:
    names = ("id", "task_id", "assignment_id", "version", "status", "text", "links", "feedback")
    own = [getattr(Submission, name) for name in (*names, "created_at", "reviewed_at")]
    return select(*own, Task.title).join(Task, Task.id == Submission.task_id)


def _show(row: Row[Any]) -> JsonObject:
    return {
        "id": row.id,
        "task": {"id": row.task_id, "title": row.title},
        "assignment_id": row.assignment_id,
        "version": row.version,
        "status": row.status,
        "text": row.text,
        "links": row.links,
        "feedback": row.feedback,
        "created_at": row.created_at,
        "reviewed_at": row.reviewed_at,
    }

"""Reads of submissions, with their family, life time and tag."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select
from sqlalchemy.orm import InstrumentedAttribute

import tags
from accounts.rights import runs_school
from caching import BoundRead, cache, invalidation_check
from database import reading
from enrolment.assignments.models import Assignment
from enrolment.rows import newest_page, theirs, there_is
from enrolment.submissions.models import Submission
from enrolment.tasks.models import Task
from jsontext import JsonObject
from web.pagination import Position

_BELONGS_TO: dict[Any, InstrumentedAttribute[int]] = {
    Task: Submission.task_id,
    Assignment: Submission.assignment_id,
}

# Whose they are stands in the task.
invalidation_check.watch(Submission, {tags.all_tasks: ()})


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionsQuery:
    """Which page of submissions, the newest first."""

    limit: int = 20
    after: Position | None = None


# Invalidated by: every change of a task of this person, among them a new version and a review.
@cache.stamped("submissions", ttl=600, tag=tags.user_tasks, by="user_id")
def versions_page(connection: Connection, user_id: int, task_id: int, query: SubmissionsQuery) -> JsonObject | None:
    """List the versions for one of a person's tasks, the newest first."""
    return _page(connection, Task, task_id, query, theirs(Task, user_id))


# Invalidated by: the same of everybody.
@cache.stamped("submissions", ttl=600, tag=tags.all_tasks)
def any_versions_page(connection: Connection, task_id: int, query: SubmissionsQuery) -> JsonObject | None:
    """List the versions for a task for an administrator."""
    return _page(connection, Task, task_id, query)


# Invalidated by: the same, for any task of this person.
@cache.stamped("submissions", ttl=600, tag=tags.user_tasks, by="user_id")
def submissions_page(
    connection: Connection, user_id: int, assignment_id: int, query: SubmissionsQuery
) -> JsonObject | None:
    """List all that was handed in for one of a person's assignments, the newest first."""
    return _page(connection, Assignment, assignment_id, query, theirs(Assignment, user_id))


# Invalidated by: the same of everybody.
@cache.stamped("submissions", ttl=600, tag=tags.all_tasks)
def any_submissions_page(connection: Connection, assignment_id: int, query: SubmissionsQuery) -> JsonObject | None:
    """List all that was handed in for an assignment for an administrator."""
    return _page(connection, Assignment, assignment_id, query)


def versions_for(user_id: int, role: str, task_id: int, query: SubmissionsQuery) -> BoundRead:
    """Name the list of a task's versions that a user with this role gets to see."""
    if runs_school(role):
        return any_versions_page.at(task_id, query)
    return versions_page.at(user_id, task_id, query)


def submissions_for(user_id: int, role: str, assignment_id: int, query: SubmissionsQuery) -> BoundRead:
    """Name the list of an assignment's submissions that a user with this role gets to see."""
    if runs_school(role):
        return any_submissions_page.at(assignment_id, query)
    return submissions_page.at(user_id, assignment_id, query)


def submission(submission_id: int) -> JsonObject:
    """Show a version that was just handed in or reviewed.

    Not cached.
    """
    with reading() as connection:
        return _show(connection.execute(_submissions().where(Submission.id == submission_id)).one())


def _page(
    connection: Connection, of: Any, of_id: int, query: SubmissionsQuery, *whose: ColumnElement[bool]
) -> JsonObject | None:
    """Read a page of what was handed in for a task or an assignment, if there is one."""
    if not there_is(connection, of.id == of_id, *whose):
        return None
    return newest_page(connection, Submission, _submissions().where(_BELONGS_TO[of] == of_id), query, _show)


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

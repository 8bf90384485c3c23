"""Reads of tasks, the cached ones with their family, life time and tag.

Whether a task is overdue depends on the time, so no cached answer says it: `marked` adds it to what is sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, or_

import tags
from accounts.rights import runs_school
from caching import BoundRead, cache, invalidation_check
from database import reading
from enrolment.assignments.models import Assignment
from enrolment.rows import ByTime, own_side, page_by_time, show_people, theirs, with_people
from enrolment.statuses import TO_DO, AssignmentStatus, TaskStatus
from enrolment.tasks.models import Task
from jsontext import JsonObject
from web.pagination import Position

SOONEST_FIRST, LATEST_FIRST = "due_at", "-due_at"
ORDERS = {
    SOONEST_FIRST: ByTime(SOONEST_FIRST, Task.due_order, backwards=False),
    LATEST_FIRST: ByTime(LATEST_FIRST, Task.due_order, backwards=True),
}
# A status of lists alone: to be handed in, and the time for it is over.
OVERDUE = "overdue"

invalidation_check.watch(
    Task,
    {
        tags.user_tasks: ("student_id", "teacher_id"),
        tags.all_tasks: (),
        tags.user_assignments: ("student_id", "teacher_id"),
        tags.all_assignments: (),
    },
    unseen=["reminded_for"],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksQuery:
    """What a list can be narrowed to: any of `statuses` (sorted, none means all), an assignment, an end.

    `overdue_at` narrows it to what was to be handed in before that time and was not.
    """

    statuses: tuple[str, ...] = ()
    assignment_id: int | None = None
    due_before: datetime | None = None
    overdue_at: datetime | None = None
    order: str = SOONEST_FIRST
    limit: int = 20
    after: Position | None = None


# What waits for a student, and for a teacher. The page of tasks and the start page ask for the same, so one answer is
# cached for both.
SHOWN = 100
TO_BE_DONE = TasksQuery(statuses=tuple(sorted(TO_DO)), limit=SHOWN)
TO_BE_REVIEWED = TasksQuery(statuses=(TaskStatus.SUBMITTED,), limit=SHOWN)


# Invalidated by: a task of this person, its changes, what is handed in for it and reviewed; the end of its assignment;
# the other one's name; the gig's title.
@cache.stamped("tasks-active", ttl=300, tag=tags.user_tasks, by="user_id")
def tasks_page(connection: Connection, user_id: int, role: str, query: TasksQuery) -> JsonObject:
    """List a student's or a teacher's tasks, those first that are due first."""
    return _page(connection, query, own_side(Task, role) == user_id)


# Invalidated by: the same.
@cache.stamped("tasks-completed", ttl=3600, tag=tags.user_tasks, by="user_id")
def approved_tasks_page(connection: Connection, user_id: int, role: str, query: TasksQuery) -> JsonObject:
    """List those of them that were approved."""
    return _page(connection, query, own_side(Task, role) == user_id)


# Invalidated by: the same of everybody.
@cache.stamped("tasks-active", ttl=300, tag=tags.all_tasks)
def all_tasks_page(connection: Connection, query: TasksQuery) -> JsonObject:
    """List all tasks for an administrator."""
    return _page(connection, query)


# Invalidated by: the same as a person's list.
@cache.stamped("task", ttl=3600, tag=tags.user_tasks, by="user_id", kind="entity")
def task(connection: Connection, user_id: int, task_id: int) -> JsonObject | None:
    """Describe a task to one of its two people."""
    return _detail(connection, Task.id == task_id, theirs(Task, user_id))


# Invalidated by: the same of everybody.
@cache.stamped("task", ttl=3600, tag=tags.all_tasks, kind="entity")
def any_task(connection: Connection, task_id: int) -> JsonObject | None:
    """Describe a task to an administrator."""
    return _detail(connection, Task.id == task_id)


def list_for(user_id: int, role: str, query: TasksQuery) -> BoundRead:
    """Name the list that a user with this role gets to see."""
    if runs_school(role):
        return all_tasks_page.at(query)
    if query.statuses == (TaskStatus.APPROVED,):
        return approved_tasks_page.at(user_id, role, query)
    return tasks_page.at(user_id, role, query)


def task_for(user_id: int, role: str, task_id: int) -> BoundRead:
    """Name the read that describes a task to a user with this role."""
    return any_task.at(task_id) if runs_school(role) else task.at(user_id, task_id)


def overdue_page(user_id: int, role: str, query: TasksQuery, now: datetime) -> JsonObject:
    """List what is overdue now.

    Not cached.
    """
    whose = () if runs_school(role) else (own_side(Task, role) == user_id,)
    with reading() as connection:
        return _page(connection, replace(query, statuses=tuple(sorted(TO_DO)), overdue_at=now), *whose)


def marked(shown: JsonObject, now: datetime) -> JsonObject:
    """Return a task with whether it is overdue."""
    due_at = shown["due_at"]
    if isinstance(due_at, str):
        due_at = datetime.fromisoformat(due_at)
    to_do = shown["status"] in TO_DO and shown["assignment"]["status"] == AssignmentStatus.ACTIVE
    return shown | {"overdue": bool(to_do and due_at and due_at < now)}


def several(ids: Iterable[int]) -> list[JsonObject]:
    """Describe tasks that were just set, in their order.

    Not cached.
    """
    with reading() as connection:
        return [_show(row) for row in connection.execute(_tasks().where(Task.id.in_(list(ids))).order_by(Task.id))]


def _tasks() -> Select[Any]:
    names = ("id", "status", "title", "instructions", "due_at", "due_order", "versions", "created_at", "updated_at")
    own = [getattr(Task, name) for name in names]
    statement = with_people(Task, *own, Task.assignment_id, Assignment.status.label("assignment_status"))
    return statement.join(Assignment, Assignment.id == Task.assignment_id)


def _page(connection: Connection, query: TasksQuery, *whose: ColumnElement[bool]) -> JsonObject:
    found = _tasks().where(*whose, *_conditions(query))
    return page_by_time(connection, found, ORDERS[query.order], query, _show)


def _detail(connection: Connection, *which: ColumnElement[bool]) -> JsonObject | None:
    row = connection.execute(_tasks().where(*which)).one_or_none()
    return _show(row) if row else None


def _conditions(query: TasksQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.assignment_id is not None:
        found.append(Task.assignment_id == query.assignment_id)
    if query.assignment_id is None or query.overdue_at:
        # What an ended assignment has left open is not to be done any more.
        found.append(or_(Assignment.status == AssignmentStatus.ACTIVE, Task.status == TaskStatus.APPROVED))
    if query.statuses:
        found.append(Task.status.in_(query.statuses))
    for end in filter(None, (query.due_before, query.overdue_at)):
        found += [Task.due_order < end, Task.due_at.is_not(None)]
    return found


def _show(row: Row[Any]) -> JsonObject:
    return {
        "id": row.id,
        "status": row.status,
        "title": row.title,
        "instructions": row.instructions,
        "due_at": row.due_at,
        "versions": row.versions,
        "assignment": {"id": row.assignment_id, "status": row.assignment_status},
        **show_people(row),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }

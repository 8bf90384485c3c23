"""Reads of tasks, the cached ones with their family, life time and tag.

Whether a task is overdue depends on the time, so no cached answer says it: `marked` adds it to what is sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, Select, literal, or_, select, tuple_
from sqlalchemy.orm import Session

import tags
from accounts.actors import Actor
from accounts.dependents import name_dependents
from accounts.models import Role
from caching import BoundRead, Tag, cache, invalidation_check
from database import Instant, reading
from enrolment.assignments.models import Assignment
from enrolment.rows import own_side, people_of, show_people, theirs, with_people
from enrolment.states import Sides
from enrolment.statuses import TO_DO, AssignmentStatus, TaskStatus
from enrolment.tasks.models import Task
from errors import NotFound
from gigs.dependents import gig_dependents
from jsontext import JsonObject
from web.pagination import Position, from_microseconds, microseconds, page

SOONEST_FIRST, LATEST_FIRST = "due_at", "-due_at"
ORDERS = (SOONEST_FIRST, LATEST_FIRST)
# A status of lists alone: to be handed in, and the time for it is over.
OVERDUE = "overdue"

invalidation_check.watch(
    Task,
    {
        tags.task: ("id",),
        tags.user_tasks: ("student_id", "teacher_id"),
        tags.all_tasks: (),
        tags.assignment: ("assignment_id",),
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


# Invalidated by: the same of this one.
@cache.stamped("task", ttl=3600, tag=tags.task, by="task_id", kind="entity")
def task(connection: Connection, task_id: int) -> JsonObject | None:
    """Describe one task.

    `shown_to` says who may see it.
    """
    row = connection.execute(_tasks().where(Task.id == task_id)).one_or_none()
    return _show(row) if row else None


def list_for(user_id: int, role: str, query: TasksQuery) -> BoundRead:
    """Name the list that a user with this role gets to see."""
    if role == Role.ADMIN:
        return all_tasks_page.at(query)
    if query.statuses == (TaskStatus.APPROVED,):
        return approved_tasks_page.at(user_id, role, query)
    return tasks_page.at(user_id, role, query)


def overdue_page(user_id: int, role: str, query: TasksQuery, now: datetime) -> JsonObject:
    """List what is overdue now.

    Not cached.
    """
    whose = () if role == Role.ADMIN else (own_side(Task, role) == user_id,)
    with reading() as connection:
        return _page(connection, replace(query, statuses=tuple(sorted(TO_DO)), overdue_at=now), *whose)


def marked(shown: JsonObject, now: datetime) -> JsonObject:
    """Return a task with whether it is overdue."""
    due_at = shown["due_at"]
    if isinstance(due_at, str):
        due_at = datetime.fromisoformat(due_at)
    to_do = shown["status"] in TO_DO and shown["assignment"]["status"] == AssignmentStatus.ACTIVE
    return shown | {"overdue": bool(to_do and due_at and due_at < now)}


def shown_to(shown: JsonObject | None, viewer: Actor) -> JsonObject:
    """Return a task if a viewer may see it.

    Raises NotFound if there is none, or if it is none of their business.
    """
    if shown is None:
        raise NotFound
    Sides(shown["student"]["id"], shown["teacher"]["id"]).require(viewer)
    return shown


def several(ids: Iterable[int]) -> list[JsonObject]:
    """Describe tasks that were just set, in their order.

    Not cached.
    """
    with reading() as connection:
        return [_show(row) for row in connection.execute(_tasks().where(Task.id.in_(list(ids))).order_by(Task.id))]


@name_dependents.add
def _shows_person(session: Session, user_id: int) -> Iterable[Tag]:
    """Name what shows a person's name."""
    return _shows(session, theirs(Task, user_id))


@gig_dependents.add
def _shows_gig(session: Session, gig_id: int) -> Iterable[Tag]:
    """Name what shows a gig's title."""
    return _shows(session, Task.gig_id == gig_id)


def _shows(session: Session, condition: ColumnElement[bool]) -> list[Tag]:
    found = session.scalars(select(Task.id).where(condition)).all()
    if not found:
        return []
    lists = [*map(tags.user_tasks, people_of(session, Task, condition)), tags.all_tasks()]
    return [*lists, *map(tags.task, found)]


def _tasks() -> Select[Any]:
    names = ("id", "status", "title", "instructions", "due_at", "due_order", "versions", "created_at", "updated_at")
    own = [getattr(Task, name) for name in names]
    statement = with_people(Task, *own, Task.assignment_id, Assignment.status.label("assignment_status"))
    return statement.join(Assignment, Assignment.id == Task.assignment_id)


def _page(connection: Connection, query: TasksQuery, *whose: ColumnElement[bool]) -> JsonObject:
    found = _tasks().where(*whose, *_conditions(query))
    place, newest_first = tuple_(Task.due_order, Task.id), query.order == LATEST_FIRST
    if query.after:
        due, last_id = query.after
        edge = tuple_(literal(from_microseconds(due), Instant), literal(last_id, BigInteger))
        found = found.where(place < edge if newest_first else place > edge)
    order = [column.desc() if newest_first else column.asc() for column in (Task.due_order, Task.id)]
    return page(
        connection.execute(found.order_by(*order).limit(query.limit + 1)).all(),
        limit=query.limit,
        order=query.order,
        position=lambda row: (microseconds(row.due_order), row.id),
        show=_show,
    )


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

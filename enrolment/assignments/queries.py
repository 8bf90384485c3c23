"""Reads of assignments, the cached ones with their family, life time and tag."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Label, Row, Select, func, select

import tags
from accounts.models import Role
from accounts.rights import runs_school
from caching import BoundRead, cache, invalidation_check
from enrolment.assignments.models import Assignment
from enrolment.rows import (
    ByTime,
    PlacesQuery,
    own_side,
    page_by_time,
    places_page,
    show_people,
    visible_to,
    with_people,
)
from enrolment.states import ASSIGNMENT_STEPS, with_steps
from enrolment.statuses import ENDED, TO_DO, TaskStatus
from enrolment.tasks.models import Task
from jsontext import JsonObject
from web.pagination import Position

# The order of the work history.
LAST_ENDED = ByTime("last-ended", Assignment.ended_at, backwards=True)

# Lists of tasks leave out what an ended assignment has left open.
invalidation_check.watch(
    Assignment,
    {
        tags.user_assignments: ("student_id", "teacher_id"),
        tags.all_assignments: (),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuery:
    """Which page of a work history."""

    limit: int = 20
    after: Position | None = None


# Invalidated by: a place that this person gets or gives, and its end; tasks there, and what is handed in and reviewed;
# the other one's name; the gig's title.
@cache.stamped("assignments", ttl=600, tag=tags.user_assignments, by="user_id")
def assignments_page(connection: Connection, user_id: int, role: str, query: PlacesQuery) -> JsonObject:
    """List a student's or a teacher's assignments, the newest first."""
    return _page(connection, query, own_side(Assignment, role) == user_id)


# Invalidated by: the same of everybody.
@cache.stamped("assignments", ttl=600, tag=tags.all_assignments)
def all_assignments_page(connection: Connection, query: PlacesQuery) -> JsonObject:
    """List all assignments for an administrator, the newest first."""
    return _page(connection, query)


# Invalidated by: the same as a person's list.
@cache.stamped("assignment", ttl=3600, tag=tags.user_assignments, by="user_id", kind="entity")
def assignment(connection: Connection, user_id: int, role: str, assignment_id: int) -> JsonObject | None:
    """Describe an assignment to one of its two people, with what they may do about it."""
    return _detail(connection, user_id, role, assignment_id)


# Invalidated by: the same of everybody.
@cache.stamped("assignment", ttl=3600, tag=tags.all_assignments, kind="entity")
def any_assignment(connection: Connection, admin_id: int, assignment_id: int) -> JsonObject | None:
    """Describe an assignment to an administrator, with what they may do about it."""
    return _detail(connection, admin_id, Role.ADMIN, assignment_id)


# Invalidated by: the same as a person's list.
@cache.stamped("work-history", ttl=600, tag=tags.user_assignments, by="user_id")
def work_history(connection: Connection, user_id: int, role: str, query: HistoryQuery) -> JsonObject:
    """List a person's assignments that have ended, the last one first."""
    found = _assignments().where(own_side(Assignment, role) == user_id, Assignment.status.in_(ENDED))
    return page_by_time(connection, found, LAST_ENDED, query, _show)


def list_for(user_id: int, role: str, query: PlacesQuery) -> BoundRead:
    """Name the list that a user with this role gets to see."""
    return all_assignments_page.at(query) if runs_school(role) else assignments_page.at(user_id, role, query)


def assignment_for(user_id: int, role: str, assignment_id: int) -> BoundRead:
    """Name the read that describes an assignment to a user with this role."""
    if runs_school(role):
        return any_assignment.at(user_id, assignment_id)
    return assignment.at(user_id, role, assignment_id)


def _assignments() -> Select[Any]:
    names = ("id", "application_id", "status", "reason", "rating", "created_at", "ended_at")
    own = [getattr(Assignment, name) for name in names]
    done = _number("tasks_done", TaskStatus.APPROVED)
    return with_people(Assignment, *own, _number("open_tasks", *TO_DO), done, _number("tasks", *TaskStatus))


def _number(label: str, *statuses: TaskStatus) -> Label[int]:
    """Count an assignment's tasks that have one of these statuses."""
    counted = (Task.assignment_id == Assignment.id, Task.status.in_(statuses))
    return select(func.count()).select_from(Task).where(*counted).correlate(Assignment).scalar_subquery().label(label)


def _page(connection: Connection, query: PlacesQuery, *whose: ColumnElement[bool]) -> JsonObject:
    return places_page(connection, Assignment, _assignments().where(*whose), query, _show)


def _detail(connection: Connection, user_id: int, role: str, assignment_id: int) -> JsonObject | None:
    found = _assignments().where(Assignment.id == assignment_id, visible_to(user_id, role, Assignment))
    row = connection.execute(found).one_or_none()
    return with_steps(_show(row), ASSIGNMENT_STEPS, user_id, role) if row else None


def _show(row: Row[Any]) -> JsonObject:
    return {
        "id": row.id,
        "application_id": row.application_id,
        "status": row.status,
        **show_people(row),
        "tasks": row.tasks,
        "open_tasks": row.open_tasks,
        "tasks_done": row.tasks_done,
        "reason": row.reason,
        "rating": row.rating,
        "created_at": row.created_at,
        "ended_at": row.ended_at,
    }

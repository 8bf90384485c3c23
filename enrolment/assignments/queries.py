"""Reads of assignments, the cached ones with their family, life time and tag."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Label, Row, Select, func, literal, select, tuple_
from sqlalchemy.orm import Session

import tags
from accounts.actors import Actor
from accounts.dependents import name_dependents
from accounts.models import Role
from caching import BoundRead, Tag, cache, invalidation_check
from database import Instant
from enrolment.assignments.models import Assignment
from enrolment.rows import newest_page, own_side, people_of, show_people, theirs, with_people
from enrolment.states import ASSIGNMENT_STEPS, Sides, allowed
from enrolment.statuses import ENDED, TO_DO, TaskStatus
from enrolment.tasks.models import Task
from errors import NotFound
from gigs.dependents import gig_dependents
from jsontext import JsonObject
from web.pagination import Position, from_microseconds, microseconds, page

# The order of the work history.
LAST_ENDED = "last-ended"

# Lists of tasks leave out what an ended assignment has left open.
invalidation_check.watch(
    Assignment,
    {
        tags.assignment: ("id",),
        tags.user_assignments: ("student_id", "teacher_id"),
        tags.all_assignments: (),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentsQuery:
    """What a list can be narrowed to: any of `statuses` (sorted, none means all), and one gig."""

    statuses: tuple[str, ...] = ()
    gig_id: int | None = None
    limit: int = 20
    after: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuery:
    """Which page of a work history."""

    limit: int = 20
    after: Position | None = None


# Invalidated by: a place that this person gets or gives, and its end; tasks there, and what is handed in and reviewed;
# the other one's name; the gig's title.
@cache.stamped("assignments", ttl=600, tag=tags.user_assignments, by="user_id")
def assignments_page(connection: Connection, user_id: int, role: str, query: AssignmentsQuery) -> JsonObject:
    """List a student's or a teacher's assignments, the newest first."""
    return _page(connection, query, own_side(Assignment, role) == user_id)


# Invalidated by: the same of everybody.
@cache.stamped("assignments", ttl=600, tag=tags.all_assignments)
def all_assignments_page(connection: Connection, query: AssignmentsQuery) -> JsonObject:
    """List all assignments for an administrator, the newest first."""
    return _page(connection, query)


# Invalidated by: the same of this one.
@cache.stamped("assignment", ttl=3600, tag=tags.assignment, by="assignment_id", kind="entity")
def assignment(connection: Connection, assignment_id: int) -> JsonObject | None:
    """Describe one assignment.

    `shown_to` says who may see it.
    """
    row = connection.execute(_assignments().where(Assignment.id == assignment_id)).one_or_none()
    return _show(row) if row else None


# Invalidated by: the same as a person's list.
@cache.stamped("work-history", ttl=600, tag=tags.user_assignments, by="user_id")
def work_history(connection: Connection, user_id: int, role: str, query: HistoryQuery) -> JsonObject:
    """List a person's assignments that have ended, the last one first."""
    found = _assignments().where(own_side(Assignment, role) == user_id, Assignment.status.in_(ENDED))
    if query.after:
        ended, last_id = query.after
        edge = tuple_(literal(from_microseconds(ended), Instant), literal(last_id, BigInteger))
        found = found.where(tuple_(Assignment.ended_at, Assignment.id) < edge)
    last_first = (Assignment.ended_at.desc(), Assignment.id.desc())
    return page(
        connection.execute(found.order_by(*last_first).limit(query.limit + 1)).all(),
        limit=query.limit,
        order=LAST_ENDED,
        position=lambda row: (microseconds(row.ended_at), row.id),
        show=_show,
    )


def list_for(user_id: int, role: str, query: AssignmentsQuery) -> BoundRead:
    """Name the list that a user with this role gets to see."""
    return all_assignments_page.at(query) if role == Role.ADMIN else assignments_page.at(user_id, role, query)


def shown_to(shown: JsonObject | None, viewer: Actor) -> JsonObject:
    """Return an assignment with what a viewer may do about it.

    The cached one is the same for all. Raises NotFound if there is none, or if it is none of their business.
    """
    if shown is None:
        raise NotFound
    parties = Sides(shown["student"]["id"], shown["teacher"]["id"]).parties(viewer)
    if not parties:
        raise NotFound
    return shown | {"allowed_transitions": allowed(ASSIGNMENT_STEPS, shown["status"], parties)}


@name_dependents.add
def _shows_person(session: Session, user_id: int) -> Iterable[Tag]:
    """Name what shows a person's name."""
    return _shows(session, theirs(Assignment, user_id))


@gig_dependents.add
def _shows_gig(session: Session, gig_id: int) -> Iterable[Tag]:
    """Name what shows a gig's title."""
    return _shows(session, Assignment.gig_id == gig_id)


def _shows(session: Session, condition: ColumnElement[bool]) -> list[Tag]:
    found = session.scalars(select(Assignment.id).where(condition)).all()
    if not found:
        return []
    lists = [*map(tags.user_assignments, people_of(session, Assignment, condition)), tags.all_assignments()]
    return [*lists, *map(tags.assignment, found)]


def _assignments() -> Select[Any]:
    names = ("id", "application_id", "status", "reason", "rating", "created_at", "ended_at")
    own = [getattr(Assignment, name) for name in names]
    done = _number("tasks_done", TaskStatus.APPROVED)
    return with_people(Assignment, *own, _number("open_tasks", *TO_DO), done, _number("tasks", *TaskStatus))


def _number(label: str, *statuses: TaskStatus) -> Label[int]:
    """Count an assignment's tasks that have one of these statuses."""
    counted = (Task.assignment_id == Assignment.id, Task.status.in_(statuses))
    return select(func.count()).select_from(Task).where(*counted).correlate(Assignment).scalar_subquery().label(label)


def _page(connection: Connection, query: AssignmentsQuery, *whose: ColumnElement[bool]) -> JsonObject:
    found = _assignments().where(*whose)
    if query.statuses:
        found = found.where(Assignment.status.in_(query.statuses))
    if query.gig_id is not None:
        found = found.where(Assignment.gig_id == query.gig_id)
    return newest_page(connection, Assignment, found, limit=query.limit, after=query.after, show=_show)


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

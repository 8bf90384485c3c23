"""What a change of enrolment makes old, and how others hear of it.

Lists and details are cached for the person who reads them. So a change has a tag for each of the two people and one for
administrators, however many applications, courses and tasks show it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

import events
import tags
from accounts.dependents import name_dependents
from caching import Tag
from enrolment.applications.models import Application
from enrolment.assignments.models import Assignment
from enrolment.rows import theirs
from events import EventType
from gigs.dependents import gig_dependents


class About(Protocol):
    """A row about a student and a teacher, in a gig."""

    @property
    def gig_id(self) -> int: ...
    @property
    def student_id(self) -> int: ...
    @property
    def teacher_id(self) -> int: ...


def application_tags(*applications: About) -> list[Tag]:
    """Name what shows these applications."""
    if not applications:
        return []
    gigs = {application.gig_id for application in applications}
    lists = [*map(tags.user_applications, _people(applications)), *map(tags.gig_applications, gigs)]
    return [*lists, tags.all_applications()]


def assignment_tags(*assignments: About) -> list[Tag]:
    """Name what shows these assignments."""
    return [*map(tags.user_assignments, _people(assignments)), tags.all_assignments()] if assignments else []


def task_tags(*assignments: About) -> list[Tag]:
    """Name what shows the tasks of these assignments, among them how many are still to be done."""
    if not assignments:
        return []
    return [*assignment_tags(*assignments), *map(tags.user_tasks, _people(assignments)), tags.all_tasks()]


def tell(session: Session, type_: EventType, about: About, *, by: int | None, now: datetime, **data: object) -> None:
    """Say what has happened to the two people of something."""
    sides = {"gig_id": about.gig_id, "student_id": about.student_id, "teacher_id": about.teacher_id}
    events.record(session, type_, at=now, actor_id=by, **sides, **data)


@name_dependents.add
def _shows_person(session: Session, user_id: int) -> Iterable[Tag]:
    """Name what shows a person's name."""
    return _tags_where(session, theirs(Application, user_id), theirs(Assignment, user_id))


@gig_dependents.add
def _shows_gig(session: Session, gig_id: int) -> Iterable[Tag]:
    """Name what shows a gig's title."""
    return _tags_where(session, Application.gig_id == gig_id, Assignment.gig_id == gig_id)


def _tags_where(session: Session, applied: ColumnElement[bool], has_place: ColumnElement[bool]) -> list[Tag]:
    """Name what shows such applications and assignments, and the tasks, which have the same people."""
    return [
        *application_tags(*_sides(session, Application, applied)),
        *task_tags(*_sides(session, Assignment, has_place)),
    ]


def _sides(session: Session, model: Any, condition: ColumnElement[bool]) -> Sequence[Any]:
    columns = (model.gig_id, model.student_id, model.teacher_id)
    return session.execute(select(*columns).distinct().where(condition)).all()


def _people(rows: Iterable[About]) -> set[int]:
    return {person for row in rows for person in (row.student_id, row.teacher_id)}

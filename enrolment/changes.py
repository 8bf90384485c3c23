"""What a change of enrolment makes old, and how others hear of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

import events
import tags
from caching import Tag
from events import EventType


class About(Protocol):
    """A row about a student and a teacher, in a gig."""

    @property
    def id(self) -> int: ...
    @property
    def gig_id(self) -> int: ...
    @property
    def student_id(self) -> int: ...
    @property
    def teacher_id(self) -> int: ...


def application_tags(application: About) -> list[Tag]:
    """Name what shows an application."""
    lists = [tags.gig_applications(application.gig_id), tags.all_applications()]
    people = [tags.user_applications(application.student_id), tags.user_applications(application.teacher_id)]
    return [tags.application(application.id), *people, *lists]


def assignment_tags(assignment: About) -> list[Tag]:
    """Name what shows an assignment."""
    people = [tags.user_assignments(assignment.student_id), tags.user_assignments(assignment.teacher_id)]
    return [tags.assignment(assignment.id), *people, tags.all_assignments()]


def task_tags(tasks: Iterable[About], assignments: Iterable[About]) -> list[Tag]:
    """Name what shows these tasks of these assignments, among them how many are still to be done."""
    of_assignments = [tag for assignment in assignments for tag in assignment_tags(assignment)]
    people = {person for assignment in assignments for person in (assignment.student_id, assignment.teacher_id)}
    return [*of_assignments, *map(tags.user_tasks, people), tags.all_tasks(), *(tags.task(task.id) for task in tasks)]


def tell(session: Session, type_: EventType, about: About, *, by: int | None, now: datetime, **data: object) -> None:
    """Say what has happened to the two people of something."""
    sides = {"gig_id": about.gig_id, "student_id": about.student_id, "teacher_id": about.teacher_id}
    events.record(session, type_, at=now, actor_id=by, **sides, **data)

"""Read what there is to say of applications, courses and tasks, as they are when it is said."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.orm import Session

from accounts.models import User
from enrolment.applications.models import Application
from enrolment.submissions.models import Submission
from enrolment.tasks.models import Task
from events import Event
from gigs.models import Gig


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseMaterial:
    """Rows by id."""

    gigs: dict[int, Row[Any]] = field(default_factory=dict)
    names: dict[int, Row[Any]] = field(default_factory=dict)
    applications: dict[int, Row[Any]] = field(default_factory=dict)
    tasks: dict[int, Row[Any]] = field(default_factory=dict)
    submissions: dict[int, Row[Any]] = field(default_factory=dict)


def course_material(session: Session | Connection, events: Sequence[Event]) -> CourseMaterial:
    """Read what these events are about, in one statement for each table."""

    def about(*names: str) -> set[int]:
        return {event.data[name] for event in events for name in names if name in event.data}

    if not events:
        return CourseMaterial()
    return CourseMaterial(
        gigs=_read(session, Gig.id, Gig.title, ids=about("gig_id")),
        names=_read(session, User.id, User.name, ids=about("student_id", "teacher_id")),
        applications=_read(session, Application.id, Application.message, ids=about("application_id")),
        tasks=_read(session, Task.id, Task.title, Task.due_at, ids=about("task_id")),
        submissions=_read(session, Submission.id, Submission.feedback, ids=about("submission_id")),
    )


def _read(session: Session | Connection, key: Any, *columns: Any, ids: Collection[int]) -> dict[int, Row[Any]]:
    if not ids:
        return {}
    return {row.id: row for row in session.execute(select(key, *columns).where(key.in_(ids)))}

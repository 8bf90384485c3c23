"""Changes of tasks by their teachers.

An assignment's row is locked before its tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from caching import invalidate
from database import writing
from enrolment.assignments.models import Assignment
from enrolment.changes import task_tags, tell
from enrolment.states import Party, Sides
from enrolment.statuses import AssignmentStatus
from enrolment.tasks import reminders
from enrolment.tasks.models import AT_SOME_TIME, NewTask, Task, TaskChanges
from errors import Forbidden, Invalid, NotFound, WrongState
from events import EventType
from gigs.models import Gig
from gigs.states import Manager, manager_of, shown_to_others


def set_task(assignment_id: int, new: NewTask, *, actor: Actor, now: datetime) -> int:
    """Set one student a task, and return its id.

    Raises NotFound, Forbidden, WrongState if the assignment has ended, or Invalid.
    """
    _require_ahead(new.due_at, now)
    with writing() as session:
        assignment = active_assignment(session, assignment_id, actor, Party.TEACHER)
        return _set(session, [assignment], new, actor, now)[0]


def set_task_for_all(gig_id: int, new: NewTask, *, actor: Actor, now: datetime) -> list[int]:
    """Set all who have a place in a gig the same task, and return the ids.

    Raises NotFound, Forbidden, Invalid, or WrongState if nobody has a place.
    """
    _require_ahead(new.due_at, now)
    with writing() as session:
        gig = session.get(Gig, gig_id)
        if gig is None:
            raise NotFound
        if manager_of(gig.teacher_id, actor.id, actor.role) != Manager.TEACHER:
            raise Forbidden if shown_to_others(gig.status, gig.visibility) else NotFound
        active = (Assignment.gig_id == gig_id, Assignment.status == AssignmentStatus.ACTIVE)
        found = select(Assignment).where(*active).order_by(Assignment.id).with_for_update()
        assignments = session.scalars(found).all()
        if not assignments:
            raise WrongState("Nobody has a place in this gig yet.", current=gig.status)
        return _set(session, assignments, new, actor, now)


def change_task(task_id: int, changes: TaskChanges, *, actor: Actor, now: datetime) -> None:
    """Change a task for which nothing was handed in yet.

    Raises NotFound, Forbidden, WrongState or Invalid.
    """
    with writing() as session:
        task, assignment = own_task(session, task_id, actor)
        if (due_at := changes.values.get("due_at", task.due_at)) != task.due_at:
            _require_ahead(due_at, now)
            reminders.plan(session, task_id, due_at, now)
        for name, value in changes.values.items():
            setattr(task, name, value)
        task.due_order, task.updated_at = due_at or AT_SOME_TIME, now
        session.flush()
        invalidate(*task_tags(assignment))


def delete_task(task_id: int, *, actor: Actor) -> None:
    """Take a task back for which nothing was handed in yet.

    Raises NotFound, Forbidden or WrongState.
    """
    with writing() as session:
        task, assignment = own_task(session, task_id, actor)
        invalidate(*task_tags(assignment))
        reminders.forget(session, task_id)
        session.delete(task)


def own_task(session: Session, task_id: int, actor: Actor) -> tuple[Task, Assignment]:
    """Load a task that its teacher may still change, and lock it."""
    assignment_id = session.scalar(select(Task.assignment_id).where(Task.id == task_id))
    if assignment_id is None:
        raise NotFound
    assignment = active_assignment(session, assignment_id, actor, Party.TEACHER)
    task = session.get(Task, task_id, with_for_update=True)
    if task is None:
        raise NotFound
    if task.versions:
        raise WrongState("Something was handed in for this task, so it stays as it is.", current=task.status)
    return task, assignment


def active_assignment(session: Session, assignment_id: int, actor: Actor, who: Party) -> Assignment:
    """Load and lock an assignment for one of its two people.

    Raises NotFound, Forbidden, or WrongState if it has ended.
    """
    assignment = session.get(Assignment, assignment_id, with_for_update=True)
    if assignment is None:
        raise NotFound
    Sides(assignment.student_id, assignment.teacher_id).require(actor, who)
    if assignment.status != AssignmentStatus.ACTIVE:
        raise WrongState(f"This course is {assignment.status}; nothing changes any more.", current=assignment.status)
    return assignment


def _set(session: Session, assignments: Sequence[Assignment], new: NewTask, actor: Actor, now: datetime) -> list[int]:
    tasks = [_task(assignment, new, now) for assignment in assignments]
    session.add_all(tasks)
    session.flush()
    for task in tasks:
        reminders.plan(session, task.id, task.due_at, now)
        facts = {"task_id": task.id, "assignment_id": task.assignment_id}
        tell(session, EventType.TASK_CREATED, task, by=actor.id, now=now, **facts)
    invalidate(*task_tags(*assignments))
    return [task.id for task in tasks]


def _task(assignment: Assignment, new: NewTask, now: datetime) -> Task:
    return Task(
        assignment_id=assignment.id,
        gig_id=assignment.gig_id,
        student_id=assignment.student_id,
        teacher_id=assignment.teacher_id,
        title=new.title,
        instructions=new.instructions,
        due_at=new.due_at,
        due_order=new.due_at or AT_SOME_TIME,
        created_at=now,
        updated_at=now,
    )


def _require_ahead(due_at: datetime | None, now: datetime) -> None:
    if due_at is not None and due_at <= now:
        raise Invalid({"due_at": ["This time has passed."]})

"""The one reminder of a task, a day before it is due."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from database import writing
from enrolment.assignments.models import Assignment
from enrolment.changes import tell
from enrolment.statuses import TO_DO, AssignmentStatus
from enrolment.tasks.models import Task
from events import EventType
from jobs.queue import cancel, enqueue

REMIND = "enrolment.remind-of-task"
BEFORE = timedelta(days=1)


def plan(session: Session, task_id: int, due_at: datetime | None, now: datetime) -> None:
    """Plan the reminder of a task anew: its key is the task's, so that it moves with the day.

    What is due within a day needs none, because its student has just been told.
    """
    key = f"task {task_id}"
    if due_at is None or due_at - BEFORE <= now:
        cancel(session, key)
    else:
        enqueue(session, REMIND, {"task_id": task_id, "due_at": due_at}, run_at=due_at - BEFORE, key=key)


def forget(session: Session, task_id: int) -> None:
    """Remind nobody of a task that is gone."""
    cancel(session, f"task {task_id}")


def remind(task_id: int, planned_for: datetime, now: datetime) -> None:
    """Say that a task is due soon, if it is still to be handed in by then.

    A task is reminded of once for each time that it is due, so a second call does nothing.
    """
    with writing() as session:
        task = session.get(Task, task_id, with_for_update=True)
        if task is None or task.status not in TO_DO or task.due_at != planned_for or now >= planned_for:
            return
        assignment = session.get_one(Assignment, task.assignment_id)
        if assignment.status != AssignmentStatus.ACTIVE or task.reminded_for == planned_for:
            return
        task.reminded_for = planned_for
        facts = {"task_id": task_id, "assignment_id": task.assignment_id, "due_at": planned_for}
        tell(session, EventType.TASK_DUE, task, by=None, now=now, **facts)

"""Handing in, and what the teacher says about it.

The assignment's row is locked first, so that of two versions at once each gets a number of its own.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from caching import invalidate
from database import writing
from enrolment.assignments.models import Assignment
from enrolment.changes import task_tags, tell
from enrolment.states import TASK_STEPS, Party, Sides, Step, step_to
from enrolment.statuses import SubmissionStatus, TaskStatus
from enrolment.submissions.models import NewSubmission, Submission, Verdict
from enrolment.tasks.models import Task
from enrolment.tasks.service import active_assignment
from errors import NotFound, WrongState

# Each version is kept, so there is an end to them.
MOST_VERSIONS = 100


def hand_in(task_id: int, new: NewSubmission, *, actor: Actor, now: datetime) -> int:
    """Hand something in for a task, as its next version, and return the submission's id.

    Raises NotFound, Forbidden, or WrongState if a version was approved or the course has ended.
    """
    with writing() as session:
        assignment_id = session.scalar(select(Task.assignment_id).where(Task.id == task_id))
        if assignment_id is None:
            raise NotFound
        assignment = active_assignment(session, assignment_id, actor, Party.STUDENT)
        task, step = _step(session, task_id, TaskStatus.SUBMITTED, assignment, actor)
        if task.versions >= MOST_VERSIONS:
            raise WrongState(f"A task has at most {MOST_VERSIONS} versions.", current=task.status)
        submission = Submission(
            task_id=task_id,
            assignment_id=assignment_id,
            version=task.versions + 1,
            text=new.text,
            links=list(new.links),
            created_at=now,
        )
        task.status, task.versions, task.updated_at = TaskStatus.SUBMITTED, submission.version, now
        session.add(submission)
        session.flush()
        _tell(session, step, task, submission, by=actor.id, now=now)
        invalidate(*task_tags(assignment))
        return submission.id


def review(submission_id: int, verdict: Verdict, *, actor: Actor, now: datetime) -> None:
    """Approve the newest version for a task, or ask for another one.

    Raises NotFound, Forbidden, or WrongState if it is not the newest version, or was reviewed already.
    """
    with writing() as session:
        row = session.execute(
            select(Submission.task_id, Submission.assignment_id).where(Submission.id == submission_id)
        ).one_or_none()
        if row is None:
            raise NotFound
        assignment = active_assignment(session, row.assignment_id, actor, Party.TEACHER)
        submission = session.get_one(Submission, submission_id, with_for_update=True)
        task, step = _step(session, row.task_id, TaskStatus(verdict.status), assignment, actor)
        if submission.version != task.versions:
            raise WrongState("A newer version was handed in: look at that one.", current=submission.status)
        submission.status, submission.feedback, submission.reviewed_at = verdict.status, verdict.feedback, now
        task.status, task.updated_at = TaskStatus(verdict.status), now
        session.flush()
        _tell(session, step, task, submission, by=actor.id, now=now)
        invalidate(*task_tags(assignment))


def _step(
    session: Session, task_id: int, target: TaskStatus, assignment: Assignment, actor: Actor
) -> tuple[Task, Step]:
    task = session.get(Task, task_id, with_for_update=True)
    if task is None:
        raise NotFound
    parties = Sides(assignment.student_id, assignment.teacher_id).parties(actor)
    return task, step_to(TASK_STEPS, task.status, target, parties, "task")


def _tell(session: Session, step: Step, task: Task, submission: Submission, *, by: int, now: datetime) -> None:
    facts = {"submission_id": submission.id, "task_id": task.id, "assignment_id": task.assignment_id}
    approved = submission.status == SubmissionStatus.APPROVED
    tell(session, step.event, task, by=by, now=now, **facts, version=submission.version, approved=approved)

"""A running course of the demo school: one student takes part, another one has applied."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.actors import Actor
from enrolment.applications import service as applications
from enrolment.applications.models import Decision
from enrolment.applications.queries import application
from enrolment.statuses import ApplicationStatus, SubmissionStatus
from enrolment.submissions import service as submissions
from enrolment.submissions.models import NewSubmission, Verdict
from enrolment.tasks import service as tasks
from enrolment.tasks.models import NewTask
from gigs import service as gigs
from gigs.models import Enrolment, GigDraft, GigStatus

COURSE = GigDraft(
    title="Write your first fugue",
    summary="Twelve weeks, from two voices to four, with a task for each week.",
    description="You write, I read it, and we talk about what could be better. You should read music and play an "
    "instrument a little. There are few places, because every bar of yours is read.",
    category="Music",
    skills=("composition", "counterpoint"),
    price_cents=2_400,
    currency="EUR",
    duration_minutes=60,
    capacity=3,
    enrolment=Enrolment.APPLICATION,
)
_MESSAGES = (
    "I have played the piano for three years, and would like to know how such a piece is made.",
    "I sing in the choir, and once wrote a canon. Is that enough to begin?",
)


def begin(teacher: Actor, students: list[Actor], now: datetime) -> None:
    """Publish the course, give the first student a place with two tasks, and let the others wait."""
    gig_id = gigs.create(teacher.id, COURSE, now=now)
    gigs.set_status(gig_id, GigStatus.PUBLISHED, actor=teacher, now=now)
    asked = [
        applications.apply(gig_id, message, actor=student, now=now)
        for student, message in zip(students, _MESSAGES, strict=True)
    ]
    applications.decide(asked[0], Decision(status=ApplicationStatus.ACCEPTED), actor=teacher, now=now)
    _work(teacher, students[0], application(teacher.id, teacher.role, asked[0]).json()["assignment_id"], now)


def _work(teacher: Actor, student: Actor, assignment_id: int, now: datetime) -> None:
    first = NewTask(title="Two voices", instructions="Eight bars in C major.", due_at=now + timedelta(days=2))
    second = NewTask(
        title="An answer in the fifth", instructions="Take your theme from last week.", due_at=now + timedelta(days=9)
    )
    task_id, _ = (tasks.set_task(assignment_id, new, actor=teacher, now=now) for new in (first, second))
    tries = (
        ("Here are my eight bars.", SubmissionStatus.REVISION_REQUESTED, "Mind the fifths in bar 5."),
        ("I have changed bar 5.", SubmissionStatus.APPROVED, "Lovely. Now it sings."),
    )
    for text, status, feedback in tries:
        submission_id = submissions.hand_in(task_id, NewSubmission(text=text), actor=student, now=now)
        submissions.review(submission_id, Verdict(status=status, feedback=feedback), actor=teacher, now=now)

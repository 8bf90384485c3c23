"""What becomes of applications and courses when an account is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.dependents import ended_by_closing
from accounts.models import Role
from enrolment.applications.models import Application, Decision
from enrolment.applications.service import change
from enrolment.assignments.models import Assignment, Ending
from enrolment.assignments.service import end_in
from enrolment.rows import theirs
from enrolment.statuses import ApplicationStatus, AssignmentStatus
from gigs.models import Gig

REASON = "This account was closed."


@dataclass(frozen=True, slots=True)
class Leaver:
    """A user who leaves, as one of the two sides."""

    id: int
    role: str


def end_all(session: Session, user_id: int, now: datetime) -> None:
    """Take back and reject what waits for an answer, and drop what is under way."""
    pending = (theirs(Application, user_id), Application.status == ApplicationStatus.PENDING)
    active = (theirs(Assignment, user_id), Assignment.status == AssignmentStatus.ACTIVE)
    gigs = {*session.scalars(select(Application.gig_id).where(*pending))}
    gigs |= {*session.scalars(select(Assignment.gig_id).where(*active))}
    if not gigs:
        return
    # All of them first, in the order of their ids: nobody gets a place in them from here on.
    session.execute(select(Gig.id).where(Gig.id.in_(gigs)).order_by(Gig.id).with_for_update())
    applications = select(Application.id, Application.teacher_id).where(*pending).order_by(Application.id)
    for row in session.execute(applications).all():
        leaver = _leaver(user_id, row.teacher_id)
        status = ApplicationStatus.REJECTED if leaver.role == Role.TEACHER else ApplicationStatus.WITHDRAWN
        change(session, row.id, Decision(status=status, reason=REASON), actor=leaver, now=now)
    assignments = select(Assignment.id, Assignment.teacher_id).where(*active).order_by(Assignment.id)
    for row in session.execute(assignments).all():
        dropped = Ending(status=AssignmentStatus.DROPPED, reason=REASON)
        end_in(session, row.id, dropped, actor=_leaver(user_id, row.teacher_id), now=now)


ended_by_closing.append(end_all)


def _leaver(user_id: int, teacher_id: int) -> Leaver:
    return Leaver(user_id, Role.TEACHER if user_id == teacher_id else Role.STUDENT)

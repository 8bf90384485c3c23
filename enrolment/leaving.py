"""What becomes of applications and courses when an account is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from accounts.models import Role
from bookings import leaving as lessons
from database import writing
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


def close_account(user_id: int, now: datetime) -> int:
    """End a user's applications, courses and lessons, and close the account.

    Returns how many requests ended. Raises NotFound if there is no such person.
    """
    with writing() as session:
        _lock_gigs(session, user_id)
        ended = lessons.close_account(user_id, now)
        # From here on the account applies for nothing and accepts nobody.
        ended += _reject_or_withdraw(session, user_id, now)
        _drop(session, user_id, now)
        return ended


def _lock_gigs(session: Session, user_id: int) -> None:
    """Lock the gigs in which places become free: as everywhere, before people."""
    of_applications = select(Application.gig_id).where(_pending(user_id))
    of_assignments = select(Assignment.gig_id).where(_active(user_id))
    gigs = {*session.scalars(of_applications), *session.scalars(of_assignments)}
    session.execute(select(Gig.id).where(Gig.id.in_(gigs)).order_by(Gig.id).with_for_update())


def _reject_or_withdraw(session: Session, user_id: int, now: datetime) -> int:
    columns = (Application.id, Application.teacher_id)
    rows = session.execute(select(*columns).where(_pending(user_id)).order_by(Application.id)).all()
    for row in rows:
        leaver = _leaver(user_id, row.teacher_id)
        status = ApplicationStatus.REJECTED if leaver.role == Role.TEACHER else ApplicationStatus.WITHDRAWN
        change(session, row.id, Decision(status=status, reason=REASON), actor=leaver, now=now)
    return len(rows)


def _drop(session: Session, user_id: int, now: datetime) -> None:
    columns = (Assignment.id, Assignment.teacher_id)
    rows = session.execute(select(*columns).where(_active(user_id)).order_by(Assignment.id)).all()
    dropped = Ending(status=AssignmentStatus.DROPPED, reason=REASON)
    for row in rows:
        end_in(session, row.id, dropped, actor=_leaver(user_id, row.teacher_id), now=now)


def _pending(user_id: int) -> ColumnElement[bool]:
    return and_(theirs(Application, user_id), Application.status == ApplicationStatus.PENDING)


def _active(user_id: int) -> ColumnElement[bool]:
    return and_(theirs(Assignment, user_id), Assignment.status == AssignmentStatus.ACTIVE)


def _leaver(user_id: int, teacher_id: int) -> Leaver:
    return Leaver(user_id, Role.TEACHER if user_id == teacher_id else Role.STUDENT)

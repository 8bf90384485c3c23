"""The end of assignments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from caching import invalidate
from database import writing
from enrolment.applications.models import Application
from enrolment.assignments.models import Assignment, Ending
from enrolment.changes import task_tags, tell
from enrolment.states import ASSIGNMENT_STEPS, Sides, step_to
from enrolment.statuses import ApplicationStatus, AssignmentStatus
from errors import Invalid, NotFound
from events import EventType
from gigs.models import Gig

# So many of those who wait are told of a free place, those first who have waited longest.
MOST_TOLD = 100


def end(assignment_id: int, ending: Ending, *, actor: Actor, now: datetime) -> None:
    """Complete an assignment or drop it, which makes its place free.

    Raises NotFound, Forbidden, WrongState, or Invalid if it is dropped without a reason.
    """
    with writing() as session:
        end_in(session, assignment_id, ending, actor=actor, now=now)


def end_in(session: Session, assignment_id: int, ending: Ending, *, actor: Actor, now: datetime) -> None:
    """Do the same in a transaction that has begun."""
    gig_id = session.scalar(select(Assignment.gig_id).where(Assignment.id == assignment_id))
    if gig_id is None:
        raise NotFound
    # The gig comes first wherever places change hands, so that nobody waits for each other.
    places = select(Gig.capacity, Gig.places_taken).where(Gig.id == gig_id)
    gig = session.execute(places.with_for_update()).one()
    assignment = session.get_one(Assignment, assignment_id, with_for_update=True)
    parties = Sides(assignment.student_id, assignment.teacher_id).parties(actor)
    step = step_to(ASSIGNMENT_STEPS, assignment.status, ending.status, parties, "course")
    if ending.status == AssignmentStatus.DROPPED and not ending.reason:
        raise Invalid({"reason": ["Say why, so that the other one knows."]})
    assignment.status, assignment.reason, assignment.ended_at = ending.status, ending.reason, now
    assignment.rating = ending.rating
    session.flush()
    facts = {"assignment_id": assignment_id, "reason": ending.reason}
    tell(session, step.event, assignment, by=actor.id, now=now, **facts)
    invalidate(*task_tags(assignment))
    _tell_who_waits(session, gig, gig_id, now)


def _tell_who_waits(session: Session, gig: Row[int, int], gig_id: int, now: datetime) -> None:
    """Tell those who have applied that a place is free, if there was none."""
    if gig.places_taken < gig.capacity:
        return
    pending = (Application.gig_id == gig_id, Application.status == ApplicationStatus.PENDING)
    waiting = select(Application.id, Application.gig_id, Application.student_id, Application.teacher_id)
    for row in session.execute(waiting.where(*pending).order_by(Application.id).limit(MOST_TOLD)):
        tell(session, EventType.APPLICATION_PLACE_FREE, row, by=None, now=now, application_id=row.id)

"""Changes of applications: asking for a place, and the answer.

Rows are locked in this order: gig, people, application, assignment.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts.actors import Actor
from accounts.by_mail.confirmation import require_confirmed
from accounts.models import Role
from bookings.rules.checks import active_students
from caching import fill_afterwards, invalidate
from database import writing
from enrolment.applications.models import Application, Decision
from enrolment.applications.queries import application as show_application
from enrolment.assignments.models import Assignment
from enrolment.changes import application_tags, assignment_tags, tell
from enrolment.states import APPLICATION_STEPS, Sides, step_to
from enrolment.statuses import ApplicationStatus, AssignmentStatus
from errors import AlreadyApplied, Forbidden, GigFull, NotByApplication, NotFound, TooManyOpen, WrongState
from events import EventType
from gigs.dependents import ended_by_archiving
from gigs.models import Enrolment, Gig, GigStatus, Visibility
from gigs.queries import gig_for_booking
from gigs.states import is_closed, shown_to_others

# What those read who waited for a place in a gig that is archived.
NO_LONGER_OFFERED = "This gig is no longer offered."
# More than anybody waits for at once.
MOST_PENDING = 50


def apply(gig_id: int, message: str, *, actor: Actor, now: datetime) -> int:
    """Apply for a place in a gig, and return the application's id.

    One may also apply while all places are taken: who waits is told when one is free. Raises Forbidden, NotFound,
    NotByApplication, WrongState, EmailUnconfirmed, TooManyOpen or AlreadyApplied.
    """
    if actor.role != Role.STUDENT:
        raise Forbidden("Only students apply for a place.")
    try:
        with writing() as session:
            gig = _require_open(gig_for_booking(session, gig_id))
            require_confirmed(session, actor.id)
            # Locked, so that neither of them leaves meanwhile.
            if actor.id not in active_students(session, {actor.id, gig.teacher_id}):
                raise Forbidden("Only students apply for a place.")
            _require_first(session, gig_id, actor.id)
            application = Application(
                gig_id=gig_id, student_id=actor.id, teacher_id=gig.teacher_id, message=message, created_at=now
            )
            session.add(application)
            session.flush()
            tell(
                session, EventType.APPLICATION_CREATED, application, by=actor.id, now=now, application_id=application.id
            )
            invalidate(*application_tags(application))
            return application.id
    except IntegrityError as error:
        raise AlreadyApplied from error


def decide(application_id: int, decision: Decision, *, actor: Actor, now: datetime) -> None:
    """Accept, reject or withdraw an application.

    Accepting creates the assignment. Raises NotFound, Forbidden, WrongState or GigFull.
    """
    try:
        with writing() as session:
            decided = change(session, application_id, decision, actor=actor, now=now)
            sides = ((decided.student_id, Role.STUDENT), (decided.teacher_id, Role.TEACHER))
            fill_afterwards(*(show_application.at(person, role, application_id) for person, role in sides))
    except IntegrityError as error:
        # The database itself counts the places, whatever was read before.
        raise GigFull from error


def change(session: Session, application_id: int, decision: Decision, *, actor: Actor, now: datetime) -> Application:
    """Do the same in a transaction that has begun, and return the application."""
    where = (Application.id == application_id,)
    about = session.execute(select(Application.gig_id, Application.student_id, Application.teacher_id).where(*where))
    if (sides := about.one_or_none()) is None:
        raise NotFound
    parties = Sides(sides.student_id, sides.teacher_id).parties(actor)
    accepts = decision.status == ApplicationStatus.ACCEPTED
    gig = _locked_gig(session, sides.gig_id) if accepts and parties else None
    application = session.get_one(Application, application_id, with_for_update=True)
    step = step_to(APPLICATION_STEPS, application.status, decision.status, parties, "application")
    facts: dict[str, object] = {"application_id": application_id, "reason": decision.reason}
    if gig is not None:
        facts["assignment_id"] = _give_place(session, application, gig, now)
    application.status, application.reason, application.decided_at = decision.status, decision.reason, now
    session.flush()
    tell(session, step.event, application, by=actor.id, now=now, **facts)
    invalidate(*application_tags(application))
    return application


@ended_by_archiving.append
def decline_all(session: Session, gig_id: int, actor: Actor, now: datetime) -> None:
    """Decline all who wait for a place in a gig that is archived: nobody could accept them any more."""
    waiting = (Application.gig_id == gig_id, Application.status == ApplicationStatus.PENDING)
    declined = Decision(status=ApplicationStatus.REJECTED, reason=NO_LONGER_OFFERED)
    for application_id in session.scalars(select(Application.id).where(*waiting).order_by(Application.id)).all():
        change(session, application_id, declined, actor=actor, now=now)


def _give_place(session: Session, application: Application, gig: Row[Any], now: datetime) -> int:
    """Create the assignment, which takes a place, and return its id."""
    if is_closed(gig.status):
        raise WrongState(f"This gig is {gig.status}, so nobody gets a place any more.", current=gig.status)
    if gig.places_taken >= gig.capacity:
        raise GigFull
    assignment = Assignment(
        application_id=application.id,
        gig_id=application.gig_id,
        student_id=application.student_id,
        teacher_id=application.teacher_id,
        created_at=now,
    )
    session.add(assignment)
    session.flush()
    invalidate(*assignment_tags(assignment))
    return assignment.id


def _locked_gig(session: Session, gig_id: int) -> Row[Any]:
    columns: list[Any] = [Gig.status, Gig.capacity, Gig.places_taken]
    return session.execute(select(*columns).where(Gig.id == gig_id).with_for_update()).one()


def _require_open(gig: Row[Any] | None) -> Row[Any]:
    """Return this gig if one can apply for a place in it."""
    if gig is None or not gig.is_taught or not shown_to_others(gig.status, gig.visibility):
        raise NotFound
    if gig.enrolment != Enrolment.APPLICATION:
        raise NotByApplication
    if gig.status != GigStatus.PUBLISHED or gig.visibility == Visibility.PRIVATE:
        raise WrongState(f"This gig is {gig.status}; nobody can apply for it at present.", current=gig.status)
    return gig


def _require_first(session: Session, gig_id: int, student_id: int) -> None:
    """Raise AlreadyApplied if the student waits for an answer or has a place, and TooManyOpen."""
    pending = (Application.student_id == student_id, Application.status == ApplicationStatus.PENDING)
    active = (Assignment.student_id == student_id, Assignment.status == AssignmentStatus.ACTIVE)
    waits = select(exists().where(*pending, Application.gig_id == gig_id))
    takes_part = select(exists().where(*active, Assignment.gig_id == gig_id))
    if session.scalar(waits) or session.scalar(takes_part):
        raise AlreadyApplied
    if (session.scalar(select(func.count()).select_from(Application).where(*pending)) or 0) >= MOST_PENDING:
        raise TooManyOpen("You have applied for many places already. Wait for some answers, or take some back.")

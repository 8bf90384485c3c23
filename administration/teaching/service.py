"""Approve teachers, decline them, and end their approval."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from accounts.actors import Actor
from accounts.rights import runs_school
from accounts.teaching import service as teaching
from accounts.teaching.models import TeachingDecision, TeachingStatus
from database import writing
from errors import Forbidden
from gigs.models import Gig, GigStatus
from gigs.service import set_status


def decide(user_id: int, decision: TeachingDecision, *, actor: Actor, now: datetime) -> None:
    """Say to a teacher what the school has decided.

    With the approval end their published gigs: they are paused, and lessons that are agreed on stay. Raises Forbidden,
    NotFound or WrongState.
    """
    if not runs_school(actor.role):
        raise Forbidden("Only those who run the school approve teachers.")
    with writing() as session:
        teaching.decide(user_id, decision, actor=actor, now=now)
        if decision.status == TeachingStatus.ENDED:
            theirs = select(Gig.id).where(Gig.teacher_id == user_id, Gig.status == GigStatus.PUBLISHED)
            for gig_id in session.scalars(theirs.order_by(Gig.id)).all():
                set_status(gig_id, GigStatus.PAUSED, actor=actor, now=now)

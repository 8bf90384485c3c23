"""Ask the school whether one may teach, and answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

import events
from accounts.actors import Actor
from accounts.models import Role
from accounts.service import locked
from accounts.teaching.models import TeachingDecision, TeachingRecord, TeachingStatus
from accounts.teaching.records import tags_of
from accounts.teaching.states import EVENTS, SOURCES, decisions
from caching import invalidate
from database import writing
from errors import NotFound, WrongState


def ask(user_id: int, message: str, *, now: datetime) -> None:
    """Ask the school for its approval.

    Raises NotFound if this is no active teacher, or WrongState if it has approved them, or they wait for its answer.
    """
    with writing() as session:
        record = _of_teacher(session, user_id)
        _require(record, TeachingStatus.ASKED)
        record.message, record.reason, record.asked_at, record.decided_at = message, "", now, None
        _move(session, record, TeachingStatus.ASKED, by=user_id, now=now)


def decide(user_id: int, decision: TeachingDecision, *, actor: Actor, now: datetime) -> None:
    """Write down what the school says to a teacher, who is told.

    What becomes of their gigs is not known here. Raises NotFound or WrongState.
    """
    with writing() as session:
        record = _of_teacher(session, user_id)
        _require(record, decision.status)
        record.reason, record.decided_at = decision.reason, now
        _move(session, record, decision.status, by=actor.id, now=now)


def _of_teacher(session: Session, user_id: int) -> TeachingRecord:
    """Return a teacher's record, or the beginning of one.

    Nobody else changes either of them, nor publishes a gig of the teacher, until the end of the transaction.
    """
    user = locked(session, user_id)
    if user.role != Role.TEACHER or not user.active:
        raise NotFound
    return session.get(TeachingRecord, user_id) or TeachingRecord(user_id=user_id, message="")


def _require(record: TeachingRecord, target: TeachingStatus) -> None:
    if record.status not in SOURCES[target]:
        words = f"This cannot become {target}: it is {record.status or 'not asked for yet'}."
        raise WrongState(words, current=record.status or "none", allowed=decisions(record.status))


def _move(session: Session, record: TeachingRecord, status: TeachingStatus, *, by: int, now: datetime) -> None:
    record.status = status
    session.add(record)
    invalidate(*tags_of(record.user_id))
    facts = {"teacher_id": record.user_id} | ({"reason": record.reason} if record.reason else {})
    events.record(session, EVENTS[status], at=now, actor_id=by, **facts)

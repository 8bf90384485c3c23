"""The records of who may teach, in the caller's transaction."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

import tags
from accounts.teaching.models import TeachingRecord, TeachingStatus
from caching import Tag, invalidate
from errors import TeachingNotApproved
from school.models import Teaching
from school.queries import teaching


def grant(session: Session, user_id: int) -> None:
    """Let somebody teach who need not ask, because those who run the school have made them a teacher."""
    session.merge(TeachingRecord(user_id=user_id, status=TeachingStatus.APPROVED, message="", reason=""))
    session.flush()
    invalidate(*tags_of(user_id))


def tags_of(user_id: int) -> tuple[Tag, Tag]:
    """Name what shows a teacher's record."""
    return tags.user_teaching(user_id), tags.all_teaching()


def require_approved(session: Session, teacher_id: int) -> None:
    """Check that a teacher, who is locked, may publish gigs.

    Who publishes one while everybody may counts as approved from then on. Raises TeachingNotApproved.
    """
    status = session.scalar(select(TeachingRecord.status).where(TeachingRecord.user_id == teacher_id))
    if teaching(session) == Teaching.OPEN:
        if status in (None, TeachingStatus.ASKED):
            grant(session, teacher_id)
    elif status != TeachingStatus.APPROVED:
        raise TeachingNotApproved

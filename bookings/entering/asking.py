"""Ask the owner of an address whether the lessons that were entered for it are theirs.

Who that is, is looked up by a job: what a teacher is answered does not depend on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

import events
import tags
from accounts.by_mail import notices, tokens
from accounts.by_mail.models import TokenUse
from accounts.invitations.models import Invitation
from accounts.invitations.queries import account_of
from accounts.invitations.service import INVITATION_LASTS
from bookings.models import Booking
from bookings.statuses import ACTIVE
from caching import invalidate
from database import writing
from events import EventType
from jobs.queue import enqueue

INVITED_LATELY = timedelta(hours=1)
ASK = "lessons.ask-whose-they-are"


def ask(session: Session, stand_in_id: int, lessons: Sequence[int], *, by_id: int) -> None:
    """Have the owner of a stand-in's address asked about these lessons."""
    enqueue(session, ASK, {"stand_in_id": stand_in_id, "lessons": list(lessons), "by_id": by_id})


def ask_now(stand_in_id: int, lessons: Sequence[int], *, by_id: int, now: datetime) -> None:
    """Ask them: as the owner of a student's account that is theirs, or by a mail with a link.

    Those who have answered meanwhile are not asked.
    """
    with writing() as session:
        invitation = session.get(Invitation, stand_in_id)
        if invitation is None or invitation.declined_at is not None:
            return
        account_id = account_of(session, invitation.email)
        if account_id is None:
            # The link of a mail that has just been sent shows these lessons, too, and a newer one would make it void.
            until = tokens.counts_until(session, stand_in_id, TokenUse.RESET)
            if until is None or until < now + INVITATION_LASTS - INVITED_LATELY:
                notices.send_invitation(session, stand_in_id, by_id=by_id)
            return
        invitation.asked_id = account_id
        invalidate(tags.user_bookings(account_id))
        columns = (Booking.id, Booking.teacher_id, Booking.starts_at)
        open_ = (Booking.id.in_(lessons), Booking.student_id == stand_in_id, Booking.status.in_(ACTIVE))
        for lesson in session.execute(select(*columns).where(*open_).order_by(Booking.id)).all():
            about = {"student_id": account_id, "teacher_id": lesson.teacher_id, "starts_at": lesson.starts_at}
            events.record(session, EventType.LESSON_AWAITS_OWNER, at=now, actor_id=by_id, booking_id=lesson.id, **about)

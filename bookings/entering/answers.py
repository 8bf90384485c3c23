"""What the owner of an address answers about the lessons that were entered for it.

They are known by the address alone: by an account in which it is confirmed, or by the link in a mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

import tags
from accounts.by_mail import tokens
from accounts.by_mail.models import TokenUse
from accounts.invitations.models import Invitation
from accounts.invitations.queries import account_of
from accounts.invitations.service import join
from accounts.models import Role
from bookings import writes
from bookings.entering.queries import overlaps
from bookings.models import Booking
from bookings.records import COLUMNS, BookingRecord
from bookings.states import Means, Verdict, judge, way
from bookings.statuses import ACTIVE, ENDINGS
from bookings.waitlist.queue import freeing, lock_all
from caching import invalidate
from database import writing
from errors import NotFound


class Reply(StrEnum):
    """What the owner of an address says about what a teacher has entered for it."""

    YES = "yes"
    # Those that overlap with lessons of their own are cancelled.
    YES_WHERE_FREE = "yes-where-free"
    NO = "no"


@dataclass(frozen=True, slots=True)
class _Owner:
    """The owner of the address, who acts as the student of the lessons."""

    id: int
    role: str = Role.STUDENT


def answer(stand_in_id: int, reply: Reply, *, email: str, now: datetime) -> None:
    """Answer for the owner of an address.

    With yes their account takes over the lessons, and all that belongs to them; with no those to come are cancelled.
    Raises NotFound if nothing of this id waits for the address, or no account of a student can take it over; SlotTaken
    if lessons overlap, and then nothing has happened.
    """
    with writing() as session:
        teacher_id, account_id = _waiting(session, stand_in_id, email).teacher_id, account_of(session, email)
        lock_all(session, teacher_id, {stand_in_id, *([account_id] if account_id else [])})
        # Another answer may have come first.
        invitation = _waiting(session, stand_in_id, email)
        if reply == Reply.NO:
            _cancel(session, _open(session, stand_in_id), now)
            invitation.declined_at = now
            if account_id:
                invalidate(tags.user_bookings(account_id))
            # What is entered from now on is another question.
            tokens.end(session, stand_in_id, TokenUse.RESET)
            return
        if account_id is None:
            raise NotFound
        if reply == Reply.YES_WHERE_FREE:
            taken = overlaps(session, stand_in_id, account_id)
            _cancel(session, [lesson for lesson in _open(session, stand_in_id) if lesson.id in taken], now)
        join(session, invitation, account_id)


def _waiting(session: Session, stand_in_id: int, email: str) -> Invitation:
    """Read what waits for the owner of an address as it is now.

    Raises NotFound.
    """
    unanswered = (Invitation.user_id == stand_in_id, Invitation.email == email, Invitation.declined_at.is_(None))
    present = select(Invitation).where(*unanswered).execution_options(populate_existing=True)
    if (invitation := session.scalar(present)) is None:
        raise NotFound
    return invitation


def _open(session: Session, stand_in_id: int) -> list[BookingRecord]:
    theirs = (Booking.student_id == stand_in_id, Booking.status.in_(ACTIVE))
    rows = session.execute(select(*COLUMNS).where(*theirs).order_by(Booking.id).with_for_update()).all()
    return [BookingRecord.of(row) for row in rows]


def _cancel(session: Session, lessons: list[BookingRecord], now: datetime) -> None:
    """Cancel or decline the lessons that have not begun, at no cost: nobody has agreed to them."""
    for lesson in lessons:
        owner = _Owner(lesson.student_id)
        to = next((status for status in ENDINGS if judge(lesson, owner, status, now) == Verdict.ALLOWED), None)
        row = to and way(lesson, owner, now, Means.NAMING, to=to)
        if row:
            with freeing(session, lesson, now):
                writes.change(session, lesson, row, by=owner, now=now, fee_since=None, cancellation_fee_cents=0)

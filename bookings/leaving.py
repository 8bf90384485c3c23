"""What becomes of lessons when an account is closed.

Nothing that waits for an answer is left behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from accounts import service as accounts
from accounts.models import Role
from bookings import records, service
from bookings.models import Booking
from bookings.moves.service import end_wish
from bookings.records import COLUMNS, BookingRecord
from bookings.rules import checks
from bookings.rules.agreement import StatusChange
from bookings.sessions.service import cancel_coming
from bookings.sessions.writes import Deed
from bookings.standing.models import StandingWish, WishStatus
from bookings.standing.service import end as end_wishes
from bookings.states import Means, Verdict, judge, way
from bookings.statuses import ACTIVE, ENDINGS, BookingStatus
from bookings.waitlist.models import EntryStatus, WaitlistEntry
from bookings.waitlist.writes import change
from database import writing

REASON = "This account was closed."


@dataclass(frozen=True, slots=True)
class Leaver:
    """A user who leaves, as one of the two sides of a lesson."""

    id: int
    role: str


def close_account(user_id: int, now: datetime) -> int:
    """Take back and decline what waits for an answer, then close the account.

    Wishes for other times wait, too. Returns how many requests ended. What is agreed on stays, for its other side to
    decide on, but for a teacher's sessions to come: they are cancelled with all their lessons. Raises NotFound if
    there is no such person.
    """
    with writing() as session:
        ids = _lock_open(session, user_id)
        waiting = WaitlistEntry.status == EntryStatus.WAITING
        change(session, waiting & (WaitlistEntry.student_id == user_id), EntryStatus.LEFT, now)
        # Before a place of theirs becomes free, so that it is offered to nobody.
        change(session, waiting & (WaitlistEntry.teacher_id == user_id), EntryStatus.LAPSED, now)
        end_wishes(session, StandingWish.student_id == user_id, WishStatus.LEFT)
        end_wishes(session, StandingWish.teacher_id == user_id, WishStatus.LAPSED)
        for booking_id in ids:
            _end(session, booking_id, user_id, now)
        for booking in _with_wish(session, user_id):
            _end_wish(session, booking, user_id, now)
        # No student can move or cancel a session, so it would hold its time for ever.
        cancel_coming(session, user_id, Deed(by=Leaver(user_id, Role.TEACHER), now=now, reason=REASON))
        accounts.deactivate(user_id, now)
    return len(ids)


def _lock_open(session: Session, user_id: int) -> list[int]:
    """Lock the people concerned, and return the bookings that wait for an answer.

    People are locked before bookings, all of them at once and in the order of their ids.
    """
    theirs = or_(Booking.student_id == user_id, Booking.teacher_id == user_id)
    in_session = and_(Booking.teacher_id == user_id, Booking.session_id.is_not(None), Booking.status.in_(ACTIVE))
    pending = Booking.status == BookingStatus.PENDING
    ending = or_(pending, Booking.move_starts_at.is_not(None), in_session)
    rows = session.execute(select(Booking.student_id, Booking.teacher_id).distinct().where(theirs, ending)).all()
    teachers = {user_id, *(row.teacher_id for row in rows)}
    in_line = select(WaitlistEntry.student_id).distinct().where(WaitlistEntry.teacher_id.in_(teachers))
    waiting = session.scalars(in_line.where(WaitlistEntry.status == EntryStatus.WAITING))
    checks.active_students(session, {*teachers, *(row.student_id for row in rows), *waiting})
    return list(session.scalars(select(Booking.id).where(theirs, pending).order_by(Booking.id)))


def _with_wish(session: Session, user_id: int) -> list[BookingRecord]:
    """Read the lessons for which another time is asked for, by this user or of them."""
    theirs = or_(Booking.student_id == user_id, Booking.teacher_id == user_id)
    rows = session.execute(select(*COLUMNS).where(theirs, Booking.move_starts_at.is_not(None)).order_by(Booking.id))
    return [BookingRecord.of(row) for row in rows.all()]


def _end_wish(session: Session, booking: BookingRecord, user_id: int, now: datetime) -> None:
    """Withdraw or decline a wish.

    One that is over already lapses by itself.
    """
    leaver = _as_leaver(booking, user_id)
    for means in (Means.WITHDRAWING, Means.REFUSING):
        if row := way(booking, leaver, now, means):
            end_wish(session, booking, row, by=leaver, now=now, reason=REASON)
            return


def _as_leaver(booking: BookingRecord, user_id: int) -> Leaver:
    return Leaver(user_id, Role.TEACHER if booking.teacher_id == user_id else Role.STUDENT)


def _end(session: Session, booking_id: int, user_id: int, now: datetime) -> None:
    """Take a request back, or decline it.

    A teacher who leaves waives the fee.
    """
    booking = records.read(session, booking_id)
    leaver = _as_leaver(booking, user_id)
    to = next(status for status in ENDINGS if judge(booking, leaver, status, now) == Verdict.ALLOWED)
    step = StatusChange(to=to, reason=REASON, waive_fee=leaver.role == Role.TEACHER)
    service.change(session, booking, step, actor=leaver, now=now)

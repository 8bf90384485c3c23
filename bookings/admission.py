"""What has to be true before a lesson is booked; `service.py` asks in this order, inside its transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from accounts.models import Role, User
from bookings.lessons import lessons_of, wanted
from bookings.models import ACTIVE, LONGEST_LESSON, Booking
from errors import Forbidden, Invalid, NotFound, SlotTaken, SlotUnavailable, WrongState
from gigs.models import Enrolment, GigStatus, Visibility
from gigs.queries import gig_for_booking
from gigs.states import manager_of, shown_to_others
from schedule.free_time import bookable, relevant
from schedule.queries import rules_of
from schedule.rules import HORIZON_DAYS

# As far ahead as lessons can be booked.
HORIZON = timedelta(days=HORIZON_DAYS)


def whom_to_book_for(actor: Actor, student_id: int | None) -> int:
    """Return the student: students book for themselves, administrators for anybody. Raises Forbidden."""
    if actor.role == Role.STUDENT:
        if student_id not in (None, actor.id):
            raise Forbidden("You can book lessons for yourself only.")
        return actor.id
    if actor.role != Role.ADMIN:
        raise Forbidden("Lessons are booked by students.")
    if student_id is None:
        raise Forbidden("An administrator books for a student: give student_id.")
    return student_id


def require_bookable_time(starts_at: datetime, now: datetime) -> None:
    """Raise Invalid unless a lesson may begin then: on a whole minute, in the future, not too far ahead."""
    if starts_at.second or starts_at.microsecond:
        raise Invalid({"starts_at": ["A lesson begins on a whole minute."]})
    if starts_at <= now:
        raise Invalid({"starts_at": ["This time has passed."]})
    if starts_at > now + HORIZON:
        raise Invalid({"starts_at": ["Lessons can be booked up to two years ahead."]})


def bookable_gig(session: Session, gig_id: int, actor: Actor) -> Row[Any]:
    """Return the gig, and keep it as it is until the transaction ends.

    Raises NotFound if this person may not look at it, WrongState if it cannot be booked at present.
    """
    gig = gig_for_booking(session, gig_id)
    if gig is None or not gig.is_taught:
        raise NotFound
    if not shown_to_others(gig.status, gig.visibility) and not manager_of(gig.teacher_id, actor.id, actor.role):
        raise NotFound
    if reason := why_not_bookable(gig):
        raise reason
    return gig


def why_not_bookable(gig: Row[Any]) -> WrongState | None:
    """Return what is in the way of booking a gig at any time; None if nothing is."""
    if gig.status != GigStatus.PUBLISHED:
        return WrongState(f"This gig is {gig.status}; it cannot be booked.", current=gig.status)
    if gig.visibility == Visibility.PRIVATE:
        return WrongState("This gig is private; it cannot be booked.", current=gig.visibility)
    if gig.enrolment != Enrolment.BOOKING:
        return WrongState("Students apply for a place in this gig; they do not book it.", current=gig.enrolment)
    return None


def lock_people(session: Session, student_id: int, teacher_id: int) -> None:
    """Make everybody else who books for one of the two wait; raises Invalid if the student cannot be booked for."""
    if student_id not in active_students(session, {student_id, teacher_id}):
        raise Invalid({"student_id": ["There is no active student with this id."]})


def active_students(session: Session, people: Collection[int]) -> set[int]:
    """Make everybody else who books for one of these people wait; return those who can be booked for.

    The rows are locked in the order of their ids, so that two bookings never wait for each other. SQLite has one
    writer at a time anyway.
    """
    rows = select(User.id, User.role, User.active).where(User.id.in_(people)).order_by(User.id)
    locked = session.execute(rows.with_for_update(key_share=True)).all()
    return {row.id for row in locked if row.active and row.role == Role.STUDENT}


def free_seat(session: Session, gig: Row[Any], student_id: int, starts_at: datetime, now: datetime) -> int:
    """Return the lowest free seat of this lesson, which is booked now.

    Several students share one start of a group gig; any other overlap, of the student or the teacher, is refused.
    Raises SlotTaken if it overlaps, or if all seats are taken; else SlotUnavailable if the time is not offered.
    """
    seat = seat_among(lessons_near(session, gig, student_id, starts_at, starts_at), gig, student_id, starts_at)
    _require_offered(session, gig, starts_at, now)
    return seat


def lessons_near(
    session: Connection | Session, gig: Row[Any], student_id: int, first: datetime, last: datetime
) -> Sequence[Row[Any]]:
    """Read the active bookings of both people that may overlap with a lesson from `first`, from `last` or between."""
    theirs = or_(Booking.student_id == student_id, Booking.teacher_id == gig.teacher_id)
    meanwhile = (
        Booking.starts_at > first - LONGEST_LESSON,
        Booking.starts_at < last + timedelta(minutes=gig.duration_minutes),
        Booking.ends_at > first,
    )
    columns: list[Any] = [Booking.gig_id, Booking.student_id, Booking.starts_at, Booking.ends_at, Booking.seat]
    found = select(*columns).where(theirs, Booking.status.in_(ACTIVE), *meanwhile)
    return session.execute(found).all()


def seat_among(others: Iterable[Row[Any]], gig: Row[Any], student_id: int, starts_at: datetime) -> int:
    """Return the lowest seat of this lesson that these bookings leave; raises SlotTaken as `free_seat` does."""
    ends_at = starts_at + timedelta(minutes=gig.duration_minutes)
    meanwhile = [row for row in others if row.starts_at < ends_at and row.ends_at > starts_at]
    if any(row.student_id == student_id or (row.gig_id, row.starts_at) != (gig.id, starts_at) for row in meanwhile):
        raise SlotTaken
    return _lowest_free(gig.capacity, [row.seat for row in meanwhile])


def _require_offered(session: Session, gig: Row[Any], starts_at: datetime, now: datetime) -> None:
    """Raise SlotUnavailable unless the list of slots has this time, or could have it if it showed every minute.

    Nothing here comes from a cache, and `lock_people` has made everybody wait who could change it.
    """
    rules = rules_of(session, [gig.teacher_id])[gig.teacher_id]
    lesson = wanted(gig)
    lessons = lessons_of(session, [gig.teacher_id], *relevant(rules, lesson.length, starts_at, starts_at))
    if not bookable(rules, lesson, lessons[gig.teacher_id], starts_at, now):
        raise SlotUnavailable


def _lowest_free(capacity: int, taken: Sequence[int]) -> int:
    free = set(range(1, capacity + 1)).difference(taken)
    if not free:
        raise SlotTaken("All places of this lesson are taken.")
    return min(free)

"""What has to be true before a lesson is booked or moved.

Services ask in this order, inside their transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from accounts.by_mail.confirmation import require_confirmed
from accounts.models import Role, User
from accounts.rights import runs_school
from bookings.models import LONGEST_LESSON, HeldTime
from bookings.records import Place
from bookings.rules.offered import HORIZON, AsBooked, Offer, is_bookable, offer_at
from errors import Forbidden, Invalid, NotFound, SlotTaken, SlotUnavailable, StudentBusy, WrongState
from gigs.models import Confirmation, Enrolment, GigStatus, Visibility
from gigs.queries import gig_for_booking
from gigs.states import is_closed, manager_of, shown_to_others
from schedule.holidays.queries import is_school_closed


def whom_to_book_for(actor: Actor, student_id: int | None) -> int:
    """Return the student to book for.

    Raises Forbidden. Students book for themselves, administrators for any student.
    """
    if actor.role == Role.STUDENT:
        if student_id not in (None, actor.id):
            raise Forbidden("You can book lessons for yourself only.")
        return actor.id
    if not runs_school(actor.role):
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
    """Return the gig, and lock it until the transaction ends.

    Every way to ask for a lesson begins here. Raises what `require_bookable` raises, and EmailUnconfirmed.
    """
    gig = require_bookable(gig_for_booking(session, gig_id), actor)
    require_confirmed(session, actor.id)
    return gig


def require_bookable(gig: Row[Any] | None, actor: Actor) -> Row[Any]:
    """Return this gig if lessons of it can be booked.

    Raises NotFound if this person may not look at it, WrongState if it cannot be booked at present.
    """
    if gig is None or not gig.is_taught:
        raise NotFound
    if not shown_to_others(gig.status, gig.visibility) and not manager_of(gig.teacher_id, actor.id, actor.role):
        raise NotFound
    if reason := why_not_bookable(gig):
        raise reason
    return gig


def why_not_bookable(gig: Row[Any]) -> WrongState | None:
    """Return what is in the way of booking a gig at any time.

    None if nothing is.
    """
    if gig.status != GigStatus.PUBLISHED:
        return WrongState(f"This gig is {gig.status}; it cannot be booked.", current=gig.status)
    if gig.visibility == Visibility.PRIVATE:
        return WrongState("This gig is private; it cannot be booked.", current=gig.visibility)
    if gig.enrolment != Enrolment.BOOKING:
        return WrongState("Students apply for a place in this gig; they do not book it.", current=gig.enrolment)
    return None


def gig_as_booked(gig: Row[Any], length: timedelta) -> AsBooked:
    """Return a gig as a lesson has it that is to be moved.

    It need not be on offer: who has agreed on a lesson can still find another time for it. Raises WrongState if the
    gig is archived or its teacher has left.
    """
    if is_closed(gig.status) or not gig.is_taught:
        raise WrongState("This gig is not taught any more; its lessons keep their times.", current=gig.status)
    minutes = length // timedelta(minutes=1)
    return AsBooked(
        id=gig.id,
        teacher_id=gig.teacher_id,
        schedule_id=gig.schedule_id,
        duration_minutes=minutes,
        capacity=gig.capacity,
        times=gig.times,
    )


def confirms_at_once(gig: Row[Any]) -> bool:
    """Tell whether a time that a student chooses is theirs without the teacher's answer."""
    return bool(gig.confirmation == Confirmation.INSTANT)


def lock_people(session: Session, student_id: int, teacher_id: int) -> None:
    """Lock the two people of a booking.

    Other requests that book for one of them wait. Raises Invalid if the student cannot be booked for.
    """
    if student_id not in active_students(session, {student_id, teacher_id}):
        raise Invalid({"student_id": ["There is no active student with this id."]})


def active_students(session: Session, people: Collection[int]) -> set[int]:
    """Lock these people, and return those who can be booked for.

    The rows are locked in the order of their ids, so that two bookings never wait for each other. SQLite has one
    writer at a time anyway.
    """
    rows = select(User.id, User.role, User.active).where(User.id.in_(people)).order_by(User.id)
    locked = session.execute(rows.with_for_update(key_share=True)).all()
    return {row.id for row in locked if row.active and row.role == Role.STUDENT}


def free_place(
    session: Session,
    gig: Offer,
    student_id: int,
    starts_at: datetime,
    now: datetime,
    *,
    moved: int | None = None,
    at_any_time: bool = False,
) -> Place:
    """Return the place of a lesson that is booked, or moved if `moved` is its id.

    A gig with a timetable takes place in its sessions only, whoever books. Raises what `free_seat` raises.
    """
    offer = offer_at(session, gig, starts_at)
    seat = free_seat(session, offer, student_id, starts_at, now, moved=moved, at_any_time=at_any_time)
    ends_at = starts_at + timedelta(minutes=offer.duration_minutes)
    session_id = offer.session_id if isinstance(offer, AsBooked) else None
    return Place(starts_at=starts_at, ends_at=ends_at, seat=seat, session_id=session_id)


def free_seat(
    session: Session,
    offer: Offer,
    student_id: int,
    starts_at: datetime,
    now: datetime,
    *,
    moved: int | None = None,
    at_any_time: bool = False,
) -> int:
    """Return the lowest free seat of a lesson that is booked, or moved if `moved` is its id.

    Several students share one start of a group gig; any other overlap, of the student or the teacher, is refused. What
    the moved lesson holds itself is free. With `at_any_time` it does not matter what the teacher offers, as long as the
    school is open. Raises SlotTaken if it overlaps, or if all seats are taken; else SlotUnavailable if the time is not
    offered.

    Nothing here comes from a cache, and `lock_people` has made everybody wait who could change it.
    """
    near = lessons_near(session, offer, student_id, starts_at, starts_at)
    others = (row for row in near if moved is None or row.booking_id != moved)
    seat = seat_among(others, offer, student_id, starts_at)
    if at_any_time:
        require_school_open(session, starts_at, starts_at + timedelta(minutes=offer.duration_minutes))
    if not at_any_time and not is_bookable(session, offer, starts_at, now, without=moved):
        raise SlotUnavailable
    return seat


def require_school_open(session: Session, starts_at: datetime, ends_at: datetime) -> None:
    """Raise SlotUnavailable if the school is closed at an instant of this time."""
    if is_school_closed(session, starts_at, ends_at):
        raise SlotUnavailable("The school is closed then.")


def lessons_near(
    session: Connection | Session, gig: Offer, student_id: int, first: datetime, last: datetime
) -> Sequence[Row[Any]]:
    """Read what is held of both people's time and may overlap with a lesson between `first` and `last`."""
    theirs = or_(HeldTime.student_id == student_id, HeldTime.teacher_id == gig.teacher_id)
    meanwhile = (
        HeldTime.starts_at > first - LONGEST_LESSON,
        HeldTime.starts_at < last + timedelta(minutes=gig.duration_minutes),
        HeldTime.ends_at > first,
    )
    columns: list[Any] = [
        getattr(HeldTime, name) for name in ("booking_id", "gig_id", "student_id", "starts_at", "ends_at", "seat")
    ]
    return session.execute(select(*columns).where(theirs, *meanwhile)).all()


def seat_among(others: Iterable[Row[Any]], gig: Offer, student_id: int, starts_at: datetime) -> int:
    """Return the lowest seat that these bookings leave.

    Raises SlotTaken as `free_seat` does.
    """
    ends_at = starts_at + timedelta(minutes=gig.duration_minutes)
    meanwhile = [row for row in others if row.starts_at < ends_at and row.ends_at > starts_at]
    if any(row.student_id == student_id for row in meanwhile):
        raise StudentBusy
    if any((row.gig_id, row.starts_at) != (gig.id, starts_at) for row in meanwhile):
        raise SlotTaken
    return _lowest_free(gig.capacity, [row.seat for row in meanwhile])


@contextmanager
def discreet(actor: Actor, student_id: int) -> Iterator[None]:
    """Tell only the student whether it is they who have another lesson then."""
    try:
        yield
    except SlotTaken:
        if actor.id == student_id:
            raise
        raise SlotTaken from None


def _lowest_free(capacity: int, taken: Sequence[int]) -> int:
    free = set(range(1, capacity + 1)).difference(taken)
    if not free:
        raise SlotTaken("All places of this lesson are taken.")
    return min(free)

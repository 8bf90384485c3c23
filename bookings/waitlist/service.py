"""Waitlists: joining and leaving one, taking or declining the place that is offered.

While a place is kept it can be taken by nobody else. Who takes it asks for the lesson as anybody does: the teacher
answers, unless their gig confirms at once. The waitlist never agrees to a lesson in the teacher's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, exists, func, select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from accounts.models import Role
from bookings import records, service, writes
from bookings.models import HeldTime
from bookings.rules import checks
from bookings.rules.agreement import TERMS, LessonRequest, StatusChange, require_as_seen
from bookings.rules.limits import DEFAULT_LIMITS, Limits, require_room
from bookings.rules.offered import is_bookable, is_offered, offer_at
from bookings.states import Means, way
from bookings.statuses import BookingStatus
from bookings.waitlist.models import OPEN, EntryStatus, WaitlistEntry
from bookings.waitlist.states import open_to_student
from bookings.waitlist.writes import change, create
from database import writing
from errors import Forbidden, NotFound, SlotFree, SlotTaken, SlotUnavailable, WaitlistFull, WrongState
from gigs.queries import gig_for_booking

# Nobody waits for more at once.
MOST_WAITING = 50


def join(wanted: LessonRequest, *, actor: Actor, now: datetime) -> int:
    """Wait for a place in a lesson at this time, and return the entry's id.

    Done twice, it is the same entry. Raises Forbidden, NotFound, WrongState and Invalid as booking does; SlotFree if
    the time can be booked, SlotUnavailable if the teacher never offers it, SlotTaken if the student has another lesson
    then, WaitlistFull if they wait for too much already.
    """
    if actor.role != Role.STUDENT:
        raise Forbidden("Only students wait for a place.")
    gig_id, starts_at = wanted.gig_id, wanted.starts_at
    checks.require_bookable_time(starts_at, now)
    with writing() as session:
        gig = checks.bookable_gig(session, gig_id, actor)
        checks.lock_people(session, actor.id, gig.teacher_id)
        mine = (WaitlistEntry.student_id == actor.id, WaitlistEntry.status.in_(OPEN))
        this = (WaitlistEntry.gig_id == gig_id, WaitlistEntry.starts_at == starts_at)
        if (entry_id := session.scalar(select(WaitlistEntry.id).where(*mine, *this))) is not None:
            return entry_id
        _require_full(session, gig, actor.id, starts_at, now)
        if (session.scalar(select(func.count()).select_from(WaitlistEntry).where(*mine)) or 0) >= MOST_WAITING:
            raise WaitlistFull
        entry = WaitlistEntry(gig_id=gig_id, student_id=actor.id, teacher_id=gig.teacher_id, starts_at=starts_at)
        entry.created_at = entry.updated_at = now
        return create(session, entry)


def leave(*, entry_id: int, actor: Actor, now: datetime) -> None:
    """Wait no longer.

    Raises NotFound, WrongState. A place that is offered is declined.
    """
    with writing() as session:
        entry = _own(session, entry_id, actor)
        if entry.status == EntryStatus.OFFERED:
            decline(entry_id=entry_id, actor=actor, now=now)
        elif not change(session, WaitlistEntry.id == entry_id, EntryStatus.LEFT, now):
            raise _wrong_state(entry)


def accept(
    *,
    entry_id: int,
    actor: Actor,
    now: datetime,
    seen: Mapping[str, object] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> int:
    """Take the place that is offered, and return its booking's id.

    From now on it waits for the teacher's answer, unless the gig confirms at once. Raises NotFound, WrongState if
    there is no offer (any more), PriceChanged if it is not the one that was `seen`, or TooManyOpen.
    """
    with writing() as session:
        entry = _own(session, entry_id, actor)
        if entry.status != EntryStatus.OFFERED:
            raise _wrong_state(entry)
        booking = records.read(session, entry.booking_id)
        gig = gig_for_booking(session, booking.gig_id)
        assert gig is not None
        row = way(booking, actor, now, Means.AT_ONCE if checks.confirms_at_once(gig) else Means.TAKING)
        if row is None:
            raise _wrong_state(entry)
        require_as_seen({name: getattr(booking, name) for name in TERMS}, seen or {})
        checks.lock_people(session, booking.student_id, booking.teacher_id)
        require_room(session, limits, actor, booking.student_id, gig, now=now)
        try:
            writes.change(session, booking, row, by=actor, now=now, requested_by=Role.STUDENT)
        except WrongState:
            raise _wrong_state(_own(session, entry_id, actor)) from None
        return booking.id


def decline(*, entry_id: int, actor: Actor, now: datetime) -> None:
    """Leave the place that is offered to the next in line.

    Raises NotFound, or WrongState if there is no offer.
    """
    with writing() as session:
        entry = _own(session, entry_id, actor)
        if entry.status != EntryStatus.OFFERED:
            raise _wrong_state(entry)
        service.change_status(entry.booking_id, StatusChange(to=BookingStatus.REJECTED), actor=actor, now=now)


def _own(session: Session, entry_id: int, actor: Actor) -> Row[Any]:
    columns: list[Any] = [getattr(WaitlistEntry, name) for name in ("status", "booking_id", "student_id", "teacher_id")]
    mine = (WaitlistEntry.id == entry_id, WaitlistEntry.student_id == actor.id)
    entry = session.execute(select(*columns).where(*mine)).one_or_none()
    if entry is None:
        raise NotFound
    return entry


def _wrong_state(entry: Row[Any]) -> WrongState:
    if entry.status == EntryStatus.OFFERED:
        return WrongState("This offer has expired.", current=entry.status)
    detail = {EntryStatus.WAITING: "No place has become free yet."}.get(entry.status, "This offer is closed.")
    return WrongState(detail, current=entry.status, allowed=open_to_student(entry.status))


def _require_full(session: Session, gig: Row[Any], student_id: int, starts_at: datetime, now: datetime) -> None:
    """Raise what stands in the way of waiting.

    Only other people's lessons may keep this student from booking.
    """
    if not is_offered(session, gig, starts_at, now):
        raise SlotUnavailable
    minutes = offer_at(session, gig, starts_at).duration_minutes
    own = (HeldTime.student_id == student_id, HeldTime.starts_at < starts_at + timedelta(minutes=minutes))
    if session.scalar(select(exists().where(*own, HeldTime.ends_at > starts_at))):
        raise SlotTaken("You have a lesson at this time yourself.")
    if is_bookable(session, gig, starts_at, now):
        raise SlotFree

"""When somebody is reminded of a lesson next: one waiting job for each person and start.

A teacher has one lesson at a time, however many students it has, and is reminded of it once. What a job is to do is
found out when it runs, so a plan that is out of date reminds nobody of what is not true.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from accounts.dependents import taken_over
from bookings.models import Booking
from bookings.statuses import BookingStatus
from database import reading, writing
from events import EventType
from jobs.queue import cancel, enqueue
from notifications import settings
from notifications.telling.together import Together

REMIND, REPLAN = "notifications.remind", "notifications.plan-reminders-of"

# So far ahead the plan of all lessons looks, once a day: two days more than the earliest reminder that can be chosen.
LOOK_AHEAD = timedelta(days=16)
BATCH = 200

_CHANGES = {
    EventType.BOOKING_BOOKED,
    EventType.BOOKING_ACCEPTED,
    EventType.BOOKING_MOVED,
    EventType.BOOKING_MOVE_ACCEPTED,
    EventType.BOOKING_CANCELLED,
}

Appointment = tuple[int, datetime]


def follow(session: Session, groups: Iterable[Together], now: datetime) -> None:
    """Plan anew what these events may have changed."""
    changed = {
        (event.data[side], starts_at)
        for group in groups
        if group.type in _CHANGES
        for event in group.events
        for side in ("student_id", "teacher_id")
        for starts_at in group.starts(event)
    }
    plan(session, changed, now)


def settings_changed(session: Session, user_id: int) -> None:
    """Have somebody's reminders planned anew, for the lessons that they have already."""
    enqueue(session, REPLAN, {"user_id": user_id}, key=f"{REPLAN} {user_id}")


def take_over(session: Session, _stand_in_id: int, account_id: int) -> None:
    """Have an account reminded of the lessons that it takes over."""
    settings_changed(session, account_id)


taken_over.append(take_over)


def plan_for(user_id: int, now: datetime) -> None:
    """Plan all reminders of somebody anew."""
    theirs = or_(Booking.student_id == user_id, Booking.teacher_id == user_id)
    _plan_all({(user_id, starts_at) for _, starts_at in _coming(theirs, now)}, now)


def plan_soon(now: datetime) -> None:
    """Plan the reminders of all lessons of the next days.

    Nearly all are planned already. The others were agreed on before Lectern reminded anybody, or came from outside.
    """
    _plan_all(_coming(Booking.starts_at < now + LOOK_AHEAD, now), now)


def plan(session: Session, appointments: Collection[Appointment], now: datetime) -> None:
    """Write down when each person is reminded next of what they have at a time, if they have anything."""
    ahead = sorted((person, starts_at) for person, starts_at in appointments if starts_at > now)
    if not ahead:
        return
    agreed = _agreed(session, ahead)
    chosen = settings.of(session, {person for person, _ in ahead})
    for person, starts_at in ahead:
        due = next_due(starts_at, chosen[person].reminders_minutes, now) if (person, starts_at) in agreed else None
        key = f"reminder {person} {starts_at:%Y-%m-%dT%H:%MZ}"
        if due is None:
            cancel(session, key)
        else:
            arguments = {"user_id": person, "starts_at": starts_at, "due_at": due}
            enqueue(session, REMIND, arguments, run_at=due, key=key)


def next_due(starts_at: datetime, minutes: Iterable[int], after: datetime) -> datetime | None:
    """Return when the next reminder is due, None if there is none any more."""
    return min((at for at in due_times(starts_at, minutes) if at > after), default=None)


def due_times(starts_at: datetime, minutes: Iterable[int]) -> list[datetime]:
    """Return when somebody is to be reminded, in order of time."""
    return sorted(starts_at - timedelta(minutes=number) for number in minutes)


def _agreed(session: Session, appointments: Sequence[Appointment]) -> set[Appointment]:
    """Tell which of these exist."""
    people, starts = zip(*appointments, strict=True)
    theirs = or_(Booking.student_id.in_(set(people)), Booking.teacher_id.in_(set(people)))
    return _appointments(session, theirs & Booking.starts_at.in_(set(starts)))


def _coming(which: ColumnElement[bool], now: datetime) -> set[Appointment]:
    with reading() as connection:
        return _appointments(connection, which & (Booking.starts_at > now))


def _appointments(connection: Any, which: ColumnElement[bool]) -> set[Appointment]:
    columns = (Booking.student_id, Booking.teacher_id, Booking.starts_at)
    rows = connection.execute(select(*columns).where(which, Booking.status == BookingStatus.ACCEPTED)).all()
    return {(person, row.starts_at) for row in rows for person in (row.student_id, row.teacher_id)}


def _plan_all(appointments: Collection[Appointment], now: datetime) -> None:
    """Plan these in short transactions."""
    ordered = sorted(appointments)
    for begin in range(0, len(ordered), BATCH):
        with writing() as session:
            plan(session, ordered[begin : begin + BATCH], now)

"""Changes of what teachers said about their time.

Each names the tags it makes old.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import tags
from accounts.actors import Actor
from accounts.dependents import begins_to_teach
from accounts.models import Role, User
from caching import invalidate
from database import writing
from errors import DefaultSchedule, Forbidden, NotFound, ScheduleInUse, TooManySchedules
from gigs.models import GigStatus
from gigs.service import release_schedule, set_status
from schedule.models import Hours, Schedule
from schedule.offered import write_hours
from schedule.times.rules import NOTHING_SAID

# More than a teacher needs: every search reads all of them.
MOST_SCHEDULES = 50
# What the first schedule is called until its teacher calls it something else.
FIRST_NAME = "My hours"


def create_schedule(teacher_id: int, hours: Hours, *, now: datetime) -> int:
    """Add a schedule, which gigs can choose from now on, and return its id.

    Raises Forbidden if this is no active teacher, or TooManySchedules.
    """
    with writing() as session:
        zone = locked_teacher(session, teacher_id)
        number = select(func.count()).select_from(Schedule).where(Schedule.teacher_id == teacher_id)
        if (session.scalar(number) or 0) >= MOST_SCHEDULES:
            raise TooManySchedules
        made = Schedule(teacher_id=teacher_id, is_default=False, name=FIRST_NAME, time_zone=zone)
        _enter(made, hours, zone, now)
        session.add(made)
        write_hours(session, made, zone, now)
        invalidate(tags.teacher_slots(teacher_id))
        return made.id


def replace_schedule(teacher_id: int, schedule_id: int | None, hours: Hours, *, now: datetime) -> None:
    """Replace one of a teacher's schedules, or else the default one.

    Bookings that exist stay as they are. Raises Forbidden if this is no active teacher, NotFound.
    """
    with writing() as session:
        zone = locked_teacher(session, teacher_id)
        schedule = _own(session, teacher_id, schedule_id)
        if schedule is None and schedule_id is None:
            schedule = _first(teacher_id)
            session.add(schedule)
        if schedule is None:
            raise NotFound
        _enter(schedule, hours, zone, now)
        write_hours(session, schedule, zone, now)
        invalidate(tags.teacher_slots(teacher_id))


def publish_with_hours(gig_id: int, hours: Hours, *, actor: Actor, now: datetime) -> None:
    """Enter a teacher's default schedule and publish a gig of theirs, or neither.

    Raises what `replace_schedule` and `set_status` of gigs raise.
    """
    with writing():
        # The gig is locked first, as by every booking, then its teacher.
        set_status(gig_id, GigStatus.PUBLISHED, actor=actor, now=now)
        replace_schedule(actor.id, None, hours, now=now)


def delete_schedule(teacher_id: int, schedule_id: int) -> None:
    """Take a schedule away that no gig uses.

    Those that are archived let go of it. Raises Forbidden if this is no active teacher, NotFound, DefaultSchedule or
    ScheduleInUse.
    """
    try:
        with writing() as session:
            # Gigs are locked before their teacher, as by every booking.
            used = release_schedule(session, teacher_id, schedule_id)
            locked_teacher(session, teacher_id)
            schedule = _own(session, teacher_id, schedule_id)
            if schedule is None:
                raise NotFound
            if schedule.is_default:
                raise DefaultSchedule
            if used:
                raise ScheduleInUse
            session.delete(schedule)
            session.flush()
            invalidate(tags.teacher_slots(teacher_id))
    except IntegrityError as error:
        # A gig has chosen it at this very moment.
        raise ScheduleInUse from error


def locked_teacher(session: Session, teacher_id: int) -> str:
    """Lock a teacher, and return the zone of their profile.

    Who books a lesson locks the same row, so that a booking is decided by the rules before or after this change. Raises
    Forbidden if this is no active teacher.
    """
    teacher = select(User.time_zone).where(User.id == teacher_id, User.active, User.role == Role.TEACHER)
    zone = session.scalar(teacher.with_for_update(key_share=True))
    if zone is None:
        raise Forbidden
    return zone


def can_choose(session: Session, teacher_id: int, schedule_id: int) -> bool:
    """Tell whether a gig of this teacher can have this schedule.

    It is locked, so that it is not deleted before the caller's transaction has chosen it.
    """
    theirs = select(Schedule.id).where(Schedule.id == schedule_id, Schedule.teacher_id == teacher_id)
    return session.scalar(theirs.with_for_update(read=True, key_share=True)) is not None


def _begin(session: Session, teacher_id: int) -> None:
    """Give a new teacher their first schedule, in which nothing is offered.

    Who teaches again has kept theirs.
    """
    if _own(session, teacher_id, None) is None:
        session.add(_first(teacher_id))
        invalidate(tags.teacher_slots(teacher_id))


begins_to_teach.append(_begin)


def _first(teacher_id: int) -> Schedule:
    return Schedule(teacher_id=teacher_id, is_default=True, name=FIRST_NAME, rules=NOTHING_SAID)


def _own(session: Session, teacher_id: int, schedule_id: int | None) -> Schedule | None:
    which = Schedule.is_default if schedule_id is None else Schedule.id == schedule_id
    return session.scalar(select(Schedule).where(Schedule.teacher_id == teacher_id, which))


def _enter(schedule: Schedule, hours: Hours, zone: str, now: datetime) -> None:
    """Write what was entered into a schedule's row."""
    schedule.rules = hours.rules
    schedule.name = hours.name or schedule.name
    schedule.time_zone = hours.time_zone or schedule.time_zone or zone
    schedule.updated_at = now

"""Enter a lesson for a student: one whom the teacher knows, or one by name and address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from accounts.by_mail.invitation import Invited, find_or_invite, nobodys_password
from accounts.models import Role, User
from bookings import writes
from bookings.history import agreed_before
from bookings.models import Booking
from bookings.records import Place
from bookings.rules import checks
from bookings.rules.agreement import LessonRequest, require_as_seen
from bookings.rules.limits import require_room_for_proposal
from bookings.statuses import BookingStatus
from database import writing
from errors import Forbidden, Invalid, SeriesConflict, SlotTaken, SlotUnavailable
from schedule.queries import rules_for
from schedule.times.weekly import weekly

NOT_KNOWN = "A lesson can be entered for somebody who has agreed on one with you. Give their name and address instead."


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A lesson that is entered for a student, every week if `weeks` says so.

    The student is `lesson.student_id`, or the person that has an address. Where the two have `agreed`, the student is
    told and not asked.
    """

    lesson: LessonRequest
    student: Invited | None = None
    agreed: bool = False
    weeks: int = 1


@dataclass(frozen=True, slots=True)
class _Whom:
    """The student, and what a teacher calls them who has to learn nothing else."""

    id: int
    alias: str | None = None


def enter(entry: Entry, *, actor: Actor, now: datetime) -> int:
    """Enter a lesson for a student, and return its id, which is that of a series, too.

    A teacher does so for their own gigs, an administrator for all. The time need not be one that is offered, but it
    overlaps with no other lesson. It is agreed on at once, unless the address turns out to be that of an account that
    the teacher does not know: then that student is asked. Raises Forbidden, Invalid, NotFound, WrongState,
    PriceChanged, TooManyOpen, SlotTaken; SeriesConflict with the times that are taken if it is several.
    """
    if actor.role not in (Role.TEACHER, Role.ADMIN):
        raise Forbidden("Lessons are entered by teachers and administrators.")
    wanted = entry.lesson
    checks.require_bookable_time(wanted.starts_at, now)
    password_hash = nobodys_password() if entry.student else ""
    with writing() as session:
        gig = checks.bookable_gig(session, wanted.gig_id, actor)
        require_as_seen(gig._mapping, wanted.seen)
        if actor.role == Role.TEACHER and gig.teacher_id != actor.id:
            raise Forbidden("A teacher enters lessons of their own gigs.")
        whom = _find(session, entry, gig, actor, password_hash, now)
        _lock(session, whom, gig, entry)
        agreed = entry.agreed and whom.alias is None
        if not agreed and actor.role == Role.TEACHER:
            require_room_for_proposal(session, gig.teacher_id, whom.id)
        places = _places(session, entry, gig, whom, actor, now)
        lessons = [_lesson(gig, place, wanted.note, whom, now, agreed=agreed) for place in places]
        return writes.create(session, *lessons, by=actor, now=now, as_series=entry.weeks > 1)


def _lock(session: Session, whom: _Whom, gig: Row[Any], entry: Entry) -> None:
    try:
        checks.lock_people(session, whom.id, gig.teacher_id)
    except Invalid:
        if entry.student is None:
            raise
        # Whether it is a teacher's, or that of somebody who has left, is not said.
        raise Invalid({"student": ["A lesson cannot be entered for this address."]}) from None


def _find(session: Session, entry: Entry, gig: Row[Any], actor: Actor, password_hash: str, now: datetime) -> _Whom:
    """Find whom a lesson is for.

    Raises Invalid if the teacher has never agreed on a lesson with them.
    """
    if entry.student is None:
        student_id = entry.lesson.student_id
        if student_id is None:
            raise Invalid({"student_id": ["Say whom the lesson is for: a student_id, or a name and an address."]})
        if actor.role != Role.ADMIN and not agreed_before(actor.id, student_id):
            raise Invalid({"student_id": [NOT_KNOWN]})
        return _Whom(student_id)
    zone = session.scalar(select(User.time_zone).where(User.id == gig.teacher_id))
    found = find_or_invite(
        session, entry.student, password_hash=password_hash, by_id=actor.id, time_zone=zone or "UTC", now=now
    )
    known = found.is_new or actor.role == Role.ADMIN or agreed_before(actor.id, found.user_id)
    return _Whom(found.user_id, alias=None if known else entry.student.name)


def _starts(session: Session, entry: Entry, gig: Row[Any]) -> list[datetime]:
    """Return when the lessons begin: at the same time of the teacher's clock every week."""
    first = entry.lesson.starts_at
    if entry.weeks == 1:
        return [first]
    found = weekly(first, entry.weeks, rules_for(session, gig, first).zone)
    return [each.starts_at for each in found if each.on_its_day]


def _places(session: Session, entry: Entry, gig: Row[Any], whom: _Whom, actor: Actor, now: datetime) -> list[Place]:
    """Find a free place for each lesson.

    Whether it is the student who has another lesson then is not told. Raises SlotTaken and SlotUnavailable, for several
    lessons SeriesConflict.
    """
    places, obstacles = [], []
    for starts_at in _starts(session, entry, gig):
        try:
            with checks.discreet(actor, whom.id):
                places.append(checks.free_place(session, gig, whom.id, starts_at, now, at_any_time=True))
        except (SlotTaken, SlotUnavailable) as error:
            if entry.weeks == 1:
                raise
            obstacles.append((starts_at, error.slug))
    if obstacles:
        raise SeriesConflict(obstacles)
    return places


def _lesson(gig: Row[Any], place: Place, note: str, whom: _Whom, now: datetime, *, agreed: bool) -> Booking:
    lesson = writes.new_booking(gig, whom.id, place, now)
    lesson.note, lesson.student_alias = note, whom.alias
    if agreed:
        lesson.status, lesson.entered_at = BookingStatus.ACCEPTED, now
    else:
        lesson.status, lesson.requested_by = BookingStatus.PENDING, Role.TEACHER
    return lesson

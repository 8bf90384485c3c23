"""Enter a lesson for a student: one whom the teacher knows, or one by name and address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from accounts.invitations.queries import Owner, account_of, owner_of
from accounts.invitations.service import Invited, stand_in_for
from accounts.models import Role, User
from accounts.names import normalise_email
from accounts.rights import STAFF, runs_school
from bookings import writes
from bookings.entering.asking import ask
from bookings.history import agreed_before, known_by_address
from bookings.models import Booking
from bookings.records import Place
from bookings.rules import checks
from bookings.rules.agreement import LessonRequest, require_as_seen
from bookings.rules.limits import require_room_for_proposal
from bookings.statuses import BookingStatus
from database import writing
from errors import Busy, Forbidden, Invalid, SeriesConflict, SlotTaken, SlotUnavailable
from schedule.queries import rules_for
from schedule.times.weekly import weekly

NOT_KNOWN = "A lesson can be entered for somebody who has agreed on one with you. Give their name and address instead."
# So often the owner of an address is looked for, if they change at that very moment.
MOST_ATTEMPTS = 3


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


def enter(entry: Entry, *, actor: Actor, now: datetime) -> int:
    """Enter a lesson for a student, and return its id, which is that of a series, too.

    A teacher does so for their own gigs, an administrator for all. The time need not be one that is offered, but it
    overlaps with no other lesson. Where it is for an address that is none of the teacher's students', an account stands
    in for its owner, who is asked by mail; whether the address has an account makes no difference here. Raises
    Forbidden, Invalid, NotFound, WrongState, PriceChanged, TooManyOpen, SlotTaken; SeriesConflict with the times that
    are taken if it is several.
    """
    if actor.role not in (Role.TEACHER, *STAFF):
        raise Forbidden("Lessons are entered by teachers and administrators.")
    wanted = entry.lesson
    checks.require_bookable_time(wanted.starts_at, now)
    with writing() as session:
        gig = checks.bookable_gig(session, wanted.gig_id, actor)
        require_as_seen(gig._mapping, wanted.seen)
        if actor.role == Role.TEACHER and gig.teacher_id != actor.id:
            raise Forbidden("A teacher enters lessons of their own gigs.")
        student_id = _student(session, entry, gig, actor, now)
        if not entry.agreed and actor.role == Role.TEACHER:
            require_room_for_proposal(session, gig.teacher_id, student_id)
        places = _places(session, entry, gig, student_id, actor, now)
        lessons = [_lesson(gig, place, entry, student_id, now) for place in places]
        first_id = writes.create(session, *lessons, by=actor, now=now, as_series=entry.weeks > 1)
        if entry.student:
            # To whom the address belongs is looked up by a job, which says nothing to the teacher.
            ask(session, student_id, [lesson.id for lesson in lessons], by_id=actor.id)
        return first_id


def _student(session: Session, entry: Entry, gig: Row[Any], actor: Actor, now: datetime) -> int:
    """Find whom a lesson is for, and lock them and the teacher.

    Raises Invalid if the teacher has never agreed on a lesson with the student of this id.
    """
    if entry.student:
        return _by_address(session, entry.student, gig, actor, now)
    student_id = entry.lesson.student_id
    if student_id is None:
        raise Invalid({"student_id": ["Say whom the lesson is for: a student_id, or a name and an address."]})
    if not runs_school(actor.role) and not agreed_before(actor.id, student_id):
        raise Invalid({"student_id": [NOT_KNOWN]})
    checks.lock_people(session, student_id, gig.teacher_id)
    return student_id


def _by_address(session: Session, person: Invited, gig: Row[Any], actor: Actor, now: datetime) -> int:
    """Find the student with an address, or who stands in for them.

    Teachers find their own students alone, administrators all. Raises Invalid for an administrator if nobody with this
    address can be a student, and Busy.
    """
    email = normalise_email(person.email)
    for _ in range(MOST_ATTEMPTS):
        student_id = _account(session, email, gig.teacher_id, actor)
        if student_id is None:
            zone = session.scalar(select(User.time_zone).where(User.id == gig.teacher_id))
            student_id = stand_in_for(session, person, teacher_id=gig.teacher_id, time_zone=zone or "UTC", now=now)
        if student_id in checks.active_students(session, {student_id, gig.teacher_id}):
            return student_id
        # They have answered or left at this moment, so who it is has another answer now.
    raise Busy


def _account(session: Session, email: str, teacher_id: int, actor: Actor) -> int | None:
    if runs_school(actor.role) and owner_of(session, email) == Owner.OTHER:
        raise Invalid({"student": ["The account with this address is closed, or not that of a student."]})
    of_all = account_of(session, email) if runs_school(actor.role) else None
    return of_all or known_by_address(session, teacher_id, email)


def _starts(session: Session, entry: Entry, gig: Row[Any]) -> list[datetime]:
    """Return when the lessons begin: at the same time of the teacher's clock every week."""
    first = entry.lesson.starts_at
    if entry.weeks == 1:
        return [first]
    found = weekly(first, entry.weeks, rules_for(session, gig, first).zone)
    return [each.starts_at for each in found if each.on_its_day]


def _places(session: Session, entry: Entry, gig: Row[Any], student_id: int, actor: Actor, now: datetime) -> list[Place]:
    """Find a free place for each lesson.

    Whether it is the student who has another lesson then is not told. Raises SlotTaken and SlotUnavailable, for several
    lessons SeriesConflict.
    """
    places, obstacles = [], []
    for starts_at in _starts(session, entry, gig):
        try:
            with checks.discreet(actor, student_id):
                places.append(checks.free_place(session, gig, student_id, starts_at, now, at_any_time=True))
        except (SlotTaken, SlotUnavailable) as error:
            if entry.weeks == 1:
                raise
            obstacles.append((starts_at, error.slug))
    if obstacles:
        raise SeriesConflict(obstacles)
    return places


def _lesson(gig: Row[Any], place: Place, entry: Entry, student_id: int, now: datetime) -> Booking:
    lesson = writes.new_booking(gig, student_id, place, now)
    lesson.note = entry.lesson.note
    if entry.agreed:
        lesson.status, lesson.entered_at = BookingStatus.ACCEPTED, now
    else:
        lesson.status, lesson.requested_by = BookingStatus.PENDING, Role.TEACHER
    return lesson

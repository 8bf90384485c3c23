"""How much may wait for an answer at once, and how much may be taken that needs none.

What is asked for takes up other people's time until it is answered. What a gig confirms at once takes it up until the
lesson, so the same numbers bound what a student has ahead of them of such gigs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from accounts.models import Role
from accounts.rights import runs_school
from bookings.models import Booking
from bookings.statuses import BookingStatus
from config import Settings
from errors import TooManyOpen
from gigs.models import Confirmation, Gig

# So many lessons a teacher may propose to one student who has not answered yet.
MOST_OPEN_PROPOSALS = 10

_IS_PENDING = Booking.status == BookingStatus.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many requests of one student may be open, in all and with one teacher.

    A weekly series counts as one request, and holds up to 52 lessons; so few of them may be open.
    """

    in_all: int = 20
    with_teacher: int = 10
    series: int = 3

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Take what the operator has chosen."""
        return cls(
            in_all=settings.max_open_requests,
            with_teacher=settings.max_open_requests_per_teacher,
            series=settings.max_open_series,
        )


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class _Refusals:
    """What a student is told who has too much already: with one teacher, in all, of weekly series."""

    with_teacher: str
    in_all: str
    series: str


_UNANSWERED = _Refusals(
    "This teacher has not answered {} of your requests yet.",
    "There is no answer to {} of your requests yet.",
    "There is no answer to {} of your weekly series yet.",
)
_AHEAD = _Refusals(
    "You have {} lessons with this teacher ahead of you. Please book more once some of them have taken place.",
    "You have {} lessons ahead of you that were confirmed at once. Please book more once some have taken place.",
    "You have {} weekly series ahead of you that were confirmed at once.",
)


def require_room(
    session: Session, limits: Limits, actor: Actor, student_id: int, gig: Any, *, now: datetime, series: bool = False
) -> None:
    """Raise TooManyOpen if a student has asked for, or taken, as much as they may.

    The caller has locked the student's row, so that two requests at once do not both find the last place. An
    administrator answers for what they enter, and is not bound.
    """
    if runs_school(actor.role):
        return
    at_once = gig.confirmation == Confirmation.INSTANT
    refusals = _AHEAD if at_once else _UNANSWERED
    requests = _taken_at_once(session, student_id, now) if at_once else _open_requests(session, student_id)
    with_teacher = sum(row.teacher_id == gig.teacher_id for row in requests)
    if with_teacher >= limits.with_teacher:
        raise TooManyOpen(refusals.with_teacher.format(with_teacher))
    if len(requests) >= limits.in_all:
        raise TooManyOpen(refusals.in_all.format(len(requests)))
    weekly = sum(row.series_id is not None for row in requests)
    if series and weekly >= limits.series:
        raise TooManyOpen(refusals.series.format(weekly))


def require_room_for_proposal(session: Session, teacher_id: int, student_id: int) -> None:
    """Raise TooManyOpen if a student has too many proposals of a teacher to answer."""
    theirs = (Booking.teacher_id == teacher_id, Booking.student_id == student_id)
    proposed = (_IS_PENDING, Booking.requested_by == Role.TEACHER, Booking.offered_until.is_(None))
    number = session.scalar(select(func.count()).where(*theirs, *proposed)) or 0
    if number >= MOST_OPEN_PROPOSALS:
        raise TooManyOpen(f"This student has not answered {number} of your proposals yet.")


def _open_requests(session: Session, student_id: int) -> list[Any]:
    """Read what a student has asked for and what is not answered yet, the lessons of a series as one."""
    asked = (Booking.student_id == student_id, _IS_PENDING, Booking.requested_by == Role.STUDENT)
    return list(session.execute(_requests().where(*asked)))


def _taken_at_once(session: Session, student_id: int, now: datetime) -> list[Any]:
    """Read what a student has ahead of them of gigs that confirm at once, the lessons of a series as one."""
    ahead = (Booking.student_id == student_id, Booking.status == BookingStatus.ACCEPTED, Booking.starts_at > now)
    at_once = _requests().join(Gig).where(*ahead, Gig.confirmation == Confirmation.INSTANT)
    return list(session.execute(at_once))


def _requests() -> Select[Any]:
    request = func.coalesce(Booking.series_id, Booking.id).label("request")
    columns: list[Any] = [Booking.teacher_id, Booking.series_id, request]
    return select(*columns).select_from(Booking).distinct()

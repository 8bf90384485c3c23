"""How much may wait for an answer at once.

What is asked for takes up other people's time until it is answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from accounts.models import Role
from bookings.models import Booking
from bookings.statuses import BookingStatus
from config import Settings
from errors import TooManyOpen

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


def require_room(
    session: Session, limits: Limits, actor: Actor, student_id: int, teacher_id: int, *, series: bool = False
) -> None:
    """Raise TooManyOpen if a student has asked for so much that they have to wait for answers first.

    The caller has locked the student's row, so that two requests at once do not both find the last place. An
    administrator answers for what they enter, and is not bound.
    """
    if actor.role == Role.ADMIN:
        return
    requests = _open_requests(session, student_id)
    with_teacher = sum(row.teacher_id == teacher_id for row in requests)
    if with_teacher >= limits.with_teacher:
        raise TooManyOpen(f"This teacher has not answered {with_teacher} of your requests yet.")
    if len(requests) >= limits.in_all:
        raise TooManyOpen(f"There is no answer to {len(requests)} of your requests yet.")
    weekly = sum(row.series_id is not None for row in requests)
    if series and weekly >= limits.series:
        raise TooManyOpen(f"There is no answer to {weekly} of your weekly series yet.")


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
    request = func.coalesce(Booking.series_id, Booking.id).label("request")
    statement = select(Booking.teacher_id, Booking.series_id, request).distinct().where(*asked)
    return list(session.execute(statement))

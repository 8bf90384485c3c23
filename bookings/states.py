"""The life of a booking as one table: from which state to which, by whom, and when.

Services apply a transition by compare-and-swap; pages and the API ask the same table what a person may do now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from accounts.actors import Actor
from accounts.models import Role
from bookings.models import BookingStatus


class Party(StrEnum):
    """Whom a transition is open to."""

    STUDENT = "the student"
    TEACHER = "the teacher"
    FORMER_TEACHER = "the teacher, who is a student by now"
    ASKER = "the one who asked"
    ASKED = "the one who was asked"
    HOLDER = "the student for whom the waitlist keeps a place"
    ADMIN = "an administrator"
    CLOCK = "the clock"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the table needs to know of a booking."""

    status: str
    student_id: int
    teacher_id: int
    requested_by: str
    starts_at: datetime
    # Whether the waitlist keeps this place for the student, who has not taken it yet.
    offered: bool = False

    def parties(self, actor: Actor) -> frozenset[Party]:
        """Name what a person is in this booking; nothing at all if it is none of their business."""
        roles = []
        if actor.id == self.student_id:
            roles += [Party.STUDENT, self._side_of_student()]
        if actor.id == self.teacher_id:
            roles += self._sides_of_teacher(actor)
        if actor.role == Role.ADMIN:
            roles.append(Party.ADMIN)
        return frozenset(roles)

    def _side_of_student(self) -> Party:
        if self.offered:
            return Party.HOLDER
        return Party.ASKER if self.requested_by == Role.STUDENT else Party.ASKED

    def _sides_of_teacher(self, actor: Actor) -> list[Party]:
        # The lesson stays their business, but what a teacher may do they may not: no row of the table names this party.
        if actor.role == Role.STUDENT:
            return [Party.FORMER_TEACHER]
        return [Party.TEACHER, Party.ASKER if self.requested_by == Role.TEACHER else Party.ASKED]


Guard = Callable[[datetime, datetime], bool]


def before_start(starts_at: datetime, now: datetime) -> bool:
    """Only before the lesson begins."""
    return now < starts_at


def from_start(starts_at: datetime, now: datetime) -> bool:
    """Only once the lesson has begun."""
    return now >= starts_at


def at_any_time(_starts_at: datetime, _now: datetime) -> bool:
    """Whenever."""
    return True


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table. One that happens `by_moving` is what a new time brings, nobody asks for it by name."""

    source: BookingStatus
    target: BookingStatus
    who: frozenset[Party]
    guard: Guard
    by_moving: bool = False


def _row(
    source: BookingStatus, target: BookingStatus, who: Iterable[Party], guard: Guard, *, by_moving: bool = False
) -> Transition:
    return Transition(source, target, frozenset(who), guard, by_moving)


_S, _P = BookingStatus, Party

TRANSITIONS = (
    _row(_S.PENDING, _S.ACCEPTED, [_P.ASKED, _P.ADMIN], before_start),
    _row(_S.PENDING, _S.REJECTED, [_P.ASKED, _P.HOLDER, _P.ADMIN], at_any_time),
    _row(_S.PENDING, _S.CANCELLED, [_P.ASKER, _P.ADMIN], at_any_time),
    _row(_S.PENDING, _S.EXPIRED, [_P.CLOCK], from_start),
    _row(_S.PENDING, _S.PENDING, [_P.STUDENT, _P.TEACHER, _P.ADMIN], before_start, by_moving=True),
    # The teacher's time is theirs to give, so the student asks again.
    _row(_S.ACCEPTED, _S.PENDING, [_P.STUDENT], before_start, by_moving=True),
    _row(_S.ACCEPTED, _S.ACCEPTED, [_P.TEACHER, _P.ADMIN], before_start, by_moving=True),
    _row(_S.ACCEPTED, _S.CANCELLED, [_P.STUDENT, _P.TEACHER, _P.ADMIN], before_start),
    _row(_S.ACCEPTED, _S.COMPLETED, [_P.TEACHER, _P.ADMIN], from_start),
    _row(_S.ACCEPTED, _S.NO_SHOW, [_P.TEACHER, _P.ADMIN], from_start),
)


class Verdict(StrEnum):
    """What the table says to somebody who asks for a new state."""

    ALLOWED = "allowed"
    WRONG_PERSON = "never allowed to this person"
    WRONG_STATE = "not from this state"
    WRONG_TIME = "not at this time"


def judge(booking: Standing, actor: Actor, to: str, now: datetime) -> Verdict:
    """Say whether one of a booking's people, or an administrator, may change its state to `to` now."""
    parties = booking.parties(actor)
    rows = [row for row in TRANSITIONS if row.target == to and not row.by_moving]
    here = next((row for row in rows if row.source == booking.status), None)
    if here is None:
        elsewhere = any(row.who & parties for row in rows)
        return Verdict.WRONG_STATE if elsewhere else Verdict.WRONG_PERSON
    if not here.who & parties:
        return Verdict.WRONG_PERSON
    return Verdict.ALLOWED if here.guard(booking.starts_at, now) else Verdict.WRONG_TIME


def allowed_transitions(booking: Standing, viewer: Actor, now: datetime) -> list[str]:
    """List the states that `viewer` may give this booking now, in the order of the table."""
    here = [row.target for row in TRANSITIONS if row.source == booking.status]
    return [str(target) for target in here if judge(booking, viewer, target, now) == Verdict.ALLOWED]


def move_of(booking: Standing, actor: Actor, now: datetime) -> Transition | None:
    """Return the row by which somebody may give this booking another time now, None if they may not.

    Whoever is an administrator and one of the two people moves it as the latter. A place that is kept for somebody who
    waited for it is a place at that time and at no other.
    """
    if booking.offered:
        return None
    parties = booking.parties(actor)
    rows = (row for row in TRANSITIONS if row.by_moving and row.source == booking.status)
    return next((row for row in rows if row.who & parties and row.guard(booking.starts_at, now)), None)


def asker_after(move: Transition, booking: Standing, actor: Actor) -> str:
    """Return whose wish a moved booking is: whoever of its two people brings a pending one about, the other answers."""
    sides = {booking.student_id: Role.STUDENT, booking.teacher_id: Role.TEACHER}
    asks = move.target == BookingStatus.PENDING and actor.id in sides
    return str(sides[actor.id]) if asks else booking.requested_by

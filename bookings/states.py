"""The life of a booking as one table: from which state to which, by whom, when and how.

Every change goes through a row of it (`writes.change` takes the row), those by the clock and the waitlist too. Pages
and the API ask the same table what a user may do now, and others hear of a change by the name that its row has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from accounts.actors import Actor
from accounts.models import Role
from bookings.parties import Party, Standing, sides
from bookings.statuses import BookingStatus
from errors import Forbidden, WrongState
from events import EventType


class Means(StrEnum):
    """How a transition comes about."""

    NAMING = "the new status is asked for by name"
    MOVING = "the lesson gets another time"
    RELOCATING = "the lesson's session takes place elsewhere"
    TAKING = "the student takes the place that the waitlist keeps"
    AT_ONCE = "the student takes a time, and the gig confirms at once"
    ASKING = "another time is asked for"
    # The answers to that, in the words of the API.
    AGREEING = "accept"
    REFUSING = "decline"
    WITHDRAWING = "withdraw"
    LAPSING = "nobody has answered that in time"


Guard = Callable[[Standing, datetime], bool]


def before_start(booking: Standing, now: datetime) -> bool:
    """Allow it only before the lesson begins."""
    return now < booking.starts_at


def from_start(booking: Standing, now: datetime) -> bool:
    """Allow it only once the lesson has begun."""
    return now >= booking.starts_at


def at_any_time(_booking: Standing, _now: datetime) -> bool:
    """Allow it before the lesson, during it and afterwards."""
    return True


def overdue(booking: Standing, now: datetime) -> bool:
    """Allow it once the time for an answer is over: that of an offer, or the lesson's start."""
    return now >= (booking.offered_until or booking.starts_at)


def while_offered(booking: Standing, now: datetime) -> bool:
    """Allow it as long as the waitlist keeps the place."""
    return booking.offered_until is not None and now < booking.offered_until


def movable(booking: Standing, now: datetime) -> bool:
    """Allow it before the lesson, unless the waitlist keeps the place.

    What it keeps is a place at that time and at no other.
    """
    return before_start(booking, now) and booking.offered_until is None


def wish_open(booking: Standing, now: datetime) -> bool:
    """Allow it as long as another time is asked for, and neither time has come."""
    return booking.move_starts_at is not None and now < min(booking.starts_at, booking.move_starts_at)


def wish_over(booking: Standing, now: datetime) -> bool:
    """Allow it once another time is asked for in vain, because one of the two times has come."""
    return booking.move_starts_at is not None and now >= min(booking.starts_at, booking.move_starts_at)


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table."""

    source: BookingStatus
    target: BookingStatus
    who: frozenset[Party]
    guard: Guard
    event: EventType
    means: Means = Means.NAMING

    @property
    def is_about_wish(self) -> bool:
        """Tell whether it is about a time that is only asked for."""
        return self.means in (Means.ASKING, Means.REFUSING, Means.WITHDRAWING, Means.LAPSING)

    def is_open(self, booking: Standing, actor: Actor | None, now: datetime) -> bool:
        """Tell whether `actor` may go this way now."""
        return bool(self.who & booking.parties(actor)) and self.guard(booking, now)


def _row(
    source: BookingStatus,
    target: BookingStatus,
    who: Iterable[Party],
    guard: Guard,
    event: EventType,
    means: Means = Means.NAMING,
) -> Transition:
    return Transition(source, target, frozenset(who), guard, event, means)


_S, _P, _M, _E = BookingStatus, Party, Means, EventType

TRANSITIONS = (
    _row(_S.PENDING, _S.ACCEPTED, [_P.ASKED, _P.ADMIN], before_start, _E.BOOKING_ACCEPTED),
    _row(_S.PENDING, _S.REJECTED, [_P.ASKED, _P.HOLDER, _P.ADMIN], at_any_time, _E.BOOKING_DECLINED),
    _row(_S.PENDING, _S.CANCELLED, [_P.ASKER, _P.ADMIN], at_any_time, _E.BOOKING_CANCELLED),
    _row(_S.PENDING, _S.EXPIRED, [_P.CLOCK], overdue, _E.BOOKING_EXPIRED),
    _row(_S.PENDING, _S.PENDING, [_P.HOLDER], while_offered, _E.BOOKING_REQUESTED, _M.TAKING),
    _row(_S.PENDING, _S.PENDING, [_P.STUDENT, _P.TEACHER, _P.ADMIN], movable, _E.BOOKING_MOVED, _M.MOVING),
    _row(_S.PENDING, _S.ACCEPTED, [_P.HOLDER], while_offered, _E.BOOKING_BOOKED, _M.AT_ONCE),
    # The teacher's time is theirs to give, so the student asks, and keeps the old time until the answer.
    _row(_S.ACCEPTED, _S.ACCEPTED, [_P.STUDENT], movable, _E.BOOKING_MOVED, _M.AT_ONCE),
    _row(_S.ACCEPTED, _S.ACCEPTED, [_P.STUDENT], movable, _E.BOOKING_MOVE_ASKED, _M.ASKING),
    _row(_S.ACCEPTED, _S.ACCEPTED, [_P.TEACHER, _P.ADMIN], movable, _E.BOOKING_MOVED, _M.MOVING),
    _row(_S.ACCEPTED, _S.ACCEPTED, [_P.TEACHER, _P.ADMIN], before_start, _E.BOOKING_RELOCATED, _M.RELOCATING),
    _row(_S.ACCEPTED, _S.ACCEPTED, [_P.WISHED, _P.ADMIN], wish_open, _E.BOOKING_MOVE_ACCEPTED, _M.AGREEING),
    _row(_S.ACCEPTED, _S.ACCEPTED, [_P.WISHED, _P.ADMIN], wish_open, _E.BOOKING_MOVE_DECLINED, _M.REFUSING),
    _row(_S.ACCEPTED, _S.ACCEPTED, [_P.WISHER, _P.ADMIN], wish_open, _E.BOOKING_MOVE_WITHDRAWN, _M.WITHDRAWING),
    _row(_S.ACCEPTED, _S.ACCEPTED, [_P.CLOCK], wish_over, _E.BOOKING_MOVE_LAPSED, _M.LAPSING),
    _row(_S.ACCEPTED, _S.CANCELLED, [_P.STUDENT, _P.TEACHER, _P.ADMIN], before_start, _E.BOOKING_CANCELLED),
    _row(_S.ACCEPTED, _S.COMPLETED, [_P.TEACHER, _P.ADMIN], from_start, _E.BOOKING_COMPLETED),
    _row(_S.ACCEPTED, _S.NO_SHOW, [_P.TEACHER, _P.ADMIN], from_start, _E.BOOKING_NO_SHOW),
)

ANSWERS = (Means.AGREEING, Means.REFUSING, Means.WITHDRAWING)
# How a lesson gets another time, by whether its gig confirms at once.
WAYS_TO_MOVE = {True: (Means.MOVING, Means.AT_ONCE), False: (Means.MOVING, Means.ASKING)}

# What a row means for a place that the waitlist keeps, which nobody has asked for yet.
OF_AN_OFFER = {
    _E.BOOKING_DECLINED: _E.WAITLIST_DECLINED,
    _E.BOOKING_EXPIRED: _E.WAITLIST_EXPIRED,
    _E.BOOKING_CANCELLED: _E.WAITLIST_WITHDRAWN,
}
# What a new booking means, by who asks for it.
OF_A_NEW_BOOKING = {Role.STUDENT: _E.BOOKING_REQUESTED, Role.TEACHER: _E.BOOKING_PROPOSED}


class Verdict(StrEnum):
    """What the table says to a user who asks for a new state by name."""

    ALLOWED = "allowed"
    WRONG_PERSON = "never allowed to this person"
    WRONG_STATE = "not from this state"
    WRONG_TIME = "not at this time"


def judge(booking: Standing, actor: Actor, to: str, now: datetime) -> Verdict:
    """Say whether a user may change a booking's state to `to` now."""
    parties = booking.parties(actor)
    rows = [row for row in TRANSITIONS if row.target == to and row.means == Means.NAMING]
    here = next((row for row in rows if row.source == booking.status), None)
    if here is None:
        elsewhere = any(row.who & parties for row in rows)
        return Verdict.WRONG_STATE if elsewhere else Verdict.WRONG_PERSON
    if not here.who & parties:
        return Verdict.WRONG_PERSON
    return Verdict.ALLOWED if here.guard(booking, now) else Verdict.WRONG_TIME


def way(
    booking: Standing, actor: Actor | None, now: datetime, *means: Means, to: BookingStatus | None = None
) -> Transition | None:
    """Return the row by which `actor` may change a booking now by any of these means.

    None if there is none. An administrator who is also one of the two people acts as the latter, whose rows come first.
    """
    rows = (row for row in TRANSITIONS if row.source == booking.status and row.means in means)
    return next((row for row in rows if to in (None, row.target) and row.is_open(booking, actor, now)), None)


def allowed_transitions(booking: Standing, viewer: Actor, now: datetime) -> list[BookingStatus]:
    """List the states that `viewer` may give this booking by name now, in the order of the table."""
    rows = (row for row in TRANSITIONS if row.source == booking.status and row.means == Means.NAMING)
    return [row.target for row in rows if row.is_open(booking, viewer, now)]


def can_move(booking: Standing, viewer: Actor, now: datetime) -> bool:
    """Tell whether `viewer` may give this booking another time now."""
    return way(booking, viewer, now, Means.MOVING, Means.ASKING) is not None


def answers_open(booking: Standing, viewer: Actor, now: datetime) -> list[Means]:
    """List how `viewer` may answer the wish for another time now, none if there is no wish."""
    return [means for means in ANSWERS if way(booking, viewer, now, means)]


def way_to_answer(booking: Standing, actor: Actor, means: Means, now: datetime) -> Transition:
    """Return the row by which `actor` answers the wish for another time.

    Raises Forbidden if it is not theirs to answer, WrongState if there is no wish (any more).
    """
    if row := way(booking, actor, now, means):
        return row
    parties, rows = booking.parties(actor), [row for row in TRANSITIONS if row.means == means]
    if Party.FORMER_TEACHER in parties or (booking.move_asked_by and not any(row.who & parties for row in rows)):
        raise Forbidden("This change is not yours to make.")
    if booking.move_starts_at is None:
        raise WrongState("No other time is asked for.", current=booking.status)
    raise WrongState("It is too late to answer: one of the two times has come.", current=booking.status)


def asker_after(move: Transition, booking: Standing, actor: Actor) -> Role:
    """Return who asks for a moved booking.

    The one of its two people who moved it asks if it is pending now, and the other one answers.
    """
    people = sides(booking)
    asks = move.target == BookingStatus.PENDING and actor.id in people
    return people[actor.id] if asks else booking.requested_by


def wrong_state(booking: Standing, actor: Actor | None, now: datetime) -> WrongState:
    """Build the error that says how things stand, and what is possible instead."""
    allowed = [str(status) for status in allowed_transitions(booking, actor, now)] if actor else []
    time = "has begun" if booking.starts_at <= now else "has not begun yet"
    detail = (
        f"This booking is {booking.status}, and its lesson {time}. Possible now: {', '.join(allowed) or 'nothing'}."
    )
    return WrongState(detail, current=booking.status, allowed=allowed)

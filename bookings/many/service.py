"""The same change for several bookings: each is changed, or refused, for itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from accounts.actors import Actor
from bookings import records, service
from bookings.rules.agreement import StatusChange
from bookings.states import Verdict, judge
from bookings.statuses import ENDINGS, BookingStatus
from database import writing
from errors import Conflict, Forbidden, LecternError, NotFound

# What refuses one booking and says nothing about the others.
REFUSALS = (Conflict, Forbidden, NotFound)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyChanges:
    """One new status for several bookings, and why.

    `seen` is when those lessons began whose times the user saw.
    """

    ids: Sequence[int]
    step: StatusChange
    seen: Mapping[int, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one booking: changed, or else what was in its way."""

    booking_id: int
    error: LecternError | None = None


def change_all(wanted: ManyChanges, *, actor: Actor, now: datetime) -> list[Outcome]:
    """Give several bookings another status, and tell what became of each, in the order asked.

    Each has a transaction of its own, so what one is refused for undoes nothing of the others. An id that is named
    twice counts once. Asked a second time, what was changed already is refused and nothing happens twice.
    """
    return [
        _change(booking_id, replace(wanted.step, seen=wanted.seen.get(booking_id)), actor, now)
        for booking_id in dict.fromkeys(wanted.ids)
    ]


def end_all(ids: Sequence[int], reason: str, *, actor: Actor, now: datetime) -> list[Outcome]:
    """Cancel a teacher's lessons, and decline what was only asked for.

    It costs their students nothing, not even what a late move had left owing. Returns what became of each.
    """
    return [_end(booking_id, reason, actor, now) for booking_id in dict.fromkeys(ids)]


def _end(booking_id: int, reason: str, actor: Actor, now: datetime) -> Outcome:
    try:
        with writing() as session:
            booking = records.read(session, booking_id)
            possible = (to for to in ENDINGS if judge(booking, actor, to, now) == Verdict.ALLOWED)
            to = next(possible, BookingStatus.CANCELLED)
            service.change(session, booking, StatusChange(to=to, reason=reason, waive_fee=True), actor=actor, now=now)
    except REFUSALS as error:
        return Outcome(booking_id, error)
    return Outcome(booking_id)


def _change(booking_id: int, step: StatusChange, actor: Actor, now: datetime) -> Outcome:
    try:
        service.change_status(booking_id, step, actor=actor, now=now)
    except REFUSALS as error:
        return Outcome(booking_id, error)
    return Outcome(booking_id)

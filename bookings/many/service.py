"""The same change for several bookings: each is changed, or refused, for itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from accounts.actors import Actor
from bookings import service
from bookings.rules.agreement import StatusChange
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


def _change(booking_id: int, step: StatusChange, actor: Actor, now: datetime) -> Outcome:
    try:
        service.change_status(booking_id, step, actor=actor, now=now)
    except REFUSALS as error:
        return Outcome(booking_id, error)
    return Outcome(booking_id)

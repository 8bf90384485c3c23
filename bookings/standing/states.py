"""The life of a standing wish as one table: from which state to which, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bookings.standing.models import WishStatus


class Mover(StrEnum):
    """Who brings a wish into another state."""

    STUDENT = "the student"
    SWEEP = "a time that suits and is free"
    CLOCK = "the clock, or the teacher who leaves"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table."""

    source: WishStatus
    target: WishStatus
    who: Mover


_W = WishStatus

TRANSITIONS = (
    Transition(_W.WAITING, _W.OFFERED, Mover.SWEEP),
    Transition(_W.WAITING, _W.LEFT, Mover.STUDENT),
    Transition(_W.WAITING, _W.LAPSED, Mover.CLOCK),
)


def sources_of(target: WishStatus) -> list[WishStatus]:
    """List the states from which a wish can come into this one."""
    return [row.source for row in TRANSITIONS if row.target == target]

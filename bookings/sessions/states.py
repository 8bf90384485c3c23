"""The life of a session as one table: from which state to which, and when.

Its teacher and administrators go these ways. `service.py` asks the table, and so do the pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bookings.sessions.models import SessionStatus
from errors import WrongState
from events import EventType


class SessionStanding(Protocol):
    """What the table needs to know of a session."""

    @property
    def status(self) -> SessionStatus:
        """Return where it stands."""

    @property
    def starts_at(self) -> datetime:
        """Return when it begins."""


class Act(StrEnum):
    """What is done with a session."""

    CANCEL = "cancelled"
    HOLD = "held"
    MOVE = "moved"
    RESIZE = "given other places"
    RELOCATE = "given another location"


def before_start(session: SessionStanding, now: datetime) -> bool:
    """Allow it only before the session begins."""
    return now < session.starts_at


def from_start(session: SessionStanding, now: datetime) -> bool:
    """Allow it only once the session has begun."""
    return now >= session.starts_at


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table."""

    source: SessionStatus
    act: Act
    target: SessionStatus
    guard: Callable[[SessionStanding, datetime], bool]
    # What others hear of it. Who took part is said of each lesson, and places are nobody's news.
    event: EventType | None = None


_S, _E = SessionStatus, EventType

TRANSITIONS = (
    Transition(_S.SCHEDULED, Act.CANCEL, _S.CANCELLED, before_start, _E.SESSION_CANCELLED),
    Transition(_S.SCHEDULED, Act.HOLD, _S.HELD, from_start),
    Transition(_S.SCHEDULED, Act.MOVE, _S.SCHEDULED, before_start, _E.SESSION_MOVED),
    Transition(_S.SCHEDULED, Act.RESIZE, _S.SCHEDULED, before_start),
    Transition(_S.SCHEDULED, Act.RELOCATE, _S.SCHEDULED, before_start, _E.SESSION_RELOCATED),
)


def open_acts(session: SessionStanding, now: datetime) -> list[Act]:
    """List what can be done with a session now, in the order of the table."""
    return [row.act for row in TRANSITIONS if row.source == session.status and row.guard(session, now)]


def targets(acts: Iterable[Act]) -> list[SessionStatus]:
    """List the other statuses that these acts lead to."""
    return [row.target for act in acts for row in TRANSITIONS if row.act == act and row.target != row.source]


def way(session: SessionStanding, act: Act, now: datetime) -> Transition:
    """Return the row by which this is done.

    Raises WrongState if it cannot be done from the present state, or now.
    """
    rows = [row for row in TRANSITIONS if (row.source, row.act) == (session.status, act)]
    if rows and rows[0].guard(session, now):
        return rows[0]
    raise wrong_state(session, act, now)


def wrong_state(session: SessionStanding, act: Act, now: datetime) -> WrongState:
    """Build the error that says how things stand, and what is possible instead."""
    time = "has not begun yet" if before_start(session, now) else "has begun"
    detail = f"This session is {session.status} and {time}, so it cannot be {act}."
    allowed = [str(target) for target in targets(open_acts(session, now))]
    return WrongState(detail, current=session.status, allowed=allowed)

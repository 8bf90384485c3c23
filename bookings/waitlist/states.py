"""The life of a place in a waitlist as one table, and how an entry gets from one state into another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.orm import Session

import tags
from bookings.waitlist.models import EntryStatus, WaitlistEntry
from caching import invalidate


class Mover(StrEnum):
    """Who brings an entry into another state."""

    STUDENT = "the student"
    QUEUE = "a place that becomes free"
    TEACHER = "the teacher, who takes the place back"
    CLOCK = "the clock"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table."""

    source: EntryStatus
    target: EntryStatus
    who: Mover


_E = EntryStatus

TRANSITIONS = (
    Transition(_E.WAITING, _E.OFFERED, Mover.QUEUE),
    Transition(_E.WAITING, _E.LEFT, Mover.STUDENT),
    Transition(_E.WAITING, _E.LAPSED, Mover.CLOCK),
    Transition(_E.OFFERED, _E.ACCEPTED, Mover.STUDENT),
    Transition(_E.OFFERED, _E.DECLINED, Mover.STUDENT),
    Transition(_E.OFFERED, _E.EXPIRED, Mover.CLOCK),
    Transition(_E.OFFERED, _E.LAPSED, Mover.TEACHER),
)
OPEN = (_E.WAITING, _E.OFFERED)


def open_to_student(status: str) -> list[str]:
    """List the states that a student may give an entry."""
    return [str(row.target) for row in TRANSITIONS if row.source == status and row.who == Mover.STUDENT]


def change(
    session: Session, which: ColumnElement[bool], target: EntryStatus, now: datetime, **values: Any
) -> list[Row[Any]]:
    """Bring these entries into another state, as far as the table has a way there; return those that were changed."""
    sources = [row.source for row in TRANSITIONS if row.target == target]
    columns: list[Any] = [WaitlistEntry.id, WaitlistEntry.student_id, WaitlistEntry.teacher_id]
    # Of two who change the same entry the second one waits, and then finds it in another state.
    statement = select(*columns).where(which, WaitlistEntry.status.in_(sources)).order_by(WaitlistEntry.id)
    rows = list(session.execute(statement.with_for_update()))
    if rows:
        these = update(WaitlistEntry).where(WaitlistEntry.id.in_([row.id for row in rows]))
        session.execute(these.values(status=target, updated_at=now, **values))
    for row in rows:
        invalidate(tags.user_waitlist(row.student_id), tags.user_waitlist(row.teacher_id))
    return rows

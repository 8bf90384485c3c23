"""What changes of a booking are called, and who has still to see them.

What the other side has done is marked for a person until they open the lesson's page, say that they have seen it, or
act on the lesson. `writes.py` marks; the table says which change marks at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, delete, func, select
from sqlalchemy.orm import Session

import tags
from accounts.actors import Actor
from bookings.models import Booking, UnseenChange
from bookings.records import BookingRecord
from caching import invalidation_check
from database import change_in_bulk, insert_into
from events import EventType
from jsontext import JsonObject

invalidation_check.watch(UnseenChange, {tags.user_bookings: ("user_id",)})


@dataclass(frozen=True, slots=True)
class Change:
    """One row: the word for it in histories and marks, and whether the other side has to see it."""

    word: str
    marks: bool = False


_E = EventType

CHANGES: Mapping[EventType, Change] = MappingProxyType(
    {
        # What waits for an answer is shown as that.
        _E.BOOKING_REQUESTED: Change("requested"),
        _E.BOOKING_PROPOSED: Change("proposed"),
        _E.BOOKING_BOOKED: Change("booked", marks=True),
        _E.BOOKING_ACCEPTED: Change("accepted", marks=True),
        _E.BOOKING_DECLINED: Change("rejected", marks=True),
        _E.BOOKING_CANCELLED: Change("cancelled", marks=True),
        _E.BOOKING_MOVED: Change("moved", marks=True),
        _E.BOOKING_RELOCATED: Change("relocated", marks=True),
        _E.BOOKING_EXPIRED: Change("expired"),
        # Both were there.
        _E.BOOKING_COMPLETED: Change("completed"),
        _E.BOOKING_NO_SHOW: Change("no_show", marks=True),
        _E.BOOKING_MOVE_ASKED: Change("move_asked", marks=True),
        _E.BOOKING_MOVE_ACCEPTED: Change("move_accepted", marks=True),
        _E.BOOKING_MOVE_DECLINED: Change("move_declined", marks=True),
        _E.BOOKING_MOVE_WITHDRAWN: Change("move_withdrawn", marks=True),
        _E.BOOKING_MOVE_LAPSED: Change("move_lapsed"),
        _E.WAITLIST_OFFERED: Change("offered"),
        # The teacher never saw the offer as a lesson.
        _E.WAITLIST_DECLINED: Change("rejected"),
        _E.WAITLIST_EXPIRED: Change("expired"),
        _E.WAITLIST_WITHDRAWN: Change("cancelled", marks=True),
    }
)
WORDS = tuple(dict.fromkeys(change.word for change in CHANGES.values()))
# By these a lesson comes into being: those of a series got them together, and one look at it sees them all.
BEGINNINGS = ("accepted", "booked")
# These leave the agreed time as it is.
ABOUT_WISHES = ("move_asked", "move_declined", "move_withdrawn", "move_lapsed")


def mark(
    session: Session,
    booking: Booking | BookingRecord,
    type_: EventType,
    *,
    by: Actor | None,
    now: datetime,
    moved_from: datetime | None = None,
) -> None:
    """Mark a change for those of a booking's two people who have not made it.

    A user who acts on a lesson has seen it. What only the clock does marks nothing. The caller invalidates both lists.
    """
    people = {booking.student_id, booking.teacher_id}
    if by is None:
        return
    if by.id in people:
        clear(session, booking.id, by.id)
    if CHANGES[type_].marks and (others := people - {by.id}):
        _write(session, booking.id, others, word=CHANGES[type_].word, at=now, moved_from=moved_from)


def clear(session: Session, booking_id: int, user_id: int) -> None:
    """Forget what a person has seen by now.

    The caller invalidates their list.
    """
    seen = (UnseenChange.booking_id == booking_id, UnseenChange.user_id == user_id)
    change_in_bulk(session, delete(UnseenChange).where(*seen))


def see(session: Session, booking: BookingRecord, user_id: int) -> None:
    """Forget what a person sees on a lesson's page.

    That is what has changed about it, and that its series has come into being. The caller invalidates their list.
    """
    clear(session, booking.id, user_id)
    if booking.series_id is not None:
        others = select(Booking.id).where(Booking.series_id == booking.series_id)
        begun = (UnseenChange.user_id == user_id, UnseenChange.what.in_(BEGINNINGS))
        change_in_bulk(session, delete(UnseenChange).where(*begun, UnseenChange.booking_id.in_(others)))


def is_marked(session: Session, booking_id: int, user_id: int) -> bool:
    """Tell whether a person has something to see."""
    marked = select(UnseenChange.user_id).where(UnseenChange.booking_id == booking_id, UnseenChange.user_id == user_id)
    return session.scalar(marked) is not None


def show(row: Row[Any]) -> JsonObject | None:
    """Describe what the reader of a list has not seen yet."""
    if row.changed_what is None:
        return None
    shown = {"what": row.changed_what, "at": row.changed_at}
    return shown | {"from_starts_at": row.changed_from} if row.changed_from else shown


def _write(
    session: Session, booking_id: int, people: set[int], *, word: str, at: datetime, moved_from: datetime | None
) -> None:
    """Write marks over those that are there.

    The newest change counts, and the oldest time: it is the one that the person knows.
    """
    common = {"booking_id": booking_id, "what": word, "at": at, "from_starts_at": moved_from}
    statement = insert_into(UnseenChange, session.get_bind().dialect.name)
    statement = statement.values([common | {"user_id": person} for person in sorted(people)])
    new = statement.excluded
    known = func.coalesce(UnseenChange.from_starts_at, new.from_starts_at)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["booking_id", "user_id"],
            set_={"what": new.what, "at": new.at, "from_starts_at": known},
        )
    )

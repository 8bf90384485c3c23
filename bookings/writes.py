"""The one writer of bookings: rows, their history, what lists become old, what others hear of.

All that changes a booking comes here: people, the clock and the waitlist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import events
import tags
from accounts.actors import Actor
from accounts.dependents import taken_over
from bookings import records
from bookings.marks import CHANGES, mark
from bookings.models import Booking, BookingEvent, UnseenChange
from bookings.records import BookingRecord, Place
from bookings.states import OF_A_NEW_BOOKING, OF_AN_OFFER, Means, Transition, wrong_state
from bookings.statuses import AGREED, BookingStatus
from caching import invalidate
from database import change_in_bulk, changed_rows
from errors import SlotTaken
from events import EventType

# What the databases say, each in its own words, when two held times overlap or share a seat.
_OVERLAP_WORDS = (
    *("ex_held_times_", "uq_held_times_seat", "held times overlap", "held_times.seat"),
    # The same of the places and the starts of sessions.
    *("no such place in the session", "uq_sessions_start", "sessions.starts_at"),
)

# What was read and may have changed since: a change is made only if all of it is as it was.
_COMPARED = (
    *("status", "starts_at", "requested_by", "offered_until", "fee_since", "late_cancellation_percent"),
    "move_starts_at",
)

# The columns of the wish for another time. Every change ends a wish, unless it says what the wish is from now on.
_NO_WISH = dict.fromkeys(("move_starts_at", "move_ends_at", "move_seat", "move_asked_by", "move_asked_at"))

# What else has to follow a change, in its transaction: given the booking before it, and the new status.
Follower = Callable[[Session, BookingRecord, BookingStatus, datetime], None]
followers: list[Follower] = []


def new_booking(gig: Row[Any], student_id: int, place: Place, now: datetime) -> Booking:
    """Build a booking at a place, with the gig's present price and terms.

    They stay, whatever becomes of the gig later.
    """
    return Booking(
        gig_id=gig.id,
        student_id=student_id,
        teacher_id=gig.teacher_id,
        starts_at=place.starts_at,
        ends_at=place.ends_at,
        seat=place.seat,
        session_id=place.session_id,
        price_cents=gig.price_cents,
        currency=gig.currency,
        free_cancellation_hours=gig.free_cancellation_hours,
        late_cancellation_percent=gig.late_cancellation_percent,
        created_at=now,
        updated_at=now,
    )


def create(session: Session, *bookings: Booking, by: Actor | None, now: datetime, as_series: bool = False) -> int:
    """Insert new bookings of one student and one teacher, and return the first one's id.

    It is also the id of a series. `by` None is the waitlist, which offers a place. Raises SlotTaken.
    """
    session.add_all(bookings)
    with overlaps_refused():
        session.flush()
    first = bookings[0]
    if as_series:
        ids = [booking.id for booking in bookings]
        session.execute(update(Booking).where(Booking.id.in_(ids)).values(series_id=first.id))
    session.add_all(
        BookingEvent(
            booking_id=booking.id,
            actor_id=by.id if by else None,
            at=now,
            to_status=booking.status,
            what=CHANGES[_type_of_new(booking)].word,
        )
        for booking in bookings
    )
    for booking in bookings:
        type_ = _type_of_new(booking)
        facts = {"offered_until": booking.offered_until, "to_status": booking.status}
        _record(session, type_, booking, by=by, now=now, **facts)
        mark(session, booking, type_, by=by, now=now)
    _invalidate_lists(first)
    return first.id


def change(
    session: Session,
    booking: BookingRecord,
    row: Transition,
    *,
    by: Actor | None,
    now: datetime,
    reason: str = "",
    **columns: Any,
) -> None:
    """Change a booking that is still as it was read, by a `row` of the table of transitions.

    `columns` are what becomes new beside the status: a move's `starts_at`, a fee. `by` None is the clock. Raises
    WrongState if another request was faster, and SlotTaken if the database refuses the new time.
    """
    _compare_and_swap(session, booking, row, by=by, now=now, columns=columns)
    moved_to, other_time = columns.get("starts_at"), _time_spoken_of(booking, row, columns)
    type_ = OF_AN_OFFER.get(row.event, row.event) if booking.offered_until else row.event
    session.add(
        BookingEvent(
            booking_id=booking.id,
            actor_id=by.id if by else None,
            at=now,
            from_status=booking.status,
            to_status=row.target,
            what=CHANGES[type_].word,
            from_starts_at=booking.starts_at if other_time else None,
            to_starts_at=other_time,
            reason=reason,
        )
    )
    facts = {"reason": reason, "fee_cents": columns.get("cancellation_fee_cents"), "from_status": booking.status}
    times = _times_told(booking, moved_to, other_time)
    _record(session, type_, booking, by=by, now=now, to_status=row.target, **facts, **times)
    mark(session, booking, type_, by=by, now=now, moved_from=booking.starts_at if moved_to else None)
    _invalidate_lists(booking)
    for follow in followers:
        follow(session, booking, row.target, now)


def _compare_and_swap(
    session: Session,
    booking: BookingRecord,
    row: Transition,
    *,
    by: Actor | None,
    now: datetime,
    columns: Mapping[str, Any],
) -> None:
    """Write what becomes of a booking, if it is still as it was read."""
    same = [getattr(Booking, name).is_not_distinct_from(getattr(booking, name)) for name in _COMPARED]
    # Another place leaves the wish for another time as it is.
    wish = {} if row.means == Means.RELOCATING else _NO_WISH
    values = {"status": row.target, "offered_until": None, "updated_at": now, **wish, **columns}
    with overlaps_refused():
        if not changed_rows(session, update(Booking).where(Booking.id == booking.id, *same).values(values)):
            # The faster one has committed, so what they made of it decides now.
            raise wrong_state(records.read(session, booking.id), by, now)


def _time_spoken_of(booking: BookingRecord, row: Transition, columns: Mapping[str, Any]) -> datetime | None:
    """Return the new time, or the one that is asked for.

    None if it is about neither.
    """
    asked_for = columns.get("move_starts_at", booking.move_starts_at) if row.is_about_wish else None
    spoken_of: datetime | None = columns.get("starts_at", asked_for)
    return spoken_of


def _times_told(booking: BookingRecord, moved_to: datetime | None, other_time: datetime | None) -> dict[str, datetime]:
    """Say which times an event speaks of beside the lesson's own."""
    if moved_to:
        return {"from_starts_at": booking.starts_at, "starts_at": moved_to}
    return {"move_starts_at": other_time} if other_time else {}


def seat(session: Session, booking: BookingRecord, **columns: int) -> None:
    """Give a booking another seat at its time, or the session that it is in.

    It is no change for its people, so they hear of nothing. Raises SlotTaken.
    """
    with overlaps_refused():
        session.execute(update(Booking).where(Booking.id == booking.id).values(columns))
    _invalidate_lists(booking)


# What follows once an account has taken over lessons: given the write transaction and its id.
lessons_handed_over: list[Callable[[Session, int], None]] = []


def hand_over(session: Session, stand_in_id: int, account_id: int) -> None:
    """Make the bookings of a stand-in those of an account, with all that it has done about them.

    Raises SlotTaken if they overlap with the account's own.
    """
    theirs = Booking.student_id == stand_in_id
    bookings = [BookingRecord.of(row) for row in session.execute(select(*records.COLUMNS).where(theirs)).all()]
    if not bookings:
        return
    for booking in bookings:
        _invalidate_lists(booking)
    with overlaps_refused():
        change_in_bulk(session, update(Booking).where(theirs).values(student_id=account_id))
    done, unseen = BookingEvent.actor_id == stand_in_id, UnseenChange.user_id == stand_in_id
    change_in_bulk(session, update(BookingEvent).where(done).values(actor_id=account_id))
    change_in_bulk(session, update(UnseenChange).where(unseen).values(user_id=account_id))
    invalidate(tags.user_bookings(account_id))
    for follow in lessons_handed_over:
        follow(session, account_id)


taken_over.append(hand_over)


def note_seen(session: Session, booking: BookingRecord, now: datetime) -> None:
    """Note when the student has seen for the first time what was entered for them."""
    unseen = (Booking.id == booking.id, Booking.seen_at.is_(None))
    changed_rows(session, update(Booking).where(*unseen).values(seen_at=now))
    _invalidate_lists(booking)


def _type_of_new(booking: Booking) -> EventType:
    """Say what a new booking is to its people."""
    if booking.offered_until:
        return EventType.WAITLIST_OFFERED
    return EventType.BOOKING_BOOKED if booking.status in AGREED else OF_A_NEW_BOOKING[booking.requested_by]


def _record(
    session: Session,
    type_: EventType,
    booking: Booking | BookingRecord,
    *,
    by: Actor | None,
    now: datetime,
    **facts: object,
) -> None:
    """Say what has happened to a booking, and when it begins since then."""
    about = {name: getattr(booking, name) for name in ("student_id", "teacher_id", "starts_at")}
    if booking.session_id is not None:
        about["session_id"] = booking.session_id
    events.record(session, type_, at=now, actor_id=by.id if by else None, booking_id=booking.id, **about | facts)


def _invalidate_lists(booking: Booking | BookingRecord) -> None:
    """Invalidate both people's lists, the administrators', the free times and the sessions."""
    lists = (tags.user_bookings(booking.student_id), tags.user_bookings(booking.teacher_id), tags.all_bookings())
    invalidate(*lists, tags.teacher_slots(booking.teacher_id), tags.gig_sessions(booking.gig_id))


@contextmanager
def overlaps_refused() -> Iterator[None]:
    """Turn what the database's own rule refuses, although the checks let it through, into SlotTaken."""
    try:
        yield
    except IntegrityError as error:
        if any(words in str(error.orig) for words in _OVERLAP_WORDS):
            raise SlotTaken from error
        raise

"""Reads of bookings, the cached ones with their family, life time and tag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache as cache_forever
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Row, Select, bindparam, or_, select, tuple_
from sqlalchemy.orm import Session

import tags
from accounts.actors import Actor
from accounts.dependents import name_dependents
from accounts.models import User
from accounts.rights import runs_school
from bookings.messages.queries import unread_for
from bookings.models import Booking
from bookings.records import BookingRecord
from bookings.sessions.places import where_it_is
from bookings.shown import RECORD_COLUMNS, own_side, select_bookings, show_booking
from bookings.states import allowed_transitions
from bookings.statuses import AGREED, LEAVES_FEE
from caching import BoundRead, Tag, cache, invalidation_check, warming
from database import Id, Instant, reading
from errors import NotFound
from gigs.dependents import gig_dependents
from gigs.models import Confirmation, Gig
from gigs.narrowing import Words, narrowed_by
from jsontext import JsonObject
from web.pagination import Position, from_microseconds, microseconds, page

# Who is active can be told from these.
RECENT_BOOKINGS = 1000

NEWEST_FIRST, OLDEST_FIRST = "-starts_at", "starts_at"
ORDERS = (NEWEST_FIRST, OLDEST_FIRST)

invalidation_check.watch(
    Booking,
    {
        tags.user_bookings: ("student_id", "teacher_id"),
        tags.all_bookings: (),
        tags.teacher_slots: ("teacher_id",),
        tags.gig_sessions: ("gig_id",),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingsQuery(Words):
    """What a list can be narrowed to.

    Beside the words, any of `statuses` (sorted, none means all), and start ≤ starts_at < end.
    """

    statuses: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    order: str = NEWEST_FIRST
    limit: int = 20
    after: Position | None = None


# Invalidated by: every change of one of the person's bookings, and that they have seen one; the other one's name or
# leaving; a gig's title.
@cache.stamped("bookings", tag=tags.user_bookings, by="user_id", shape=2)
def bookings_page(connection: Connection, user_id: int, role: str, query: BookingsQuery) -> JsonObject:
    """List a person's own bookings, as teacher or as student."""
    return _page(connection, query, {own_side(role).key: user_id, "reader": user_id})


# Invalidated by: every change of a booking, of a name that stands in one, of a gig's title.
@cache.stamped("bookings", tag=tags.all_bookings, shape=2)
def all_bookings_page(connection: Connection, query: BookingsQuery) -> JsonObject:
    """List all bookings, for an administrator."""
    return _page(connection, query, {})


def list_for(user_id: int, role: str, query: BookingsQuery) -> BoundRead:
    """Name the list that a user with this role gets to see."""
    return all_bookings_page.at(query) if runs_school(role) else bookings_page.at(user_id, role, query)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingDetail:
    """One booking, read once: the record for the rules, and what lists and its own page show of it."""

    record: BookingRecord
    row: Row[Any]

    @property
    def confirms_at_once(self) -> bool:
        """Tell whether its gig does."""
        return bool(self.row.confirmation == Confirmation.INSTANT)

    def shown_to(self, viewer: Actor, now: datetime) -> JsonObject:
        """Describe the booking, with what `viewer` may do now."""
        shown = show_booking(self.row)
        shown |= {"requested_by": self.record.requested_by, "series_id": self.record.series_id}
        shown["allowed_transitions"] = allowed_transitions(self.record, viewer, now)
        shown["unread_messages"] = self.row.unread_messages
        if self.record.status in AGREED:
            shown["location"] = self.row.location
        if self.record.status in LEAVES_FEE:
            shown["cancellation_fee_cents"] = self.record.cancellation_fee_cents or 0
        return shown


def find_booking(booking_id: int, viewer: Actor) -> BookingDetail:
    """Read one booking, never from the cache.

    Raises NotFound if there is none, or if it is not visible to `viewer`.
    """
    more = (*RECORD_COLUMNS, where_it_is(), Gig.confirmation, unread_for(viewer.id))
    statement = select_bookings(*more, reader=viewer.id).where(Booking.id == booking_id)
    with reading() as connection:
        row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    record = BookingRecord.of(row)
    if not record.parties(viewer):
        raise NotFound
    return BookingDetail(record=record, row=row)


def booking_detail(booking_id: int, viewer: Actor, now: datetime) -> JsonObject:
    """Describe one booking to `viewer`, with what they may do now.

    Raises NotFound.
    """
    return find_booking(booking_id, viewer).shown_to(viewer, now)


@warming.strategy("most active people's bookings")
def _lists_of_most_active(limit: int) -> Iterator[BoundRead]:
    """Name the own lists, without filters, of the people with the most recent bookings."""
    recent = select(Booking.student_id, Booking.teacher_id).order_by(Booking.id.desc()).limit(RECENT_BOOKINGS)
    with reading() as connection:
        active = Counter(person_id for pair in connection.execute(recent) for person_id in pair)
        ids = [person_id for person_id, _ in active.most_common(limit)]
        people = connection.execute(select(User.id, User.role).where(User.id.in_(ids), User.active)).all()
    yield from (list_for(person.id, person.role, BookingsQuery()) for person in people)


@name_dependents.add
def _lists_with_person(session: Session, user_id: int) -> Iterable[Tag]:
    """Name the lists in which this person's name stands.

    Their own and those of everyone who shares a booking.
    """
    return _lists_with(session, or_(Booking.student_id == user_id, Booking.teacher_id == user_id))


@gig_dependents.add
def _lists_with_gig(session: Session, gig_id: int) -> Iterable[Tag]:
    """Name the lists in which this gig's title or location stands."""
    return _lists_with(session, Booking.gig_id == gig_id)


def _lists_with(session: Session, condition: ColumnElement[bool]) -> list[Tag]:
    pairs = session.execute(select(Booking.student_id, Booking.teacher_id).distinct().where(condition))
    lists = [tags.user_bookings(person_id) for person_id in {person_id for pair in pairs for person_id in pair}]
    return [*lists, tags.all_bookings()] if lists else []


def _page(connection: Connection, query: BookingsQuery, whose: dict[str, int]) -> JsonObject:
    given = {name: value for name in ("statuses", "start", "end") if (value := getattr(query, name))} | whose
    if query.after:
        given |= {"last_starts_at": from_microseconds(query.after[0]), "last_id": query.after[1]}
    found = _list_by(frozenset(given), query.order).where(*narrowed_by(connection, query, Booking, Booking.gig_id))
    return page(
        connection.execute(found, given | {"rows": query.limit + 1}).all(),
        limit=query.limit,
        order=query.order,
        position=lambda row: (microseconds(row.starts_at), row.id),
        show=show_booking,
    )


@cache_forever
def _list_by(given: frozenset[str], order: str) -> Select[Any]:
    """Build the statement of a list that is narrowed by these parameters.

    Bookings of equal start are ordered by id. It is built once for each combination: that takes longer than to run it.
    """
    newest_first = order == NEWEST_FIRST
    place = tuple_(Booking.starts_at, Booking.id)
    last = tuple_(bindparam("last_starts_at", type_=Instant), bindparam("last_id", type_=Id))
    conditions = {
        "student_id": Booking.student_id == bindparam("student_id"),
        "teacher_id": Booking.teacher_id == bindparam("teacher_id"),
        "statuses": Booking.status.in_(bindparam("statuses", expanding=True)),
        "start": Booking.starts_at >= bindparam("start"),
        "end": Booking.starts_at < bindparam("end"),
        "last_id": place < last if newest_first else place > last,
    }
    reader = bindparam("reader", type_=Id) if "reader" in given else None
    statement = select_bookings(reader=reader)
    statement = statement.where(*(condition for name, condition in conditions.items() if name in given))
    if newest_first:
        statement = statement.order_by(Booking.starts_at.desc(), Booking.id.desc())
    else:
        statement = statement.order_by(Booking.starts_at, Booking.id)
    return statement.limit(bindparam("rows", type_=Integer))

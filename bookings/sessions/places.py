"""Sessions of a gig, and how many of their places are taken: what booking needs to know."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, Integer, Row, Select, and_, func, null, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from bookings.models import Booking, HeldTime
from bookings.sessions.models import GroupSession, SessionStatus
from gigs.models import Gig
from jsontext import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """A session that is scheduled, with its places.

    Places are taken by bookings, and by those that are asked to be moved there.
    """

    id: int
    gig_id: int
    starts_at: datetime
    ends_at: datetime
    capacity: int
    taken: int

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        """Take what a row of `_places` has."""
        return cls(**row._mapping)

    @property
    def left(self) -> int:
        """Return how many places are free."""
        return max(0, self.capacity - self.taken)

    @property
    def duration_minutes(self) -> int:
        """Return how long it lasts, as gigs say it."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


def session_at(connection: Connection | Session, gig_id: int, starts_at: datetime) -> Places | None:
    """Return the session of a gig that begins at this instant.

    None if there is none.
    """
    rows = connection.execute(_places(None).where(GroupSession.gig_id == gig_id, GroupSession.starts_at == starts_at))
    row = rows.one_or_none()
    return Places.of(row) if row else None


def sessions_between(
    connection: Connection | Session, gig_id: int, start: datetime, end: datetime, *, without: int | None = None
) -> list[Places]:
    """List the sessions of a gig that begin in this half-open interval, in order.

    `without` is the id of a booking that is about to be moved: the places that it holds are free.
    """
    return sessions_of_gigs(connection, [gig_id], start, end, without=without)


def sessions_of_gigs(
    connection: Connection | Session,
    gig_ids: Collection[int],
    start: datetime,
    end: datetime,
    *,
    without: int | None = None,
) -> list[Places]:
    """List the same of several gigs at once."""
    within = (GroupSession.starts_at >= start, GroupSession.starts_at < end)
    rows = _places(without).where(GroupSession.gig_id.in_(gig_ids), *within).order_by(GroupSession.starts_at)
    return [Places.of(row) for row in connection.execute(rows)]


def gigs_with_places(connection: Connection, gig_ids: Collection[int], starts_at: datetime) -> dict[int, Places]:
    """Return the sessions of these gigs at this instant that have places left, by gig."""
    rows = _places(None).where(GroupSession.gig_id.in_(gig_ids), GroupSession.starts_at == starts_at)
    found = (Places.of(row) for row in connection.execute(rows))
    return {places.gig_id: places for places in found if places.left}


def sessions_of_teacher(connection: Connection, teacher_id: int, start: datetime, end: datetime) -> list[JsonObject]:
    """Describe a teacher's sessions that begin in this half-open interval, in order, empty or not."""
    rows = select_sessions_of(teacher_id, start, end).order_by(GroupSession.starts_at, GroupSession.id)
    return [show_session(row) for row in connection.execute(rows)]


def select_sessions_of(teacher_id: int, start: datetime, end: datetime) -> Select[Any]:
    """Select what `show_session` needs of these sessions."""
    within = (GroupSession.starts_at >= start, GroupSession.starts_at < end)
    rows = _places(None).add_columns(Gig.title).join(Gig, Gig.id == GroupSession.gig_id).group_by(Gig.title)
    return rows.where(GroupSession.teacher_id == teacher_id, *within)


def select_with_place() -> Select[Any]:
    """Select sessions with their gig's title, and where they take place."""
    names = ("id", "status", "starts_at", "ends_at", "capacity", "created_at", "updated_at")
    columns: list[Any] = [getattr(GroupSession, name) for name in names]
    place = func.coalesce(GroupSession.location, Gig.location).label("location")
    return select(*columns, Gig.title, place).join(Gig, Gig.id == GroupSession.gig_id)


def show_session(row: Row[Any]) -> JsonObject:
    """Describe a session among a teacher's lessons."""
    return {
        "id": row.id,
        "gig": {"id": row.gig_id, "title": row.title},
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "capacity": row.capacity,
        "taken": row.taken,
    }


def beside(lessons: Select[Any], sessions: Select[Any]) -> Select[Any]:
    """Select sessions in the columns of lessons, so that one statement reads both.

    What sessions have no column for is NULL.
    """
    own = sessions.subquery()
    columns: list[Any] = []
    for column in lessons.selected_columns:
        name = str(column.key)
        columns.append(own.c[name] if name in own.c else sql_cast(null(), column.type).label(name))
    return select(*columns)


def no_places(name: str) -> ColumnElement[int]:
    """Select NULL, beside a lesson, for a number that only sessions have."""
    return sql_cast(null(), Integer).label(name)


def taken_places(without: int | None = None) -> ColumnElement[int]:
    """Count, beside a session's row that is joined with `seats_of_session`, the places that are taken."""
    others = HeldTime.booking_id.is_distinct_from(without) if without is not None else None
    return func.count(HeldTime.seat) if others is None else func.count(HeldTime.seat).filter(others)


def seats_of_session() -> ColumnElement[bool]:
    """Return the condition that joins what is held with its session, by the index of seats."""
    same = and_(HeldTime.gig_id == GroupSession.gig_id, HeldTime.starts_at == GroupSession.starts_at)
    return and_(same, HeldTime.seat.is_not(None))


def where_it_is() -> ColumnElement[str]:
    """Select, beside a booking and its gig, where the lesson takes place.

    A session may have another location than its gig.
    """
    own = select(GroupSession.location).where(GroupSession.id == Booking.session_id).scalar_subquery()
    return func.coalesce(own, Gig.location).label("location")


def _places(without: int | None) -> Select[Any]:
    names = ("id", "gig_id", "starts_at", "ends_at", "capacity")
    columns: list[Any] = [getattr(GroupSession, name) for name in names]
    statement = select(*columns, taken_places(without).label("taken")).outerjoin(HeldTime, seats_of_session())
    return statement.where(GroupSession.status == SessionStatus.SCHEDULED).group_by(GroupSession.id)

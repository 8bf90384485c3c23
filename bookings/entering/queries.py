"""Reads of what waits for the owner of an address.

That something waits is cached, because each start page says so. What it is, is looked at once or twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Row, and_, select
from sqlalchemy.orm import Session

import tags
from accounts.dependents import name_dependents
from accounts.invitations.models import Invitation
from accounts.invitations.queries import Owner, account_of, owner_of
from accounts.models import User
from bookings.models import Booking, HeldTime
from bookings.shown import select_bookings
from bookings.statuses import ACTIVE
from caching import Tag, cache
from database import alias_of, reading
from jsontext import JsonObject

# So many lessons of one teacher are shown; the answer counts for all.
MOST_SHOWN = 100


# Invalidated by: being asked, the answer, what ends the question; the teacher's name.
@cache.stamped("invitations", ttl=600, tag=tags.user_bookings, by="user_id")
def asked_by(connection: Connection, user_id: int) -> JsonObject:
    """List the teachers about whose entered lessons a person is asked, the one who asked first on top."""
    asks = select(User.id, User.name).join(Invitation, Invitation.teacher_id == User.id)
    asks = asks.where(Invitation.asked_id == user_id, Invitation.declined_at.is_(None)).order_by(Invitation.user_id)
    return {"data": [{"id": row.id, "name": row.name} for row in connection.execute(asks)]}


@name_dependents.add
def _shows_teacher(session: Session, user_id: int) -> Iterable[Tag]:
    """Name the questions that show a teacher's name."""
    asked = (Invitation.teacher_id == user_id, Invitation.asked_id.is_not(None))
    found = session.scalars(select(Invitation.asked_id).where(*asked))
    return [tags.user_bookings(asked_id) for asked_id in found if asked_id]


def waiting_for(email: str) -> list[JsonObject]:
    """List what teachers have entered for an address whose owner has not answered, the oldest first.

    Each lesson says which of the account's own lessons it overlaps with, if it does.
    """
    waiting = select(Invitation.user_id, User.id, User.name, User.time_zone).join(
        User, User.id == Invitation.teacher_id
    )
    waiting = waiting.where(Invitation.email == email, Invitation.declined_at.is_(None)).order_by(Invitation.user_id)
    with reading() as connection:
        rows = connection.execute(waiting).all()
        account_id = account_of(connection, email) if rows else None
        return [
            {
                "id": row.user_id,
                "teacher": {"id": row.id, "name": row.name},
                "time_zone": row.time_zone,
                "lessons": _lessons(connection, row.user_id, account_id),
            }
            for row in rows
        ]


def owner_of_address(email: str) -> Owner:
    """Tell what the owner of an address can do about what waits for it."""
    with reading() as connection:
        return owner_of(connection, email)


def overlaps(connection: Connection | Session, stand_in_id: int, account_id: int) -> dict[int, int]:
    """Find the lessons of a stand-in that overlap with an account's own, each with one of those."""
    other = alias_of(HeldTime)
    meanwhile = and_(
        other.student_id == account_id, other.starts_at < HeldTime.ends_at, other.ends_at > HeldTime.starts_at
    )
    pairs = select(HeldTime.booking_id, other.booking_id).join(other, meanwhile)
    rows = connection.execute(pairs.where(HeldTime.student_id == stand_in_id)).all()
    return {booking_id: own_id for booking_id, own_id in rows if booking_id and own_id}


def _lessons(connection: Connection, stand_in_id: int, account_id: int | None) -> list[JsonObject]:
    theirs = select_bookings().where(Booking.student_id == stand_in_id, Booking.status.in_(ACTIVE))
    rows = connection.execute(theirs.order_by(Booking.starts_at, Booking.id).limit(MOST_SHOWN)).all()
    pairs = overlaps(connection, stand_in_id, account_id) if account_id else {}
    own = _own(connection, set(pairs.values()))
    return [_show(row) | {"overlaps_with": own[pairs[row.id]] if row.id in pairs else None} for row in rows]


def _own(connection: Connection, ids: Collection[int]) -> dict[int, JsonObject]:
    if not ids:
        return {}
    return {row.id: _show(row) for row in connection.execute(select_bookings().where(Booking.id.in_(ids)))}


def _show(row: Row[Any]) -> JsonObject:
    return {name: getattr(row, name) for name in ("id", "title", "status", "starts_at", "ends_at")}

"""Reads of messages, the cached ones with their family, life time and tag."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Label, Row, Select, func, or_, select
from sqlalchemy.orm import Session

import tags
from accounts.dependents import name_dependents
from accounts.models import User
from bookings.messages.models import Message
from bookings.models import Booking
from caching import Tag, cache, invalidation_check
from database import reading
from jsontext import JsonObject
from web.pagination import Position, page

NEWEST = "newest"

# Whether somebody has been told of a message shows nowhere.
invalidation_check.watch(Message, {tags.user_messages: ("author_id", "recipient_id")}, unseen=["told_at"])


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesQuery:
    """Which page of a talk, the newest messages first."""

    limit: int = 20
    after: Position | None = None


# Invalidated by: a new booking of this person. It is a read of its own, because a message makes no list of lessons
# old, and a new lesson no talk.
@cache.stamped("talk-people", tag=tags.user_bookings, by="user_id", kind="entity")
def talks(connection: Connection, user_id: int, booking_id: int) -> bool:
    """Tell whether this is one of the two people of a lesson, whatever their role is.

    Administrators are not: what two people write to each other is theirs.
    """
    theirs = or_(Booking.student_id == user_id, Booking.teacher_id == user_id)
    return connection.scalar(select(Booking.id).where(Booking.id == booking_id, theirs)) is not None


# Invalidated by: a new message from or to this person, reading one, the author's name.
@cache.stamped("messages", tag=tags.user_messages, by="user_id")
def messages_page(connection: Connection, user_id: int, booking_id: int, query: MessagesQuery) -> JsonObject:
    """List what the two people of a lesson wrote, as one of them reads it, the newest first.

    The caller finds out whether that is one of the two.
    """
    mine = or_(Message.author_id == user_id, Message.recipient_id == user_id)
    found = _messages().where(Message.booking_id == booking_id, mine)
    if query.after:
        found = found.where(Message.id < query.after[1])
    rows = connection.execute(found.order_by(Message.id.desc()).limit(query.limit + 1)).all()
    return page(
        rows, limit=query.limit, order=NEWEST, position=lambda row: (0, row.id), show=lambda row: _show(row, user_id)
    )


# Invalidated by: the same.
@cache.stamped("messages-unread", tag=tags.user_messages, by="user_id")
def unread_by_booking(connection: Connection, user_id: int) -> dict[str, int]:
    """Count the messages that somebody has not read yet, by the id of the lesson.

    Lists of lessons take their marks from here, so that they are no older and no longer than before.
    """
    unread = (Message.recipient_id == user_id, Message.read_at.is_(None))
    counts = select(Message.booking_id, func.count()).where(*unread).group_by(Message.booking_id)
    return {str(booking_id): number for booking_id, number in connection.execute(counts)}


def unread_for(user_id: int) -> Label[int]:
    """Count the same for the booking of each row of a statement, as its column `unread_messages`."""
    unread = (Message.recipient_id == user_id, Message.read_at.is_(None), Message.booking_id == Booking.id)
    return select(func.count()).where(*unread).correlate(Booking).scalar_subquery().label("unread_messages")


def message(message_id: int, user_id: int) -> JsonObject:
    """Show a message that was just written to its author.

    Not cached.
    """
    with reading() as connection:
        return _show(connection.execute(_messages().where(Message.id == message_id)).one(), user_id)


@name_dependents.add
def _talks_with(session: Session, user_id: int) -> Iterable[Tag]:
    """Name the talks in which this person's name stands: their own, and those of whom they wrote to."""
    recipients = session.scalars(select(Message.recipient_id).distinct().where(Message.author_id == user_id)).all()
    return map(tags.user_messages, {user_id, *recipients} if recipients else ())


def _messages() -> Select[Any]:
    own = [getattr(Message, name) for name in ("id", "author_id", "recipient_id", "text", "created_at", "read_at")]
    return select(*own, User.name).join(User, User.id == Message.author_id)


def _show(row: Row[Any], reader_id: int) -> JsonObject:
    return {
        "id": row.id,
        "text": row.text,
        "author": {"id": row.author_id, "name": row.name},
        "created_at": row.created_at,
        # Whether the other one has read it, is theirs to tell.
        "unread": row.recipient_id == reader_id and row.read_at is None,
    }

"""Changes of messages: writing one, reading, and telling of those that wait.

Each names the tags it makes old.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

import events
import tags
from accounts.dependents import taken_over
from accounts.models import User
from bookings import records
from bookings.messages.models import Message
from bookings.records import BookingRecord
from caching import invalidate
from database import change_in_bulk, writing
from errors import NotFound, WrongState
from events import EventType
from jobs.queue import enqueue

# The work that tells of messages which are not read after a while: what is written meanwhile is told with the first.
TELL = "messages.tell"
TALK = timedelta(minutes=10)


def write_message(booking_id: int, text: str, *, author_id: int, now: datetime) -> int:
    """Write to the other one of a lesson's two people, and return the message's id.

    Raises NotFound if the author is none of the two, WrongState if the other one has closed their account.
    """
    with writing() as session:
        recipient_id = _lock_reader(session, booking_id, author_id)
        message = Message(
            booking_id=booking_id, author_id=author_id, recipient_id=recipient_id, text=text, created_at=now
        )
        session.add(message)
        session.flush()
        _plan_telling(session, booking_id, recipient_id)
        invalidate(tags.user_messages(author_id), tags.user_messages(recipient_id))
        return message.id


def mark_read(booking_id: int, reader_id: int, *, up_to: int | None = None, now: datetime) -> None:
    """Mark what somebody got beside a lesson as read.

    With `up_to` the id of the newest message that they have seen, no newer ones. Raises NotFound if they are none of
    the lesson's two people.
    """
    with writing() as session:
        _other(records.read(session, booking_id), reader_id)
        unread = _unread(booking_id, reader_id)
        if up_to is not None:
            unread.append(Message.id <= up_to)
        change_in_bulk(session, update(Message).where(*unread).values(read_at=now))
        invalidate(tags.user_messages(reader_id))


def tell(booking_id: int, recipient_id: int, now: datetime) -> None:
    """Have somebody told of the messages that they have not read, each once.

    Those which were read meanwhile are no news.
    """
    with writing() as session:
        untold = (*_unread(booking_id, recipient_id), Message.told_at.is_(None))
        ids = session.scalars(select(Message.id).where(*untold).order_by(Message.id).with_for_update()).all()
        if not ids:
            return
        change_in_bulk(session, update(Message).where(Message.id.in_(ids)).values(told_at=now))
        booking = records.read(session, booking_id)
        about = {"booking_id": booking_id, "student_id": booking.student_id, "teacher_id": booking.teacher_id}
        author_id = _other(booking, recipient_id)
        events.record(session, EventType.MESSAGES_UNREAD, at=now, actor_id=author_id, message_ids=list(ids), **about)


def hand_over(session: Session, stand_in_id: int, account_id: int) -> None:
    """Make the messages of a stand-in those of an account, which is told of those that it has not read."""
    written, got = Message.author_id == stand_in_id, Message.recipient_id == stand_in_id
    people = session.execute(select(Message.author_id, Message.recipient_id).distinct().where(written | got)).all()
    if not people:
        return
    unread = select(Message.booking_id).distinct().where(got, Message.read_at.is_(None), Message.told_at.is_(None))
    waiting = session.scalars(unread).all()
    change_in_bulk(session, update(Message).where(written).values(author_id=account_id))
    change_in_bulk(session, update(Message).where(got).values(recipient_id=account_id))
    for booking_id in waiting:
        _plan_telling(session, booking_id, account_id)
    invalidate(*map(tags.user_messages, {account_id, *(person for pair in people for person in pair)}))


taken_over.append(hand_over)


def _lock_reader(session: Session, booking_id: int, author_id: int) -> int:
    """Find who will read what is written beside a lesson, and lock their account.

    Raises what `write_message` does.
    """
    while True:
        booking = records.read(session, booking_id)
        reader_id = _other(booking, author_id)
        reader = select(User.active).where(User.id == reader_id).with_for_update(read=True, key_share=True)
        if (active := session.scalar(reader)) is not None:
            break
        # Another account has taken over the lesson at this moment, and is its student from now on.
    if not active:
        raise WrongState("They have closed their account, so this would not be read.", current=booking.status)
    return reader_id


def _plan_telling(session: Session, booking_id: int, recipient_id: int) -> None:
    """Have the recipient told ten minutes after the first message that waits.

    The key lets there be one such job, and each message of the talk plans it for the same time.
    """
    untold = (*_unread(booking_id, recipient_id), Message.told_at.is_(None))
    first = session.execute(select(func.min(Message.created_at)).where(*untold)).scalar_one()
    arguments = {"booking_id": booking_id, "recipient_id": recipient_id}
    enqueue(session, TELL, arguments, run_at=first + TALK, key=f"{TELL} {booking_id} {recipient_id}")


def _other(booking: BookingRecord, person_id: int) -> int:
    """Return the other one of a lesson's two people.

    Raises NotFound for everybody else, administrators among them.
    """
    if person_id == booking.student_id:
        return booking.teacher_id
    if person_id == booking.teacher_id:
        return booking.student_id
    raise NotFound


def _unread(booking_id: int, recipient_id: int) -> list[ColumnElement[bool]]:
    return [Message.recipient_id == recipient_id, Message.booking_id == booking_id, Message.read_at.is_(None)]

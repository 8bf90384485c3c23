"""Read what there is to say of lessons, reviews and people, as they are when it is said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select
from sqlalchemy.orm import Session

from accounts.models import User
from bookings.messages.models import Message
from bookings.models import Booking
from bookings.sessions.models import GroupSession
from bookings.sessions.places import select_with_place, where_it_is
from bookings.shown import select_bookings
from bookings.statuses import BookingStatus
from mail.letters import Recipient
from notifications.telling.course_material import CourseMaterial, course_material
from notifications.telling.together import Together, is_of_session
from reviews.models import Review

_MORE = (Booking.requested_by, Booking.series_id, Booking.session_id, Booking.entered_at, where_it_is())


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Rows by id.

    `people` are those who have an active account.
    """

    lessons: dict[int, Row[Any]]
    reviews: dict[int, Row[Any]]
    # Only those that are still unread.
    messages: dict[int, Row[Any]]
    # Only those to which something happened, and not to lessons in them alone.
    sessions: dict[int, Row[Any]]
    people: dict[int, Row[Any]]
    courses: CourseMaterial


def about(session: Session | Connection, groups: Collection[Together]) -> Material:
    """Read what these events are about, in at most one statement for each table."""
    events = [event for group in groups for event in group.events]
    messages = {message for event in events for message in event.data.get("message_ids", ())}
    reviews = {event.data["review_id"] for event in events if "review_id" in event.data}
    acts = {event.data["session_id"] for event in events if is_of_session(event)}
    courses = [event for event in events if "booking_id" not in event.data and not is_of_session(event)]
    return Material(
        lessons=_lessons(session, {event.data["booking_id"] for event in events if "booking_id" in event.data}),
        reviews=_reviews(session, reviews) if reviews else {},
        messages=_unread_messages(session, messages) if messages else {},
        sessions=_sessions(session, acts) if acts else {},
        people=people(session, {person for group in groups for person in group.told}),
        courses=course_material(session, courses),
    )


def people(session: Session | Connection, ids: Collection[int]) -> dict[int, Row[Any]]:
    """Read who can be told something."""
    columns: list[Any] = [User.id, User.name, User.email, User.time_zone, User.email_confirmed_at]
    rows = session.execute(select(*columns).where(User.id.in_(ids), User.active))
    return {row.id: row for row in rows}


def agreed_lessons_at(session: Session | Connection, user_id: int, starts_at: datetime) -> list[Row[Any]]:
    """Read the lessons that somebody has at this time: one, or those of a group's students."""
    theirs = or_(Booking.student_id == user_id, Booking.teacher_id == user_id)
    at = (theirs, Booking.starts_at == starts_at, Booking.status == BookingStatus.ACCEPTED)
    return list(session.execute(select_bookings(*_MORE).where(*at).order_by(Booking.id)).all())


def recipient(person: Row[Any]) -> Recipient:
    """Say where mails to a person go, and in which zone they read times."""
    return Recipient(name=person.name, address=person.email, time_zone=person.time_zone, user_id=person.id)


def _lessons(session: Session | Connection, ids: Collection[int]) -> dict[int, Row[Any]]:
    rows = session.execute(select_bookings(*_MORE).where(Booking.id.in_(ids)))
    return {row.id: row for row in rows}


def _sessions(session: Session | Connection, ids: Collection[int]) -> dict[int, Row[Any]]:
    rows = session.execute(select_with_place().where(GroupSession.id.in_(ids)))
    return {row.id: row for row in rows}


def _reviews(session: Session | Connection, ids: Collection[int]) -> dict[int, Row[Any]]:
    columns: list[Any] = [Review.id, Review.rating, Review.comment, Review.reply]
    return {row.id: row for row in session.execute(select(*columns).where(Review.id.in_(ids)))}


def _unread_messages(session: Session | Connection, ids: Collection[int]) -> dict[int, Row[Any]]:
    unread = (Message.id.in_(ids), Message.read_at.is_(None))
    columns: list[Any] = [Message.id, Message.text]
    return {row.id: row for row in session.execute(select(*columns).where(*unread))}

"""The one mail about lessons that were entered one after the other for the same student."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bookings.models import Booking
from bookings.statuses import ACTIVE
from database import reading
from events import Event, EventType
from jsontext import JsonObject
from notifications.telling.letters import post_event


def mail_collected(arguments: JsonObject, now: datetime) -> None:
    """Send one mail about all that was collected, if anything of it is still news.

    A second call finds it sent, as with every mail about a notification.
    """
    if events := _still_news([Event.from_json(event) for event in arguments["events"]]):
        post_event(arguments["notification_id"], events, now)


def _still_news(events: list[Event]) -> list[Event]:
    """Leave out lessons that were called off meanwhile, and those that their owner has said yes to."""
    about = [event.data["booking_id"] for event in events]
    with reading() as connection:
        rows = connection.execute(
            select(Booking.id, Booking.student_id).where(Booking.id.in_(about), Booking.status.in_(ACTIVE))
        )
        student_of = {row.id: row.student_id for row in rows}
    return [
        event
        for event in events
        if (student := student_of.get(event.data["booking_id"]))
        and (event.type != EventType.LESSON_AWAITS_OWNER or student != event.data["student_id"])
    ]

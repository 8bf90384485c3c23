"""What stands on a lesson's page for its two people alone: their talk, and the notes that they share."""

from __future__ import annotations

from datetime import datetime

from accounts.actors import Actor
from bookings.messages import service
from bookings.messages.queries import MessagesQuery, messages_page
from bookings.records import BookingRecord
from caching import cache
from jsontext import JsonObject
from students.notes.queries import NotesQuery, notes_page
from web.pagination import Position

MESSAGES_SHOWN, NOTES_SHOWN = 30, 5


def between(booking: BookingRecord, reader: Actor, *, after: Position | None, now: datetime) -> JsonObject | None:
    """Return a page of the talk, the oldest message first, and the newest shared notes of the pair.

    What is new is marked as read by this, but still shown as new. None for everybody else, administrators among them.
    """
    if reader.id not in (booking.student_id, booking.teacher_id):
        return None
    query = NotesQuery(author_id=booking.teacher_id, shared=True, limit=NOTES_SHOWN)
    talk, notes = cache.look_up(
        messages_page.at(reader.id, booking.id, MessagesQuery(limit=MESSAGES_SHOWN, after=after)),
        notes_page.at(booking.student_id, query),
    )
    page = talk.answer().json()
    if any(message["unread"] for message in page["data"]):
        service.mark_read(booking.id, reader.id, up_to=page["data"][0]["id"], now=now)
    return {"messages": page["data"][::-1], "earlier": page["next_cursor"], "notes": notes.answer().json()["data"]}

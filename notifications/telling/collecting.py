"""Collect the mails about lessons that are entered one after the other for the same student.

The first one is sent at once. What follows within an hour is in one mail at its end. Each has its own row in the list
behind the bell, at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from events import EventType
from jobs.queue import enqueue, waiting
from jsontext import JsonObject
from notifications.telling.together import Together

MAIL_COLLECTED = "notifications.mail-collected"
COLLECTED_FOR = timedelta(hours=1)
# A lesson that begins so soon is not kept for a later mail.
SOON = timedelta(hours=3)
_ENTERED = (EventType.BOOKING_BOOKED, EventType.LESSON_AWAITS_OWNER)


def collector(group: Together, reader_id: int, *, entered: bool, starts_at: datetime) -> str | None:
    """Name what collects the mails of what happened to a student, None if it is mailed by itself."""
    if group.type not in _ENTERED or not entered or reader_id != group.fact("student_id"):
        return None
    if starts_at - group.first.at < SOON:
        return None
    return f"collected {group.type} {reader_id} {group.fact('teacher_id')} {group.first.actor_id}"


def is_collected(session: Session, key: str, arguments: JsonObject, now: datetime) -> bool:
    """Put a mail to those that are collected already, or begin to collect the ones that follow it."""
    before = waiting(session, key)
    if before is None:
        enqueue(session, MAIL_COLLECTED, {"events": []}, run_at=now + COLLECTED_FOR, key=key)
        return False
    # The first one of them names the mail.
    both = {**arguments, **before.arguments, "events": [*before.arguments["events"], *arguments["events"]]}
    enqueue(session, MAIL_COLLECTED, both, run_at=before.run_at, key=key)
    return True

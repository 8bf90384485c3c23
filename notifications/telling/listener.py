"""Have people told of what happens, in the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from events import Event
from jobs.queue import enqueue
from notifications.telling.rules import RULES

TELL, MAIL = "notifications.tell", "notifications.mail"


def hear(session: Session, happened: Sequence[Event]) -> None:
    """Ask for the work that finds out who is told: one statement, whatever happened."""
    told = [event for event in happened if event.type in RULES]
    if told:
        enqueue(session, TELL, {"events": told})

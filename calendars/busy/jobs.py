"""What is done with busy calendars every ten minutes."""

from __future__ import annotations

from datetime import datetime, timedelta

from calendars.busy.looks import EVERY, look_at_one, look_at_some
from calendars.busy.service import LOOK
from database import writing
from jobs.queue import enqueue
from jobs.registry import Handler, Periodic
from jsontext import JsonObject

# All looks of one turn are one job.
_TURN = "busy-calendars"


def look(arguments: JsonObject, now: datetime) -> None:
    """Look at one calendar, or else at those that are due.

    A second call finds what the first has written, and so writes nothing.
    """
    if calendar_id := arguments.get("calendar_id"):
        look_at_one(calendar_id, now)
    elif look_at_some(now):
        take_turn(now)


def take_turn(_now: datetime) -> None:
    """Ask for a look at all calendars that are due.

    It is a job, because periodic work has to end soon.
    """
    with writing() as session:
        enqueue(session, LOOK, {}, key=_TURN)


HANDLERS = (Handler(name=LOOK, run=look, attempts=3, limit=timedelta(minutes=10), apart=True),)
PERIODIC = (Periodic(name="calendars.busy-turn", every=EVERY, run=take_turn),)

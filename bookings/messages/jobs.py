"""What is done to tell people of messages."""

from __future__ import annotations

from datetime import datetime

from bookings.messages import service
from jobs.registry import Handler
from jsontext import JsonObject


def tell(arguments: JsonObject, now: datetime) -> None:
    """Have somebody told of what they have not read beside a lesson.

    What they were told of is noted in the same transaction, so that a second call finds nothing.
    """
    service.tell(arguments["booking_id"], arguments["recipient_id"], now)


HANDLERS = (Handler(name=service.TELL, run=tell),)

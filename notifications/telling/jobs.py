"""What is done to tell people something."""

from __future__ import annotations

from datetime import datetime

from events import Event
from jobs.registry import Handler
from jsontext import JsonObject
from mail.delivery import PATIENT_ATTEMPTS
from notifications.telling import service
from notifications.telling.collected import mail_collected
from notifications.telling.collecting import MAIL_COLLECTED
from notifications.telling.letters import post_event
from notifications.telling.listener import MAIL, TELL


def tell(arguments: JsonObject, now: datetime) -> None:
    """Tell people what happened.

    All of it is one transaction, and one key is one notification: a second call writes nothing.
    """
    service.tell([Event.from_json(event) for event in arguments["events"]], now)


def mail(arguments: JsonObject, now: datetime) -> None:
    """Send the mail about a notification.

    A second call finds it sent; killed between sending and noting, it sends the mail once more under the same name.
    """
    post_event(arguments["notification_id"], [Event.from_json(event) for event in arguments["events"]], now)


HANDLERS = (
    Handler(name=TELL, run=tell, attempts=PATIENT_ATTEMPTS),
    Handler(name=MAIL, run=mail, attempts=PATIENT_ATTEMPTS),
    Handler(name=MAIL_COLLECTED, run=mail_collected, attempts=PATIENT_ATTEMPTS),
)

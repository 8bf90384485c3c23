"""A webhook of the demo school, paused, with what was sent to it on the day before.

Its address ends in a domain that is kept for examples, so nothing is ever sent anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from accounts.actors import Actor
from database import writing
from demo.money import Find
from demo.people import ADMIN
from demo.rows import LessonKey, Steps
from events import EventType
from events.webhooks import signing
from events.webhooks.dispatch import message, new_delivery
from events.webhooks.models import DeliveryStatus, OffBecause, Webhook, WebhookDelivery
from jsontext import JsonObject, dumps
from web.settings import chosen

ADDRESS = "https://hooks.example.com/lectern"
TYPES = (EventType.BOOKING_ACCEPTED, EventType.BOOKING_CANCELLED, EventType.BOOKING_COMPLETED)
LESSON: LessonKey = ("leila.farahani", "piano", -16)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """One message, so many hours before today, and what came back."""

    type: EventType
    hours: float
    attempts: int = 1
    status: DeliveryStatus = DeliveryStatus.DELIVERED
    answer_status: int | None = 204
    milliseconds: int = 84
    error: str = ""


_SENT = (
    _Sent(type=EventType.BOOKING_ACCEPTED, hours=9),
    _Sent(type=EventType.BOOKING_COMPLETED, hours=6, attempts=2, milliseconds=131),
    _Sent(
        type=EventType.BOOKING_COMPLETED,
        hours=2,
        status=DeliveryStatus.WAITING,
        answer_status=503,
        milliseconds=2210,
        error="The receiver did not take the message.",
    ),
)


def steps(people: Mapping[str, Actor], find: Find, today: datetime) -> Steps:
    """Yield what happens on the day before, after the last of its messages."""
    yield today - timedelta(hours=1), lambda now: _add_webhook(people[ADMIN.key], find(LESSON).id, today, now)


def _add_webhook(owner: Actor, booking_id: int, today: datetime, now: datetime) -> None:
    salt, began = "d3m0" * 8, today - timedelta(hours=10)
    with writing() as session:
        webhook = Webhook(
            owner_id=owner.id,
            url=ADDRESS,
            description="Timetable on the school's website",
            types=dumps(sorted(TYPES)).decode(),
            off_because=OffBecause.PAUSED,
            salt=salt,
            secret_check=signing.check_of(salt, chosen().secret_key),
            position=0,
            created_at=began,
            updated_at=now,
        )
        session.add(webhook)
        session.flush()
        session.execute(insert(WebhookDelivery), list(_deliveries(webhook.id, booking_id, today)))


def _deliveries(webhook_id: int, booking_id: int, today: datetime) -> Iterator[JsonObject]:
    for number, sent in enumerate(_SENT, 1):
        at = today - timedelta(hours=sent.hours)
        waits = sent.status == DeliveryStatus.WAITING
        outcome: dict[str, Any] = {
            "status": sent.status,
            "attempts": sent.attempts,
            "next_at": at + timedelta(minutes=1) if waits else None,
            "attempted_at": at + timedelta(seconds=6 * sent.attempts),
            "milliseconds": sent.milliseconds,
            "answer_status": sent.answer_status,
            "error": sent.error,
        }
        said = message(f"{number:016x}", sent.type, at, {"booking_id": booking_id})
        yield new_delivery(webhook_id, said, at) | outcome

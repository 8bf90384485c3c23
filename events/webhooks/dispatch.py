"""Make deliveries of what stands in the log, once for each webhook that wants it.

Each webhook knows up to where of the log its deliveries are written. That moves in the transaction that writes them, so
none is left out and none is written twice, wherever a process ends. A webhook that is switched off stays where it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from database import in_batches, reading, writing
from events.log.models import LogEnd, LoggedEvent
from events.log.order import put_in_order
from events.webhooks.listener import DISPATCH
from events.webhooks.models import DeliveryStatus, Webhook, WebhookDelivery
from jobs.queue import enqueue
from jsontext import JsonObject, dumps, loads

SEND = "webhooks.send"
BATCH = 500

_NEW = select(LoggedEvent.id).where(LoggedEvent.position.is_(None)).limit(1)
_BEHIND = select(Webhook.id).where(
    Webhook.off_because.is_(None), Webhook.position < select(LogEnd.position).scalar_subquery()
)
_EVENTS = select(LoggedEvent).with_only_columns(*LoggedEvent.__table__.columns)


def dispatch(now: datetime) -> None:
    """Write the deliveries of all that is new in the log, and have what is due sent."""
    with reading() as connection:
        new, behind = connection.scalar(_NEW), connection.scalar(_BEHIND.limit(1))
    if new:
        put_in_order()
    if new or behind:
        in_batches(lambda session: _write_batch(session, now), size=BATCH)
    with writing() as session:
        send_soon(session)


def send_soon(session: Session) -> None:
    """Have what is due sent, by one process at a time."""
    enqueue(session, SEND, {}, key=SEND)


def dispatch_soon(session: Session) -> None:
    """Have the log looked into, and what is due sent."""
    enqueue(session, DISPATCH, {})


def message(event_id: str, type_: str, at: datetime, data: JsonObject, invalidates: Sequence[str] = ()) -> JsonObject:
    """Say an event as the log does, and when it was under the name that the specification gives it."""
    said = {"id": event_id, "type": type_, "timestamp": at, "occurred_at": at, "data": data}
    return said | {"invalidates": list(invalidates)}


def _write_batch(session: Session, now: datetime) -> int:
    """Write deliveries of up to 500 events, and return how many events they were."""
    # A second process sees, after waiting, what the first has written.
    on = select(Webhook).where(Webhook.off_because.is_(None)).order_by(Webhook.id).with_for_update()
    webhooks = session.scalars(on).all()
    end = session.scalar(select(LogEnd.position)) or 0
    begin = min((webhook.position for webhook in webhooks), default=end)
    if begin >= end:
        return 0
    found = session.execute(_EVENTS.where(LoggedEvent.position > begin).order_by(LoggedEvent.position).limit(BATCH))
    events = found.all()
    rows = [_row(event, webhook, now) for webhook in webhooks for event in _wanted(webhook, events)]
    if rows:
        session.connection().execute(insert(WebhookDelivery), rows)
    reached = events[-1].position if len(events) == BATCH else end
    for webhook in webhooks:
        webhook.position = max(webhook.position, reached)
    return len(events)


def _wanted(webhook: Webhook, events: Sequence[Row[Any]]) -> list[Row[Any]]:
    types = set(loads(webhook.types))
    return [event for event in events if event.position > webhook.position and (not types or event.type in types)]


def _row(event: Row[Any], webhook: Webhook, now: datetime) -> JsonObject:
    said = message(event.key, event.type, event.occurred_at, loads(event.data), loads(event.invalidates))
    return new_delivery(webhook.id, said, now)


def new_delivery(webhook_id: int, said: JsonObject, now: datetime) -> JsonObject:
    """Return the row of a delivery that is due at once."""
    return {
        "webhook_id": webhook_id,
        "event_id": said["id"],
        "type": said["type"],
        "payload": dumps(said).decode(),
        "status": DeliveryStatus.WAITING,
        "attempts": 0,
        "next_at": now,
        "answer": "",
        "error": "",
        "created_at": now,
    }

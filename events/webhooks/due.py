"""Find what is to be sent now, and when there is something to send next."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from events.webhooks import signing
from events.webhooks.attempts import Parcel
from events.webhooks.models import DeliveryStatus, Webhook, WebhookDelivery

TEST_TYPE = "webhook.test"
OTHER_KEY = "The server's SECRET_KEY was replaced, and this webhook's secret with it. Give the receiver a new secret."

_D = WebhookDelivery
_IS_WAITING, _IS_TEST = _D.status == DeliveryStatus.WAITING, _D.type == TEST_TYPE
_WEBHOOK = [getattr(Webhook, name) for name in ("id", "url", "salt", "secret_check", "old_salt", "old_until")]
_DELIVERY: list[Any] = [_D.id, _D.event_id, _D.type, _D.attempts, _D.payload]


def parcels(
    connection: Connection, busy: Collection[int], now: datetime, *, key: str, receivers: int, each: int
) -> dict[int, list[Parcel]]:
    """Return up to `each` messages for up to `receivers` webhooks that are not busy, the oldest first."""
    due = exists().where(_D.webhook_id == Webhook.id, *_due(now))
    free = select(*_WEBHOOK).where(Webhook.id.not_in(busy), due).order_by(Webhook.id).limit(receivers)
    found = {}
    for webhook in connection.execute(free).all():
        batch = select(*_DELIVERY).join(Webhook).where(_D.webhook_id == webhook.id, *_due(now)).order_by(_D.id)
        rows = connection.execute(batch.limit(each)).all()
        keys = tuple(signing.secrets_of(webhook, key, now))
        refusal = "" if signing.is_as_shown(webhook, key) else OTHER_KEY
        found[webhook.id] = [
            Parcel(
                delivery_id=row.id,
                webhook_id=webhook.id,
                event_id=row.event_id,
                is_test=row.type == TEST_TYPE,
                attempts=row.attempts,
                url=webhook.url,
                payload=row.payload,
                keys=keys,
                refusal=refusal,
            )
            for row in rows
        ]
    return found


def next_due(connection: Connection, now: datetime) -> datetime | None:
    """Return when the next attempt is due, None if nothing waits."""
    waiting = select(Webhook.resume_at, func.min(_D.next_at).label("at")).join(_D, _D.webhook_id == Webhook.id)
    waiting = waiting.where(_IS_WAITING, Webhook.off_because.is_(None)).group_by(Webhook.id, Webhook.resume_at)
    times = [max(row.at, row.resume_at or row.at, now) for row in connection.execute(waiting)]
    return min(times, default=None)


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Match what is to be sent now.

    A test is sent to a webhook that rests or is switched off, too.
    """
    goes_on = and_(Webhook.off_because.is_(None), or_(Webhook.resume_at.is_(None), Webhook.resume_at <= now))
    return _IS_WAITING, _D.next_at <= now, or_(goes_on, _IS_TEST)

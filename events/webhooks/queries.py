"""Reads of webhooks and their deliveries.

Few administrators ask for them, to see what has changed a moment ago, so they are not cached.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, select

from database import reading
from errors import NotFound
from events.webhooks.models import DeliveryStatus, Webhook, WebhookDelivery
from jsontext import JsonObject, loads
from web.pagination import Position, page

_WEBHOOK = ("id", "url", "description", "failing_since", "resume_at", "old_until", "created_at", "updated_at")
_DELIVERY = (
    *("id", "webhook_id", "event_id", "type", "status", "attempts", "next_at", "attempted_at", "milliseconds"),
    *("answer_status", "answer", "error", "created_at"),
)
_D = WebhookDelivery


@dataclass(frozen=True, slots=True)
class WebhooksQuery:
    """Which page of the webhooks."""

    limit: int
    after: Position | None = None


@dataclass(frozen=True, slots=True)
class DeliveriesQuery:
    """Which deliveries of a webhook: those that stand so, or all."""

    limit: int
    status: DeliveryStatus | None = None
    after: Position | None = None


def webhooks_page(query: WebhooksQuery) -> JsonObject:
    """List webhooks, the newest first."""
    rows = _newest(_webhooks(), Webhook.id, query.limit, query.after)
    return page(rows, limit=query.limit, order="newest", position=lambda row: (0, row.id), show=_show_webhook)


def webhook(webhook_id: int) -> JsonObject:
    """Show a webhook.

    Raises NotFound.
    """
    with reading() as connection:
        row = connection.execute(_webhooks().where(Webhook.id == webhook_id)).one_or_none()
    if row is None:
        raise NotFound
    return _show_webhook(row)


def deliveries_page(webhook_id: int, query: DeliveriesQuery) -> JsonObject:
    """List what was sent to a webhook, the newest first.

    Raises NotFound.
    """
    webhook(webhook_id)
    found = select(*(getattr(_D, name) for name in _DELIVERY)).where(_D.webhook_id == webhook_id)
    if query.status:
        found = found.where(_D.status == query.status)
    rows = _newest(found, _D.id, query.limit, query.after)
    return page(rows, limit=query.limit, order="newest", position=lambda row: (0, row.id), show=_show_delivery)


def delivery(delivery_id: int) -> JsonObject:
    """Show a delivery.

    Raises NotFound.
    """
    found = select(*(getattr(_D, name) for name in _DELIVERY)).where(_D.id == delivery_id)
    with reading() as connection:
        row = connection.execute(found).one_or_none()
    if row is None:
        raise NotFound
    return _show_delivery(row)


def _webhooks() -> Select[Any]:
    waiting = select(func.count()).where(_D.webhook_id == Webhook.id, _D.status == DeliveryStatus.WAITING)
    columns = [getattr(Webhook, name) for name in (*_WEBHOOK, "types", "off_because")]
    return select(*columns, waiting.scalar_subquery().label("waiting"))


def _newest(found: Select[Any], key: Any, limit: int, after: Position | None) -> list[Row[Any]]:
    if after:
        found = found.where(key < after[1])
    with reading() as connection:
        return list(connection.execute(found.order_by(key.desc()).limit(limit + 1)).all())


def _show_webhook(row: Row[Any]) -> JsonObject:
    shown = {name: getattr(row, name) for name in _WEBHOOK}
    state = {"active": row.off_because is None, "off_because": row.off_because, "waiting": row.waiting}
    return shown | state | {"types": loads(row.types)}


def _show_delivery(row: Row[Any]) -> JsonObject:
    return {name: getattr(row, name) for name in _DELIVERY}

"""What is true of every webhook, for operators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from events.log.models import LogEnd
from events.webhooks import signing
from events.webhooks.models import Webhook
from web.settings import chosen


def violations(connection: Connection) -> Iterator[str]:
    """Find webhooks that sign with another secret than they have shown, or are ahead of the log."""
    end, key = connection.scalar(select(LogEnd.position)) or 0, chosen().secret_key
    columns: list[Any] = [Webhook.id, Webhook.salt, Webhook.secret_check, Webhook.position]
    for row in connection.execute(select(*columns).order_by(Webhook.id)):
        if not signing.is_as_shown(row, key):
            yield f"Webhook {row.id} needs a new secret, because SECRET_KEY was replaced."
        if row.position > end:
            yield f"Webhook {row.id} is ahead of the log of events."

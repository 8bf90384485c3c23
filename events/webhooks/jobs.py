"""What no request waits for: deliveries of webhooks."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select

from database import change_in_bulk, reading, writing
from events.log.order import KEPT_FOR
from events.webhooks.dispatch import SEND, dispatch
from events.webhooks.listener import DISPATCH
from events.webhooks.models import Webhook, WebhookDelivery
from events.webhooks.sending import RUN_LIMIT, Sending
from jobs.registry import Handler, Periodic, current_registry
from jsontext import JsonObject
from web.settings import chosen


def make_deliveries(_arguments: JsonObject, now: datetime) -> None:
    """Write the deliveries of what is new in the log.

    A second call goes on where the first has stopped: each webhook's place in the log moves with its deliveries.
    """
    dispatch(now)


def send(_arguments: JsonObject, _now: datetime) -> None:
    """Send what is due.

    A second call finds noted what was sent, and sends what was not noted again, under the same id.
    """
    Sending(current_registry().now, chosen().secret_key).run()


def tidy_up(now: datetime) -> None:
    """Forget deliveries that are older than 30 days, and look for what was left behind."""
    with writing() as session:
        change_in_bulk(session, delete(WebhookDelivery).where(WebhookDelivery.created_at < now - KEPT_FOR))
    with reading() as connection:
        there_are_some = connection.scalar(select(exists().where(Webhook.off_because.is_(None))))
    if there_are_some:
        dispatch(now)


HANDLERS = (
    Handler(name=DISPATCH, run=make_deliveries),
    # To be interrupted is no failure of its own, and there is no last time for it.
    Handler(name=SEND, run=send, attempts=10_000, limit=RUN_LIMIT, apart=True),
)
PERIODIC = (Periodic(name="webhooks.tidy-up", every=timedelta(minutes=5), run=tidy_up),)

"""Write down what came of attempts, and what that says of their webhooks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

import events
from database import change_in_bulk, writing
from events.types import EventType
from events.webhooks import retries
from events.webhooks.attempts import GONE, Attempt
from events.webhooks.models import DeliveryStatus, OffBecause, Webhook, WebhookDelivery

_D = WebhookDelivery
_OUTCOMES = ("status", "attempts", "next_at", "attempted_at", "milliseconds", "answer_status", "answer", "error")
# Only what is still as it was when it was sent: it may have been sent anew meanwhile.
_SETTLE = (
    update(_D)
    .where(_D.id == bindparam("row_id"), _D.status == DeliveryStatus.WAITING, _D.attempts == bindparam("before"))
    .values({name: bindparam(f"new_{name}") for name in _OUTCOMES})
)


def settle(attempts: Sequence[Attempt]) -> None:
    """Write down what came of these attempts, in one transaction."""
    by_webhook: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        by_webhook[attempt.parcel.webhook_id].append(attempt)
    with writing() as session:
        theirs = select(Webhook).where(Webhook.id.in_(by_webhook)).order_by(Webhook.id).with_for_update()
        webhooks = {webhook.id: webhook for webhook in session.scalars(theirs)}
        # Those of a webhook that was deleted meanwhile are gone with it.
        rows = [_outcome(each) for webhook_id in webhooks for each in by_webhook[webhook_id]]
        if rows:
            session.connection().execute(_SETTLE, rows)
        for webhook_id, webhook in webhooks.items():
            for each in by_webhook[webhook_id]:
                if not each.parcel.is_test:
                    _learn(session, webhook, each)


def _outcome(attempt: Attempt) -> dict[str, Any]:
    number = attempt.parcel.attempts + 1
    # A test is for someone who looks at it now.
    pause = None if attempt.parcel.is_test else retries.pause_after(number)
    status, next_at = DeliveryStatus.FAILED, None
    if attempt.succeeded:
        status = DeliveryStatus.DELIVERED
    elif attempt.status != GONE and pause is not None:
        status, next_at = DeliveryStatus.WAITING, attempt.at + max(pause, attempt.asks_for)
    values = {
        "status": status,
        "attempts": number,
        "next_at": next_at,
        "attempted_at": attempt.at,
        "milliseconds": attempt.milliseconds,
        "answer_status": attempt.status,
        "answer": attempt.answer,
        "error": attempt.error,
    }
    known = {"row_id": attempt.parcel.delivery_id, "before": attempt.parcel.attempts}
    return known | {f"new_{name}": value for name, value in values.items()}


def _learn(session: Session, webhook: Webhook, attempt: Attempt) -> None:
    """Note what an attempt says of the receiver."""
    if attempt.succeeded:
        if webhook.failures >= retries.DOWN_AFTER:
            _send_all_that_waits(session, webhook.id, attempt.at)
        webhook.failures, webhook.failing_since, webhook.resume_at = 0, None, None
        return
    webhook.failures += 1
    webhook.failing_since = webhook.failing_since or attempt.at
    # What asks to be left alone is left alone by all that waits, not by this message only.
    rest = max(retries.rest_after(webhook.failures) or timedelta(), attempt.asks_for)
    webhook.resume_at = attempt.at + rest if rest else None
    if attempt.status == GONE:
        _switch_off(session, webhook, OffBecause.GONE, attempt)
    elif attempt.at - webhook.failing_since >= retries.GIVEN_UP_AFTER:
        _switch_off(session, webhook, OffBecause.FAILING, attempt)


def _send_all_that_waits(session: Session, webhook_id: int, now: datetime) -> None:
    """Let what has failed meanwhile follow at once: the receiver is there again."""
    later = (_D.webhook_id == webhook_id, _D.status == DeliveryStatus.WAITING, _D.next_at > now)
    change_in_bulk(session, update(_D).where(*later).values(next_at=now))


def _switch_off(session: Session, webhook: Webhook, why: OffBecause, attempt: Attempt) -> None:
    if webhook.off_because is not None:
        return
    webhook.off_because, webhook.updated_at = why, attempt.at
    events.record(
        session,
        EventType.WEBHOOK_STOPPED,
        at=attempt.at,
        actor_id=None,
        webhook_id=webhook.id,
        owner_id=webhook.owner_id,
        url=webhook.url,
        host=urlsplit(webhook.url).hostname,
        description=webhook.description,
        why=why,
        since=webhook.failing_since,
        error=attempt.error,
    )

"""Have what happens sent to webhooks, in the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from events.recording import Event
from events.types import FOR_PEOPLE_ALONE
from events.webhooks.models import Webhook
from jobs.queue import enqueue

DISPATCH = "webhooks.dispatch"
_ONE_IS_ON = select(Webhook.id).where(Webhook.off_because.is_(None)).limit(1)


def hear(session: Session, happened: Sequence[Event]) -> None:
    """Ask for the work that looks into the log, if there is a webhook.

    The job has no key: two changes at once would wait for each other to replace it.
    """
    if any(event.type not in FOR_PEOPLE_ALONE for event in happened) and session.connection().scalar(_ONE_IS_ON):
        enqueue(session, DISPATCH, {})

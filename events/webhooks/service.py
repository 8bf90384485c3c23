"""Writes of webhooks: given, changed, tested, deleted, and what is sent anew."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

import outgoing
from database import change_in_bulk, reading, writing
from errors import Invalid, NotFound, TooManyWebhooks
from events.log.models import LogEnd
from events.log.order import put_in_order
from events.types import EventType
from events.webhooks import signing
from events.webhooks.dispatch import dispatch_soon, message, new_delivery, send_soon
from events.webhooks.due import TEST_TYPE
from events.webhooks.models import DeliveryStatus, OffBecause, Webhook, WebhookDelivery
from jsontext import dumps

MOST_WEBHOOKS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebhook:
    """A webhook as it is given.

    Without types it gets all that happens.
    """

    url: str
    types: Sequence[EventType] = ()
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChanges:
    """What is changed.

    What is None stays as it is.
    """

    url: str | None = None
    types: Sequence[EventType] | None = None
    description: str | None = None
    active: bool | None = None


def create(new: NewWebhook, *, owner_id: int, key: str, now: datetime) -> tuple[int, str]:
    """Add a webhook for what happens from now on, and return its id and its secret.

    Raises Invalid for an address that nothing is sent to, and TooManyWebhooks.
    """
    _check(new.url)
    # What was committed before is no news for it.
    put_in_order()
    salt = signing.new_salt()
    with writing() as session:
        if (session.scalar(select(func.count()).select_from(Webhook)) or 0) >= MOST_WEBHOOKS:
            raise TooManyWebhooks
        webhook = Webhook(
            owner_id=owner_id,
            url=new.url,
            description=new.description,
            types=_types(new.types),
            salt=salt,
            secret_check=signing.check_of(salt, key),
            position=session.scalar(select(LogEnd.position)) or 0,
            created_at=now,
            updated_at=now,
        )
        session.add(webhook)
        session.flush()
        return webhook.id, signing.shown(salt, key)


def change(webhook_id: int, changes: WebhookChanges, *, now: datetime) -> None:
    """Change a webhook, pause it, or let it go on with what has happened meanwhile.

    Raises NotFound, and Invalid for an address that nothing is sent to.
    """
    if changes.url is not None:
        _check(changes.url)
    with writing() as session:
        webhook = _locked(session, webhook_id)
        if changes.url not in (None, webhook.url):
            webhook.url = changes.url or ""
            _begin_anew(webhook)
        if changes.types is not None:
            webhook.types = _types(changes.types)
        if changes.description is not None:
            webhook.description = changes.description
        if changes.active is True and webhook.off_because is not None:
            webhook.off_because = None
            _begin_anew(webhook)
        elif changes.active is False:
            webhook.off_because = webhook.off_because or OffBecause.PAUSED
        webhook.updated_at = now
        dispatch_soon(session)


def remove(webhook_id: int) -> None:
    """Delete a webhook with its deliveries.

    Raises NotFound.
    """
    with writing() as session:
        webhook = _locked(session, webhook_id)
        change_in_bulk(session, delete(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id))
        session.delete(webhook)


def rotate_secret(webhook_id: int, *, key: str, now: datetime) -> str:
    """Give a webhook a new secret and return it.

    For a day the one before signs, too. Raises NotFound.
    """
    salt = signing.new_salt()
    with writing() as session:
        webhook = _locked(session, webhook_id)
        webhook.old_salt, webhook.old_until = webhook.salt, now + signing.OLD_SECRET_FOR
        webhook.salt, webhook.secret_check = salt, signing.check_of(salt, key)
        webhook.updated_at = now
    return signing.shown(salt, key)


def secret_of(webhook_id: int, *, key: str) -> str:
    """Return a webhook's secret, to be shown right after it was made.

    Raises NotFound.
    """
    with reading() as connection:
        salt = connection.scalar(select(Webhook.salt).where(Webhook.id == webhook_id))
    if salt is None:
        raise NotFound
    return signing.shown(salt, key)


def send_test(webhook_id: int, *, now: datetime) -> int:
    """Send a message that says nothing, and return its delivery's id.

    A webhook that is switched off gets it, too. Raises NotFound.
    """
    with writing() as session:
        _locked(session, webhook_id)
        said = message(secrets.token_hex(8), TEST_TYPE, now, {"webhook_id": webhook_id})
        row = new_delivery(webhook_id, said, now)
        made = insert(WebhookDelivery).values(row).returning(WebhookDelivery.id)
        delivery_id: int = session.connection().execute(made).scalar_one()
        send_soon(session)
        return delivery_id


def replay(delivery_id: int, *, now: datetime) -> None:
    """Send a message again, under the same id.

    One to a webhook that is switched off waits until it goes on. Raises NotFound.
    """
    with writing() as session:
        webhook_id = session.scalar(select(WebhookDelivery.webhook_id).where(WebhookDelivery.id == delivery_id))
        # A receiver that rests is asked now, too.
        _locked(session, webhook_id or 0).resume_at = None
        delivery = session.get(WebhookDelivery, delivery_id, with_for_update=True)
        if delivery is None:
            raise NotFound
        if delivery.status != DeliveryStatus.WAITING:
            delivery.status, delivery.attempts = DeliveryStatus.WAITING, 0
        delivery.next_at = now
        send_soon(session)


def _check(url: str) -> None:
    try:
        outgoing.check(url)
    except outgoing.AddressRefused as error:
        raise Invalid({"url": [str(error)]}) from None


def _types(types: Sequence[EventType]) -> str:
    return dumps(sorted(set(types))).decode()


def _locked(session: Session, webhook_id: int) -> Webhook:
    webhook = session.get(Webhook, webhook_id, with_for_update=True)
    if webhook is None:
        raise NotFound
    return webhook


def _begin_anew(webhook: Webhook) -> None:
    """Forget how the receiver was: it is another one, or has been mended."""
    webhook.failures, webhook.failing_since, webhook.resume_at = 0, None, None

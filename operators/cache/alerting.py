"""Tell of alerts that are raised or over.

Administrators hear of them by mail, a program by a request to an address that the operator has chosen.

Each change is told once, whatever the number of machines: what is told is enqueued in the transaction that notes it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

import outgoing
from accounts.models import User
from accounts.rights import SETTERS
from caching.operations.alerts import RULES, Alert
from config.alerts import AlertWays
from database import reading
from hooks import Hook
from jobs.queue import enqueue
from jsontext import JsonObject, dumps
from mail.delivery import PATIENT_ATTEMPTS, send
from mail.letters import Letter, Recipient
from mail.links import link_to

MAIL, CALL = "cache.mail-alert", "cache.call-about-alert"
ATTEMPTS = PATIENT_ATTEMPTS

# By what the operator wants to be told.
ways: Hook[[], AlertWays] = Hook()


def tell(session: Session, alert: Alert, now: datetime) -> None:
    """Enqueue word of an alert that is raised or over."""
    told: JsonObject = {"alert": alert.name, "raised": alert.firing, "value": alert.value, "at": now.isoformat()}
    chosen = ways()
    if chosen.webhook:
        enqueue(session, CALL, told)
    if chosen.mail:
        to = (User.active, User.role.in_(SETTERS), User.email_confirmed_at.is_not(None))
        for user_id in session.scalars(select(User.id).where(*to).order_by(User.id)).all():
            enqueue(session, MAIL, {**told, "user_id": user_id})


def send_mail(arguments: JsonObject, now: datetime) -> None:
    """Mail an alert to one administrator.

    A second call finds the mail noted under its key.
    """
    with reading() as connection:
        columns = (User.name, User.email, User.time_zone)
        person = connection.execute(select(*columns).where(User.id == arguments["user_id"], User.active)).one_or_none()
    if person is None:
        return
    to = Recipient(name=person.name, address=person.email, time_zone=person.time_zone, user_id=arguments["user_id"])
    letter = Letter(
        key=f"cache-alert {arguments['alert']} {arguments['at']} {arguments['user_id']}",
        template="operators/cache_alert",
        to=to,
        facts={**_facts(arguments), "at": datetime.fromisoformat(arguments["at"])},
        link=link_to("cache_pages.show"),
    )
    send(letter, now=now)


def call(arguments: JsonObject, _now: datetime) -> None:
    """Send an alert to the operator's address.

    A second call sends the same under the same id, by which its receiver can tell. Raises what `outgoing` does, so
    that it is tried again later.
    """
    url = ways().webhook
    if not url:
        return
    facts = _facts(arguments)
    body = {"type": "cache.alert", **arguments, **facts, "text": f"Lectern: {facts['says']} {facts['state']}"}
    headers = {"Content-Type": "application/json", "webhook-id": f"{arguments['alert']} {arguments['at']}"}
    answer = outgoing.call(url, method="POST", headers=headers, body=dumps(body), most_bytes=4096)
    if not 200 <= answer.status < 300:
        raise outgoing.NoAnswer(f"The address for alerts has answered with status {answer.status}.")


def _facts(arguments: JsonObject) -> JsonObject:
    rule = next((rule for rule in RULES if rule.name == arguments["alert"]), None)
    return {
        "raised": arguments["raised"],
        "says": rule.says if rule else arguments["alert"],
        "state": "It is raised." if arguments["raised"] else "It is over.",
        "threshold": rule.threshold if rule else None,
        "value": arguments["value"],
        "name": arguments["alert"],
    }

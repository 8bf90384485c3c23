"""One mail each morning about what is new, for those who chose that instead of single mails.

A digest is about a stretch of time: from the end of the one before it to a minute before 7 o'clock, where its reader
lives. To move that end and to enqueue the mail is one transaction, so that no stretch is left out and none comes twice,
however many processes try, and wherever one of them is killed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, exists, func, select, update
from sqlalchemy.orm import Session

from accounts.models import User
from database import change_in_bulk, reading, writing
from jobs.queue import enqueue
from jsontext import JsonObject
from mail.delivery import send
from mail.letters import Letter, Recipient
from mail.links import link_to
from notifications import settings, unsubscribe
from notifications.models import Digest, Notification, NotificationSettings
from notifications.types import TYPES

SEND = "notifications.send-digest"
HOUR = time(7)
# A notification has the time at which its transaction began. One of the last minute may not be committed yet, so it
# waits for the next digest.
SETTLED = timedelta(minutes=1)
LISTED = 20
AT_ONCE = 200

_URGENT = [str(type_) for type_, facts in TYPES.items() if facts.urgent]


def send_due(now: datetime) -> None:
    """Enqueue the digests whose time has come, wherever that is."""
    for zone, end in _ends(now):
        while _enqueue_some(zone, end) == AT_ONCE:
            pass


def end_of_stretch(zone: str, now: datetime) -> datetime:
    """Return where the newest digest of a time zone ends that could be sent by now."""
    today = now.astimezone(ZoneInfo(zone)).date()
    seven = datetime.combine(today, HOUR, ZoneInfo(zone)).astimezone(UTC)
    if seven > now:
        seven = datetime.combine(today - timedelta(days=1), HOUR, ZoneInfo(zone)).astimezone(UTC)
    return seven - SETTLED


def _ends(now: datetime) -> Iterator[tuple[str, datetime]]:
    """Yield the time zones of all who get digests, each with where its newest one ends."""
    zones = select(User.time_zone).distinct().join(NotificationSettings, NotificationSettings.user_id == User.id)
    with reading() as connection:
        found = connection.scalars(zones.where(NotificationSettings.digest == Digest.DAILY)).all()
    yield from ((zone, end_of_stretch(zone, now)) for zone in found)


def _enqueue_some(zone: str, end: datetime) -> int:
    """Enqueue digests of one time zone, and return for how many people their stretch has moved on."""
    due = (
        select(NotificationSettings.user_id, NotificationSettings.last_digest_at)
        .join(User, User.id == NotificationSettings.user_id)
        .where(User.time_zone == zone, NotificationSettings.digest == Digest.DAILY)
        .where(NotificationSettings.last_digest_at < end)
        .order_by(NotificationSettings.user_id)
        .limit(AT_ONCE)
    )
    with writing() as session:
        # Locked, so that two processes that do this at once do not both enqueue.
        rows = session.execute(due.with_for_update(of=NotificationSettings, skip_locked=True)).all()
        for row in rows:
            _enqueue(session, row.user_id, row.last_digest_at, end)
        moved = update(NotificationSettings).where(NotificationSettings.user_id.in_([row.user_id for row in rows]))
        change_in_bulk(session, moved.values(last_digest_at=end))
        return len(rows)


def _enqueue(session: Session, user_id: int, since: datetime, end: datetime) -> None:
    if session.scalar(select(exists().where(*_new(user_id, since, end)))):
        arguments = {"user_id": user_id, "since": since.isoformat(), "until": end.isoformat()}
        enqueue(session, SEND, arguments, key=f"digest {user_id} {end.isoformat()}")


def send_digest(arguments: JsonObject, now: datetime) -> None:
    """Send a digest, if anything in it is unread still and it is wanted still.

    Called again it does nothing, because the mail has been noted under the same key.
    """
    user_id = arguments["user_id"]
    since, until = (datetime.fromisoformat(arguments[name]) for name in ("since", "until"))
    with reading() as connection:
        reader = _reader(connection, user_id)
        chosen = settings.of(connection, [user_id])[user_id]
        if reader is None or chosen.digest != Digest.DAILY:
            return
        wanted = [str(type_) for type_, is_wanted in chosen.mail.items() if is_wanted]
        number, told = _told(connection, wanted, user_id, since, until)
    if not number:
        return
    letter = Letter(
        key=f"digest {user_id} {arguments['until']}",
        template="notifications/digest",
        to=reader,
        facts={"number": number, "told": told},
        link=link_to("notification_pages.show", filter="unread"),
        unsubscribe=unsubscribe.address(user_id, None),
    )
    send(letter, now=now)


def _reader(connection: Connection, user_id: int) -> Recipient | None:
    query = select(User.name, User.email, User.time_zone).where(User.id == user_id, User.active)
    user = connection.execute(query).one_or_none()
    return user and Recipient(name=user.name, address=user.email, time_zone=user.time_zone, user_id=user_id)


def _told(
    connection: Connection, types: Sequence[str], user_id: int, since: datetime, until: datetime
) -> tuple[int, list[Row[Any]]]:
    """Return how many there are, and the newest of them."""
    of_digest = (*_new(user_id, since, until), Notification.type.in_(types))
    number = connection.scalar(select(func.count()).where(*of_digest)) or 0
    columns: list[Any] = [Notification.title, Notification.text]
    newest = select(*columns).where(*of_digest).order_by(Notification.id.desc()).limit(LISTED)
    return number, list(connection.execute(newest))


def _new(user_id: int, since: datetime, until: datetime) -> tuple[Any, ...]:
    """Match what is new and unread, without what was mailed by itself because it could not wait."""
    stretch = (Notification.created_at > since, Notification.created_at <= until)
    mine = (Notification.user_id == user_id, Notification.read_at.is_(None))
    return (*mine, *stretch, Notification.type.not_in(_URGENT))

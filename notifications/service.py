"""Changes of what people were told, and of what they want to be told.

Each names the tags it makes old.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

import tags
from caching import invalidate
from database import change_in_bulk, insert_into, writing
from errors import NotFound
from notifications.models import Digest, Notification, NotificationSettings
from notifications.reminders import plan
from notifications.settings import SettingsChanges
from notifications.types import TYPES, NotificationType

# What was read is of little use after a season, and what nobody has read in a year will not be.
READ_KEPT_FOR, KEPT_FOR = timedelta(days=90), timedelta(days=365)
FORGOTTEN_AT_ONCE = 1000


def mark_read(notification_id: int, user_id: int, *, now: datetime) -> str:
    """Mark one of a person's own notifications as read, and return the path that it leads to.

    What has been read stays as it is. Raises NotFound.
    """
    with writing() as session:
        found = session.get(Notification, notification_id, with_for_update=True)
        if found is None or found.user_id != user_id:
            raise NotFound
        if found.read_at is None:
            found.read_at = now
            invalidate(tags.user_notifications(user_id))
        return found.path


def mark_all_read(user_id: int, *, up_to: int | None = None, now: datetime) -> None:
    """Mark all of a person's notifications as read.

    With `up_to` the id of the newest one that they have seen, no newer ones.
    """
    unread = [Notification.user_id == user_id, Notification.read_at.is_(None)]
    if up_to is not None:
        unread.append(Notification.id <= up_to)
    with writing() as session:
        change_in_bulk(session, update(Notification).where(*unread).values(read_at=now))
        invalidate(tags.user_notifications(user_id))


def change_settings(user_id: int, changes: SettingsChanges, *, now: datetime) -> None:
    """Change what somebody wants to be told.

    No cached read shows it.
    """
    with writing() as session:
        row = _locked_settings(session, user_id, now)
        # A new object, because the ORM does not look into this one.
        row.mail = row.mail | {str(type_): wanted for type_, wanted in changes.mail.items()}
        if changes.reminders_minutes is not None:
            row.reminders_minutes = sorted(changes.reminders_minutes, reverse=True)
            plan.settings_changed(session, user_id)
        if changes.digest is not None and changes.digest != row.digest:
            row.digest = changes.digest
            # What was told before has been mailed by itself.
            row.last_digest_at = now


def turn_mails_off(user_id: int, type_: NotificationType, *, now: datetime) -> None:
    """Send somebody no mails of this type any more."""
    change_settings(user_id, SettingsChanges(mail={type_: False}), now=now)


def turn_digest_off(user_id: int, *, now: datetime) -> None:
    """Send somebody neither digests any more nor single mails about what would have been in them."""
    collected = {type_: False for type_, facts in TYPES.items() if not facts.urgent and facts.optional}
    change_settings(user_id, SettingsChanges(mail=collected, digest=Digest.NONE), now=now)


def forget_old(now: datetime) -> None:
    """Delete what was read long ago, and what is very old."""
    read = and_(Notification.read_at.is_not(None), Notification.created_at < now - READ_KEPT_FOR)
    old = or_(read, Notification.created_at < now - KEPT_FOR)
    while _forget_some(old) == FORGOTTEN_AT_ONCE:
        pass


def _forget_some(old: ColumnElement[bool]) -> int:
    with writing() as session:
        columns = (Notification.id, Notification.user_id)
        rows = session.execute(select(*columns).where(old).limit(FORGOTTEN_AT_ONCE)).all()
        if rows:
            change_in_bulk(session, delete(Notification).where(Notification.id.in_([row.id for row in rows])))
            invalidate(*{tags.user_notifications(row.user_id) for row in rows})
        return len(rows)


def _locked_settings(session: Session, user_id: int, now: datetime) -> NotificationSettings:
    """Return somebody's row, locked for changes.

    Who had none has one now.
    """
    none_yet = {"user_id": user_id, "mail": {}, "digest": Digest.NONE, "last_digest_at": now}
    insert = insert_into(NotificationSettings, session.get_bind().dialect.name).values(none_yet)
    session.execute(insert.on_conflict_do_nothing(index_elements=[NotificationSettings.user_id]))
    return session.get_one(NotificationSettings, user_id, with_for_update=True)

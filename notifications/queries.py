"""Reads of notifications.

Every cached one names its family, its life time and the tag that makes it old.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

import tags
from caching import cache, invalidation_check
from database import reading
from errors import NotFound
from jsontext import JsonObject
from notifications import settings
from notifications.models import Notification
from web.pagination import Position, page

invalidation_check.watch(Notification, {tags.user_notifications: ("user_id",)})

NEWEST = "newest"


class Filter(StrEnum):
    """Which of one's own notifications."""

    ALL = "all"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationsQuery:
    """What one's own list can be narrowed to."""

    filter: Filter = Filter.ALL
    limit: int = 20
    after: Position | None = None


# Invalidated by: a new notification, marking as read, tidying up.
@cache.stamped("notifications", tag=tags.user_notifications, by="user_id")
def notifications_page(connection: Connection, user_id: int, query: NotificationsQuery) -> JsonObject:
    """List what somebody was told, the newest first."""
    found = _notifications().where(Notification.user_id == user_id)
    if query.filter == Filter.UNREAD:
        found = found.where(Notification.read_at.is_(None))
    if query.after:
        found = found.where(Notification.id < query.after[1])
    rows = connection.execute(found.order_by(Notification.id.desc()).limit(query.limit + 1)).all()
    return page(rows, limit=query.limit, order=NEWEST, position=lambda row: (0, row.id), show=_show)


# Invalidated by: the same.
@cache.stamped("notifications-unread", tag=tags.user_notifications, by="user_id")
def unread_count(connection: Connection, user_id: int) -> JsonObject:
    """Count what somebody has not read yet: the number beside the bell."""
    unread = (Notification.user_id == user_id, Notification.read_at.is_(None))
    return {"unread": connection.scalar(select(func.count()).where(*unread)) or 0}


def notification(notification_id: int, user_id: int) -> JsonObject:
    """Show one of a person's own notifications.

    It is not cached. Raises NotFound.
    """
    mine = (Notification.id == notification_id, Notification.user_id == user_id)
    with reading() as connection:
        row = connection.execute(_notifications().where(*mine)).one_or_none()
    if row is None:
        raise NotFound
    return _show(row)


def settings_of(user_id: int) -> JsonObject:
    """Show what somebody wants to be told, and how.

    It is not cached.
    """
    with reading() as connection:
        chosen = settings.of(connection, [user_id])[user_id]
    return {
        "mail": {str(type_): wanted for type_, wanted in chosen.mail.items()},
        "reminders_minutes": list(chosen.reminders_minutes),
        "digest": chosen.digest,
    }


def _notifications() -> Select[Any]:
    shown = ("id", "type", "title", "text", "path", "created_at", "read_at")
    return select(*(getattr(Notification, name) for name in shown))


def _show(row: Row[Any]) -> JsonObject:
    return {
        "id": row.id,
        "type": row.type,
        "title": row.title,
        "text": row.text,
        # A path, so that it is right under each name that this Lectern answers to.
        "link": row.path,
        "created_at": row.created_at,
        "read_at": row.read_at,
    }

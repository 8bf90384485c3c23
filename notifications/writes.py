"""The writer of notifications: rows and their invalidation."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import update
from sqlalchemy.orm import Session

import tags
from accounts.dependents import taken_over
from caching import invalidate
from database import change_in_bulk, insert_into
from notifications.models import LONGEST_TEXT, LONGEST_TITLE, NewNotification, Notification


def add(session: Session, user_id: int, told: NewNotification, *, now: datetime) -> int | None:
    """Tell somebody something, once: return the notification's id, or None if its key is there already.

    A title or a text that is too long is cut.
    """
    row = {
        "user_id": user_id,
        "key": told.key,
        "type": told.type,
        "title": _cut(told.title, LONGEST_TITLE),
        "text": _cut(told.text, LONGEST_TEXT),
        "path": told.path,
        "created_at": now,
    }
    insert = insert_into(Notification, session.get_bind().dialect.name).values(row)
    once = insert.on_conflict_do_nothing(index_elements=[Notification.user_id, Notification.key])
    added = cast("int | None", session.scalar(once.returning(Notification.id)))
    invalidate(tags.user_notifications(user_id))
    return added


def hand_over(session: Session, stand_in_id: int, account_id: int) -> None:
    """Tell an account what a stand-in was told."""
    told = Notification.user_id == stand_in_id
    change_in_bulk(session, update(Notification).where(told).values(user_id=account_id))
    invalidate(tags.user_notifications(stand_in_id), tags.user_notifications(account_id))


taken_over.append(hand_over)


def _cut(text: str, at_most: int) -> str:
    return text if len(text) <= at_most else f"{text[: at_most - 1]}…"

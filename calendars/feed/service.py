"""Opening and closing the feed of a person's calendar."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

import tags
from accounts.dependents import ended_by_new_password
from accounts.models import User
from caching import invalidate
from calendars.feed import tokens
from calendars.models import CalendarToken
from database import writing
from errors import NotFound


def open_feed(user_id: int, now: datetime) -> str:
    """Give a person's feed a new token and return it: it cannot be read again.

    One that they had before is void.
    """
    token = tokens.new_token(user_id)
    with writing() as session:
        _lock(session, user_id)
        stored = session.get(CalendarToken, user_id) or CalendarToken(user_id=user_id)
        stored.digest, stored.created_at = tokens.digest(token), now
        session.add(stored)
        invalidate(tags.viewer(user_id))
    return token


def close_feed(user_id: int) -> None:
    """Let a person's token open nothing any more.

    Whether they have one does not matter.
    """
    with writing() as session:
        _lock(session, user_id)
        _end(session, user_id)


def _end(session: Session, user_id: int) -> None:
    stored = session.get(CalendarToken, user_id)
    if stored is not None:
        session.delete(stored)
        invalidate(tags.viewer(user_id))


# Who has got at an account may have opened the feed.
ended_by_new_password.append(_end)


def _lock(session: Session, user_id: int) -> None:
    """Let one change of a person's feed follow the other."""
    person = select(User.id).where(User.id == user_id, User.active)
    if session.scalar(person.with_for_update()) is None:
        raise NotFound

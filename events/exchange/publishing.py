"""Publish what is new in the log, in its order, and note how far the broker has confirmed it.

One process at a time does it, under the lease of periodic work. What was confirmed and could not be noted any more is
published again, with the same id.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select, update

from database import change_in_bulk, insert_into, reading, writing
from events.exchange.models import PublishedUntil
from events.exchange.outlet import BrokerAway, connected, send
from events.log.models import LogEnd, LoggedEvent
from events.log.order import put_in_order
from events.log.queries import EventsQuery, positioned_events
from jsontext import JsonObject
from web.settings import chosen

BATCH = 500

logger = logging.getLogger(__name__)
_away = threading.Event()


def is_to_be_published(connection: Connection) -> bool:
    """Tell whether the log has events that the broker has not confirmed."""
    if chosen().events_url is None:
        return False
    until = select(PublishedUntil.position).scalar_subquery()
    new = select(LoggedEvent.id).where(or_(LoggedEvent.position.is_(None), LoggedEvent.position > until))
    return connection.scalar(new.limit(1)) is not None


def publish(_now: datetime) -> None:
    """Publish all that is new, if there is an exchange.

    While the broker is away nothing is lost, and the log of the server says so once.
    """
    address = chosen().events_url
    if address is None:
        return
    position = _published_until()
    put_in_order()
    try:
        _publish_after(position, address)
    except BrokerAway as error:
        if not _away.is_set():
            _away.set()
            logger.warning("The exchange for events cannot be used; they wait in the log. %s", error)
    else:
        if _away.is_set():
            _away.clear()
            logger.warning("The exchange for events is back; what waited has been published.")


def _publish_after(position: int, address: str) -> None:
    events = positioned_events(EventsQuery(since=position, limit=BATCH))
    if not events:
        return
    with connected(address) as producer:
        while events:
            position = _hand_over(producer, events, position)
            events = positioned_events(EventsQuery(since=position, limit=BATCH))


def _hand_over(producer: Any, events: list[tuple[int, JsonObject]], position: int) -> int:
    """Publish events and return the position of the last.

    How far it came is noted in any case.
    """
    start = position
    try:
        for position_of_one, event in events:
            send(producer, event)
            position = position_of_one
    finally:
        _note(start, position)
    return position


def _published_until() -> int:
    """Return how far the log has been published.

    The first time it begins with what comes from now on.
    """
    with reading() as connection:
        position = connection.scalar(select(PublishedUntil.position))
    if position is None:
        with writing() as session:
            position = session.scalar(select(LogEnd.position)) or 0
            first = insert_into(PublishedUntil, session.get_bind().dialect.name).on_conflict_do_nothing()
            session.execute(first, {"id": 1, "position": position})
    return position


def _note(start: int, position: int) -> None:
    """Note that all up to a position is confirmed, unless another process has taken over meanwhile."""
    if position == start:
        return
    with writing() as session:
        here = update(PublishedUntil).where(PublishedUntil.position == start)
        change_in_bulk(session, here.values(position=position))

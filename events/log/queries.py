"""Read the log of events from a position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from database import reading
from events.log.models import LoggedEvent
from events.types import EventType
from jsontext import JsonObject, loads


@dataclass(frozen=True, slots=True)
class EventsQuery:
    """Which events: those after a position, of some types or of all."""

    since: int = 0
    types: tuple[EventType, ...] = ()
    limit: int = 100


def events_since(query: EventsQuery) -> tuple[list[JsonObject], int]:
    """Return events, the oldest first, and the position to go on from.

    Not cached: nothing is ever read twice from the same position, except while nothing happens.
    """
    found = positioned_events(query)
    return [event for _, event in found], found[-1][0] if found else query.since


def positioned_events(query: EventsQuery) -> list[tuple[int, JsonObject]]:
    """Return events, the oldest first, each with its position."""
    found = select(LoggedEvent).with_only_columns(*LoggedEvent.__table__.columns)
    found = found.where(LoggedEvent.position > query.since)
    if query.types:
        found = found.where(LoggedEvent.type.in_(query.types))
    with reading() as connection:
        rows = connection.execute(found.order_by(LoggedEvent.position).limit(query.limit)).all()
    return [(row.position, _show(row)) for row in rows]


def _show(row: Row[Any]) -> JsonObject:
    return {
        "id": row.key,
        "type": row.type,
        "occurred_at": row.occurred_at,
        "data": loads(row.data),
        "invalidates": loads(row.invalidates),
    }

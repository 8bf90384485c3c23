"""Write what happens into the log, in the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert
from sqlalchemy.orm import Session

from caching import declared_tags
from events.log.models import LoggedEvent
from events.recording import Event
from events.types import FOR_PEOPLE_ALONE
from jsontext import dumps

# What people write to each other is not for programs.
PRIVATE = frozenset({"reason"})
_INSERT = insert(LoggedEvent)


def hear(session: Session, happened: Sequence[Event]) -> None:
    """Write all events of a transaction with one statement.

    Each carries all tags that the transaction makes old.
    """
    logged = [event for event in happened if event.type not in FOR_PEOPLE_ALONE]
    if not logged:
        return
    invalidates = dumps(sorted(f"{tag.owner} {tag.name}" for tag in declared_tags())).decode()
    # Past the unit of work: it would take longer than the database does.
    session.connection().execute(_INSERT, [_row(event) | {"invalidates": invalidates} for event in logged])


def _row(event: Event) -> dict[str, object]:
    data = {name: value for name, value in event.data.items() if name not in PRIVATE and value is not None}
    said = dumps(data | {"actor_id": event.actor_id}).decode()
    return {"key": event.id, "type": event.type, "occurred_at": event.at, "data": said}

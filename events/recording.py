"""Say that something has happened, and hand it to all who listen.

record(…), record(…)  →  listeners, once with all of it  →  COMMIT

Listeners write to the same transaction, so what they make of an event is there if the change is, and only then.
They get all events of a transaction together: what a person did with one click is one thing to be told about.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from events.types import EventType
from extensions import db
from jsontext import JsonObject

_RECORDED = "lectern_events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened.

    `data` is JSON: ids, and what may be different later. `actor_id` None is the clock, the waitlist, or the provider of
    payments by card.
    """

    id: str
    type: EventType
    at: datetime
    actor_id: int | None
    data: JsonObject

    @classmethod
    def from_json(cls, written: JsonObject) -> Self:
        """Read what `dumps` has made of an event.

        The times in its data stay texts.
        """
        at, type_ = datetime.fromisoformat(written["at"]), EventType(written["type"])
        return cls(id=written["id"], type=type_, at=at, actor_id=written["actor_id"], data=written["data"])


Listener = Callable[[Session, Sequence[Event]], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call this function before the COMMIT of each transaction in which something happened.

    It may be called once or more often: it hears everything once.
    """
    if listener not in _listeners:
        _listeners.append(listener)


def record(session: Session, type_: EventType, *, at: datetime, actor_id: int | None, **data: object) -> None:
    """Say what has happened in the running transaction.

    It writes nothing itself. If the transaction is rolled back it has not happened. Raises RuntimeError outside one.
    """
    if not session.in_transaction():
        raise RuntimeError("What happens is said in the transaction of the change.")
    happened = Event(id=secrets.token_hex(8), type=type_, at=at, actor_id=actor_id, data=data)
    session.info.setdefault(_RECORDED, []).append(happened)


@contextmanager
def unheard(session: Session) -> Iterator[None]:
    """Let nobody hear of what the block does: a past that is made up is no news."""
    yield
    session.info.pop(_RECORDED, None)


def _before_commit(session: Session) -> None:
    """Tell the listeners.

    A released savepoint also comes by here and is no commit.
    """
    if session.in_nested_transaction():
        return
    if happened := session.info.pop(_RECORDED, None):
        for listener in _listeners:
            listener(session, happened)


def _after_transaction_end(session: Session, transaction: SessionTransaction) -> None:
    """Forget what a rollback has undone."""
    if transaction.parent is None:
        session.info.pop(_RECORDED, None)


# First of all that is done before a COMMIT: listeners may change what cached reads show.
event.listen(db.session, "before_commit", _before_commit, insert=True)
event.listen(db.session, "after_transaction_end", _after_transaction_end)

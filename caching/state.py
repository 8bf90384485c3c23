"""The row that says which Redis server is believed, and under which epoch.

All processes of an installation agree on it.

    installation   random, made once: part of every key, so that two installations can share one Redis
    epoch          random: part of every stamp, so that a new epoch makes all earlier answers worthless
    server         the identity of the one Redis server that the epoch belongs to
    previous       the server before that
    turn           grows with every change of the row, so that one who looks twice sees what was changed there and back

Every change is a compare-and-swap: of two processes that change the row at once, one wins and the other looks again.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import CheckConstraint, Integer, String, Update, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from database import Instant, reading
from extensions import Base, db


class Status(StrEnum):
    """Whether processes believe cached answers, and those of which server."""

    # No process believes any.
    IDLE = "idle"
    # Another server was chosen, and a process may still believe the previous one.
    SETTLING = "settling"
    # Processes believe `server`.
    IN_USE = "in_use"


class CacheState(Base):
    """The table with the one row."""

    __tablename__ = "cache_state"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("status IN ('idle', 'settling', 'in_use')", name="status"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    installation: Mapped[str] = mapped_column(String(32))
    epoch: Mapped[str] = mapped_column(String(32))
    server: Mapped[str] = mapped_column(String(100))
    previous: Mapped[str] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(10))
    changed_at: Mapped[datetime] = mapped_column(Instant)
    turn: Mapped[int] = mapped_column(Integer)


class State(NamedTuple):
    """The row as one reader saw it."""

    installation: str
    epoch: str
    server: str
    previous: str
    status: str
    changed_at: datetime
    turn: int


COLUMNS = tuple(getattr(CacheState, name) for name in State._fields)


def read() -> State:
    """Read the row.

    Inside a write transaction with that transaction's connection.
    """
    with reading() as connection:
        row = connection.execute(select(*COLUMNS)).one_or_none()
    return State(*row) if row else make()


def make() -> State:
    """Make the row where it is missing, because all tables were emptied."""
    values = State(secrets.token_hex(8), new_epoch(), "", "", Status.IDLE, datetime.now(UTC), 0)
    try:
        with db.engine.begin() as connection:
            connection.execute(insert(CacheState).values(id=1, **values._asdict()))
    except IntegrityError:
        # Another process was faster.
        return read()
    return values


def swap(seen: State, **changes: Any) -> bool:
    """Change the row if it is still as it was seen.

    Tell whether it was.
    """
    with db.engine.begin() as connection:
        return connection.execute(changed(**changes).where(CacheState.turn == seen.turn)).rowcount == 1


def changed(**changes: Any) -> Update:
    """Build the statement that changes the row."""
    return update(CacheState).values(turn=CacheState.turn + 1, **changes)


def new_epoch() -> str:
    """Return a name that no epoch ever had."""
    return secrets.token_hex(16)

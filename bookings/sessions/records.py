"""A session as its rules see it: its row, read once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from bookings.sessions.models import GroupSession, SessionStatus
from errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """How a session stands."""

    id: int
    gig_id: int
    teacher_id: int
    status: SessionStatus
    starts_at: datetime
    ends_at: datetime
    capacity: int
    location: str | None

    @property
    def length(self) -> timedelta:
        """Return how long it lasts."""
        return self.ends_at - self.starts_at


COLUMNS: tuple[Any, ...] = tuple(getattr(GroupSession, field.name) for field in fields(SessionRecord))


def read(connection: Connection | Session, session_id: int, *, locked: bool = False) -> SessionRecord:
    """Read a session.

    If it is to be `locked`, nobody else changes it until the transaction ends. Raises NotFound.
    """
    statement = select(*COLUMNS).where(GroupSession.id == session_id)
    row = connection.execute(statement.with_for_update() if locked else statement).one_or_none()
    if row is None:
        raise NotFound
    return SessionRecord(**row._mapping)

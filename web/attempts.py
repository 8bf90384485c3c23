"""Counts of attempts, for the limits on them.

They stand in the database, for all processes together.

In the cache they could be pushed out: whoever reads enough would begin anew. What is counted is known by a keyed hash
alone, so that the table tells nobody which addresses were tried from where. While the database fails, each process
counts in its memory.
"""

from __future__ import annotations

import hmac
import logging
import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, cast

from flask import Flask, current_app
from sqlalchemy import Connection, Index, String, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from config import Settings
from database import Id, Instant, reading, writing
from errors import TooManyAttempts, Unavailable
from extensions import Base, db

logger = logging.getLogger(__name__)

_COUNTER = "lectern-attempts"
# A process remembers so many keys while the database fails; then it begins anew.
REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts in any stretch of time as long as `within`.

    `name` keeps one kind apart from the others.
    """

    name: str
    number: int
    within: timedelta


# Who is limited, and how: an account, an address, or whatever else names it.
Budget = tuple[Limit, str]


class Attempt(Base):
    """One attempt that was let pass.

    It counts until `counts_until`, and then it is deleted.
    """

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(Instant)
    counts_until: Mapped[datetime] = mapped_column(Instant, index=True)


class _Counted(NamedTuple):
    key: str
    limit: Limit


def init_app(app: Flask, settings: Settings) -> None:
    """Let `app` count, unless the operator has switched limits off."""
    secret = hmac.digest(settings.secret_key.encode(), b"lectern attempts", "sha256")
    app.extensions[_COUNTER] = _Counter(secret) if settings.ratelimit_enabled else None


def count(*budgets: Budget, now: datetime) -> None:
    """Count an attempt against all `budgets`.

    If one of them is used up it counts against none, and TooManyAttempts is raised. It is committed at once, so it
    counts whatever comes of the attempt; inside a write transaction there is no room for it.
    """
    _refuse_after(budgets, now, adding=True)


def check(*budgets: Budget, now: datetime) -> None:
    """Raise TooManyAttempts if one of `budgets` is used up.

    Nothing is counted: that is for attempts of which only some count.
    """
    _refuse_after(budgets, now, adding=False)


def _refuse_after(budgets: Sequence[Budget], now: datetime, *, adding: bool) -> None:
    counter = cast("_Counter | None", current_app.extensions[_COUNTER])
    wait = counter.count(budgets, now, adding=adding) if counter else None
    if wait:
        seconds = max(1, math.ceil(wait.total_seconds()))
        minutes = -(-seconds // 60)
        when = "a minute" if minutes == 1 else f"{minutes} minutes"
        raise TooManyAttempts(seconds, f"Please try again in {when}.")


def forget_old_attempts(now: datetime) -> None:
    """Delete attempts that do not count any more."""
    with writing() as session:
        session.execute(delete(Attempt).where(Attempt.counts_until < now))


class _Counter:
    """Counts for one application."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._memory = _Memory()
        self._alone = False

    def count(self, budgets: Sequence[Budget], now: datetime, *, adding: bool) -> timedelta | None:
        """Count an attempt if it is to be added.

        Return how long to wait if it may not be made.
        """
        # In one order, so that two attempts cannot wait for each other.
        counted = sorted((_Counted(self._key(limit, who), limit) for limit, who in budgets), key=lambda it: it.key)
        try:
            wait = _count(counted, now, adding=adding)
        except (SQLAlchemyError, Unavailable) as error:
            if not self._alone:
                logger.warning("Attempts are counted in this process alone: %s.", type(error).__name__)
            self._alone = True
            return self._memory.count(counted, now, adding=adding)
        self._alone = False
        return wait

    def _key(self, limit: Limit, who: str) -> str:
        return hmac.digest(self._secret, f"{limit.name}\0{who}".encode(), "sha256").hex()[:32]


class _Memory:
    """Counts of one process, as the database would have them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: dict[str, list[datetime]] = {}

    def count(self, counted: Sequence[_Counted], now: datetime, *, adding: bool) -> timedelta | None:
        with self._lock:
            if len(self._times) > REMEMBERED:
                self._times.clear()
            for key, limit in counted:
                recent = self._times[key] = [at for at in self._times.get(key, []) if at > now - limit.within]
                if len(recent) >= limit.number:
                    return recent[0] + limit.within - now
            for key, _ in counted if adding else ():
                self._times[key].append(now)
        return None


def _count(counted: Sequence[_Counted], now: datetime, *, adding: bool) -> timedelta | None:
    with reading() as connection:
        # Who is refused anyway locks nothing, however often they try.
        wait = _wait(connection, counted, now)
    if wait or not adding:
        return wait
    rows = [{"key": key, "at": now, "counts_until": now + limit.within} for key, limit in counted]
    with db.engine.begin() as connection:
        _one_at_a_time(connection, counted)
        wait = _wait(connection, counted, now)
        if wait is None:
            connection.execute(insert(Attempt), rows)
    return wait


def _wait(connection: Connection, counted: Sequence[_Counted], now: datetime) -> timedelta | None:
    for key, limit in counted:
        recent = (Attempt.key == key, Attempt.at > now - limit.within)
        number, first = connection.execute(select(func.count(), func.min(Attempt.at)).where(*recent)).one()
        if number >= limit.number:
            return first + limit.within - now
    return None


def _one_at_a_time(connection: Connection, counted: Sequence[_Counted]) -> None:
    """Let attempts at the same follow one another until the end of the transaction.

    SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        for key, _ in counted:
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))

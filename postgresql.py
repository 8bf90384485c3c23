"""Connections to PostgreSQL that close themselves when the server does not answer in time.

They stand apart because the driver takes ten megabytes in each process, and with SQLite nothing of it is used.
"""

from __future__ import annotations

from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg import OperationalError
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout

__all__ = ["LimitedConnection", "OperationalError"]

T = TypeVar("T")

# After so long without an answer it is found out whether the database is away.
DOUBT_SECONDS = 0.5
# Checking a connection that comes out of the pool takes no time unless something is wrong with it. This is a little
# more than it takes to find out that it is the whole database.
PING_SECONDS = 3.0


class LimitedConnection(psycopg.Connection[Any]):
    """A connection to PostgreSQL that closes itself when the server does not answer in time."""

    # Seconds for an answer; what opens the connection chooses.
    limit = float("inf")

    def is_hopeless(self) -> bool:
        """Tell whether waiting makes no sense any more.

        Asked again and again while an answer is late.
        """
        return False

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait for an answer.

        Raises OperationalError, and the connection is closed, when there is none in time.
        """
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        began = monotonic()
        # Only SQLAlchemy's check of a connection from the pool runs outside of a transaction.
        limit = min(PING_SECONDS, self.limit) if self.autocommit else self.limit
        while True:
            try:
                return super().wait(gen, interval, min(DOUBT_SECONDS, limit))
            except _WaitTimeout:
                if self.is_hopeless() or monotonic() - began >= limit:
                    self.pgconn.finish()
                    raise OperationalError("the server did not answer in time") from None

"""Connect to the database: time limits, the size of the pool, settings of new connections.

No limit of a server's own helps where the server hangs or packets vanish, so PostgreSQL's connections also give up by
the clock of this process (`postgresql.py`).
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from sqlalchemy import URL, Engine, event, make_url

from later import postgresql

# A writer waits this long for SQLite's single write lock before it gives up.
SQLITE_BUSY_MILLISECONDS = 10_000
# A change is on the disk before it is acknowledged; with NORMAL a power cut could take the last ones back.
SQLITE_SYNCHRONOUS = "FULL"

# The limits in PostgreSQL, from the shortest. The last is this process's own, for a server that keeps none of them.
CONNECT_SECONDS = 3
LOCK_SECONDS = 10
STATEMENT_SECONDS = 15
ANSWER_SECONDS = 20.0
# Between two statements of a transaction Lectern does nothing that takes long.
IDLE_TRANSACTION_SECONDS = 60
# The threads of a process that use the database beside those that answer requests: jobs, warming, checks of the cache.
BACKGROUND_THREADS = 8
# Every thread has its connection, so that waiting for one means that something is wrong.
POOL_SECONDS = 5

# Parameters of a connection, by database, for work that takes as long as it takes.
NO_LIMITS: dict[str, dict[str, Any]] = {
    # A database that keeps text in no encoding would answer with bytes, before it can be refused.
    "postgresql": {"connect_timeout": CONNECT_SECONDS, "client_encoding": "UTF8"},
    "sqlite": {},
}


def engine_options(url: str, *, threads: int) -> dict[str, Any]:
    """Return SQLAlchemy's options for an application whose process answers `threads` requests at a time."""
    return {
        # A log gets the statement, but not the names, addresses and hashes that it was about.
        "hide_parameters": True,
        "pool_pre_ping": True,
        "pool_size": threads + BACKGROUND_THREADS,
        # A few pages read something while another read is still open.
        "max_overflow": threads,
        "pool_timeout": POOL_SECONDS,
        "connect_args": _limits(make_url(url)),
    }


def _limits(url: URL) -> dict[str, Any]:
    """Return the connection parameters that set limits, except those that the address sets itself."""
    if not url.drivername.startswith("postgresql"):
        return {}
    server_side = {
        "statement_timeout": STATEMENT_SECONDS,
        "lock_timeout": LOCK_SECONDS,
        "idle_in_transaction_session_timeout": IDLE_TRANSACTION_SECONDS,
    }
    # To compile the plan of a statement that looks costly takes a second, and to run it a few milliseconds.
    ours = "-c jit=off " + " ".join(f"-c {name}={1000 * seconds}" for name, seconds in server_side.items())
    network = {
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": 1000 * CONNECT_SECONDS,
        "keepalives_idle": 30,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    }
    given = url.query
    # Of two settings of one name the later one counts.
    options = {"options": f"{ours} {given.get('options', '')}".rstrip(), "client_encoding": "UTF8"}
    return {name: value for name, value in network.items() if name not in given} | options


class Outlook(Protocol):
    """What is known about the database."""

    def is_away(self) -> bool:
        """Tell whether connecting makes no sense."""

    def is_hopeless(self) -> bool:
        """Have it found out why an answer is late.

        Tell whether waiting makes no sense any more.
        """


def limit_answers(engine: Engine, outlook: Outlook | None, *, limit: float = ANSWER_SECONDS) -> None:
    """Let PostgreSQL connections keep to `limit`, and give up early where `outlook` says so."""
    if engine.dialect.name == "postgresql":
        event.listen(engine, "do_connect", partial(_connect, outlook, limit))
        event.listen(engine, "checkin", _obey_the_server)


def _connect(outlook: Outlook | None, limit: float, _dialect: Any, _record: Any, cargs: Any, cparams: Any) -> Any:
    if outlook is not None and outlook.is_away():
        raise postgresql.OperationalError("the database is known to be away")
    connection = postgresql.LimitedConnection.connect(*cargs, **cparams)
    connection.limit = limit
    if outlook is not None:
        connection.is_hopeless = outlook.is_hopeless  # type: ignore[method-assign]
    return connection


def _obey_the_server(connection: Any, _record: Any) -> None:
    """Let the server's default say whether the next transaction may write.

    After a read-only transaction SQLAlchemy asks for one that may, whatever an operator has told the server.
    """
    if connection is not None and not connection.closed and connection.read_only is not None:
        connection.read_only = None


@event.listens_for(Engine, "do_connect")
def _keep_sqlite_file_private(dialect: Any, _record: Any, cargs: Any, _cparams: Any) -> None:
    """Make a new SQLite file readable by its owner alone.

    SQLite gives its companions the same mode.
    """
    if dialect.name == "sqlite" and cargs and cargs[0] != ":memory:":
        # Where it exists already, or cannot be made, SQLite says what there is to say.
        with suppress(OSError):
            os.close(os.open(cargs[0], os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, _record: Any) -> None:
    """Switch the driver's own transaction handling off and choose a durable, concurrent mode."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {SQLITE_BUSY_MILLISECONDS}",
        "journal_mode = WAL",
        f"synchronous = {SQLITE_SYNCHRONOUS}",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")

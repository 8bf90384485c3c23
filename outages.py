"""Know which errors mean that the database fails, and how it is at the moment.

Whoever is refused gets `Unavailable`. While the database is known to be away nobody asks it but a helper thread, so
requests that need it are refused at once and those that the cache can answer find free threads. The log gets one line
when it goes away and one when it is back.
"""

from __future__ import annotations

import logging
import random
import sqlite3
import threading
from enum import Enum, StrEnum
from time import monotonic
from typing import cast

from flask import Flask, current_app
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from connections import engine_options, limit_answers
from errors import ConnectionLost, Unavailable
from extensions import db

logger = logging.getLogger(__name__)

EXTENSION = "lectern-database-watch"

# How long the helper's own connection may wait, and whoever asks for the database's state.
PROBE_SECONDS = 2.0
# So long an outcome is good enough for the next one who asks.
FRESH_SECONDS = 1.0
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0
# The same complaint stands in the log once in so many seconds.
COMPLAINT_SECONDS = 60.0


class Trouble(Enum):
    """What an error says about the database."""

    AWAY = "it cannot be reached"
    LOST = "it ended the connection"
    NO_WRITES = "it takes no changes"
    HINDERED = "it could not do this one thing in time"


class State(StrEnum):
    """What is known about the database, in the words that `/health` says."""

    OK = "ok"
    READ_ONLY = "read-only"
    DOWN = "down"


# SQLSTATE, or its first two characters.
_OF_POSTGRESQL = {
    "08": Trouble.AWAY,
    "28": Trouble.AWAY,  # it does not let us in
    "3D000": Trouble.AWAY,  # there is no such database
    "57P03": Trouble.AWAY,  # it starts or stops
    "57P": Trouble.LOST,  # an administrator, a crash or a time limit ended the session
    "25P03": Trouble.LOST,
    "25006": Trouble.NO_WRITES,  # a standby, or `default_transaction_read_only`
    "53100": Trouble.NO_WRITES,  # the disk is full
    "53": Trouble.HINDERED,  # no memory, no connections left
    "57014": Trouble.HINDERED,  # the statement took too long
    "55P03": Trouble.HINDERED,  # somebody held a table too long; for changes see `Busy`
    "40P01": Trouble.HINDERED,  # the same, each waiting for the other
    "58": Trouble.HINDERED,
    "XX": Trouble.HINDERED,
}
_OF_SQLITE = {
    sqlite3.SQLITE_CANTOPEN: Trouble.AWAY,
    sqlite3.SQLITE_PERM: Trouble.AWAY,
    sqlite3.SQLITE_READONLY: Trouble.NO_WRITES,
    sqlite3.SQLITE_FULL: Trouble.NO_WRITES,
    sqlite3.SQLITE_BUSY: Trouble.HINDERED,
    sqlite3.SQLITE_LOCKED: Trouble.HINDERED,
    sqlite3.SQLITE_PROTOCOL: Trouble.HINDERED,
    sqlite3.SQLITE_IOERR: Trouble.HINDERED,
    sqlite3.SQLITE_NOMEM: Trouble.HINDERED,
    sqlite3.SQLITE_CORRUPT: Trouble.HINDERED,
    sqlite3.SQLITE_NOTADB: Trouble.HINDERED,
}
_DETAILS = {
    Trouble.NO_WRITES: "Nothing can be changed at the moment; what you see is right. Please try again later.",
    Trouble.HINDERED: "The database took too long. Please try again in a moment.",
}


def trouble_of(error: BaseException) -> Trouble | None:
    """Tell what an error says about the database, None if it is about the statement."""
    if isinstance(error, PoolTimeout):
        return Trouble.HINDERED
    cause = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(cause, sqlite3.Error):
        return _OF_SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    # Only errors of PostgreSQL's driver have a state, and without PostgreSQL the driver is not imported.
    if not isinstance(error, DBAPIError) or not hasattr(cause, "sqlstate"):
        return None
    state = str(getattr(cause, "sqlstate", None) or "")
    known = next((_OF_POSTGRESQL[key] for key in (state, state[:3], state[:2]) if key in _OF_POSTGRESQL), None)
    if error.connection_invalidated and known is not Trouble.NO_WRITES:
        return Trouble.LOST
    # What the driver says itself, without a word from the server, is about the connection.
    return known or (Trouble.AWAY if not state and isinstance(error, OperationalError) else None)


class Watch:
    """Watches one application's database.

    Safe across threads, and a forked child starts a helper of its own.
    """

    def __init__(self, probe: Engine) -> None:
        """Watch the database behind `probe`, an engine without a pool."""
        self._probe = probe
        self._lock = threading.Lock()
        self._helper: threading.Thread | None = None
        self._retired = threading.Event()
        self._examined = threading.Event()
        self._examined_at = float("-inf")
        self._complained_at: dict[str, float] = {}
        self._news = 0
        self.state = State.OK

    def refuse_while_down(self) -> None:
        """Raise Unavailable if the database is known to be away."""
        if self.state is State.DOWN:
            with self._lock:
                self._need_helper()
            raise Unavailable

    def refusal(self, error: SQLAlchemyError) -> Unavailable | None:
        """Take note of an error, and return what to raise instead.

        Returns None if it is not about the database's health.
        """
        trouble = trouble_of(error)
        if trouble is None:
            return None
        self._note(trouble, reason_of(error))
        if trouble is Trouble.LOST:
            return ConnectionLost()
        return Unavailable(_DETAILS.get(trouble))

    def has_written(self) -> None:
        """Take note of a successful change."""
        if self.state is State.READ_ONLY:
            with self._lock:
                self._become(State.OK, "")

    def is_away(self) -> bool:
        """Tell whether the database is known to be away."""
        return self.state is State.DOWN

    def is_hopeless(self) -> bool:
        """Start to find out why an answer is late, and tell whether the database is known to be away."""
        with self._lock:
            self._need_helper()
        return self.is_away()

    def ask(self) -> State:
        """Return the present state within two seconds: what is not known by then counts as down."""
        if self.state is State.OK and monotonic() - self._examined_at > FRESH_SECONDS:
            with self._lock:
                self._examined.clear()
                self._need_helper()
            if not self._examined.wait(PROBE_SECONDS):
                return State.DOWN
        return self.state

    def why_no_changes(self) -> str | None:
        """Commit a change that changes nothing, and return why that did not work, None if it did."""
        try:
            _change_something(self._probe)
        except SQLAlchemyError as error:
            return reason_of(error)
        return None

    def retire(self) -> None:
        """Stop looking after the database, because nobody will use it from here any more."""
        self._retired.set()
        if (helper := self._helper) is not None:
            helper.join(5)

    def _note(self, trouble: Trouble, reason: str) -> None:
        with self._lock:
            self._news += 1
            if trouble is Trouble.AWAY:
                self._become(State.DOWN, reason)
            elif trouble is Trouble.NO_WRITES:
                self._become(State.READ_ONLY, reason)
            elif trouble is Trouble.HINDERED:
                self._complain(reason)
            if trouble is not Trouble.HINDERED:
                self._need_helper()

    def _become(self, state: State, reason: str) -> None:
        """Change the state with the lock held, and tell the log if it is another one."""
        if state is self.state:
            return
        self.state = state
        if state is State.DOWN:
            logger.error("The database is away; what needs it is refused until it is back. %s", reason)
        elif state is State.READ_ONLY:
            logger.error("The database takes no changes; reads go on. %s", reason)
        else:
            logger.warning("The database is back.")

    def _complain(self, reason: str) -> None:
        if monotonic() - self._complained_at.get(reason, float("-inf")) >= COMPLAINT_SECONDS:
            self._complained_at[reason] = monotonic()
            logger.error("The database could not answer in time. %s", reason)

    def _need_helper(self) -> None:
        """Start a helper unless one is at work, with the lock held.

        In a forked child the parent's helper counts as dead, and so does one that an unexpected error has ended.
        """
        at_work = self._helper is not None and self._helper.is_alive()
        if not at_work and not self._retired.is_set():
            self._helper = threading.Thread(target=self._look_after, name="database-watch", daemon=True)
            self._helper.start()

    def _look_after(self) -> None:
        """Examine the database until all is well."""
        pause = FIRST_PAUSE_SECONDS
        while not self._retired.is_set():
            news = self._news
            state, reason = self._examine()
            with self._lock:
                self._examined_at = monotonic()
                self._examined.set()
                # An error that came meanwhile, perhaps after the look, is looked into again.
                if self._news == news or state is not State.OK:
                    self._become(state, reason)
                    if state is State.OK:
                        self._helper = None
                        return
            self._retired.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _examine(self) -> tuple[State, str]:
        """Ask the database how it is, and try a change if it has refused one."""
        try:
            if not _accepts_changes(self._probe):
                return State.READ_ONLY, "Its transactions are read-only."
        except SQLAlchemyError as error:
            # One that only has no connection left answers those who have one.
            return (State.OK if trouble_of(error) is Trouble.HINDERED else State.DOWN), reason_of(error)
        if self.state is not State.READ_ONLY:
            return State.OK, ""
        refusal = self.why_no_changes()
        return (State.READ_ONLY, refusal) if refusal else (State.OK, "")


def _accepts_changes(probe: Engine) -> bool:
    """Read from a table, and on PostgreSQL learn whether it would take a change."""
    with probe.connect().execution_options(lectern_reading=True) as connection:
        connection.execute(text("SELECT version_num FROM alembic_version"))
        if connection.dialect.name != "postgresql":
            return True
        return bool(connection.scalar(text("SELECT current_setting('transaction_read_only') = 'off'")))


def _change_something(probe: Engine) -> None:
    """Commit a change that changes nothing: only so does a full disk show."""
    with probe.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = version_num"))


def reason_of(error: SQLAlchemyError) -> str:
    """Return the first line of what the driver says: no statement, and none of its values."""
    said = str(getattr(error, "orig", None) or error).strip()
    return said.splitlines()[0] if said else type(error).__name__


def init_app(app: Flask) -> None:
    """Watch the database of `app`, whose engine exists by now."""
    with app.app_context():
        engine = db.engine
    options = engine_options(engine.url.render_as_string(hide_password=False), threads=1)
    probe = create_engine(
        engine.url,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={**options["connect_args"], **({"connect_timeout": 2} if engine.name == "postgresql" else {})},
    )
    watch = app.extensions[EXTENSION] = Watch(probe)
    limit_answers(probe, None, limit=PROBE_SECONDS)
    limit_answers(engine, watch)


def current_watch() -> Watch:
    """Return the running application's watch."""
    return cast(Watch, current_app.extensions[EXTENSION])

"""Measure whether reads of a replica can be made as fresh as those of the primary.

Lectern reads from the primary alone. This says what a replica would need, and what would be left for it to do: a reader
asks the primary for the end of its log, which costs no table, and reads from the replica if it has replayed that much.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from sqlalchemy import make_url

from server.children import wait_until
from support.servers import PostgresServer

TITLE = "Reads from a replica"
SECONDS = 3.0
WRITES_A_SECOND = (1, 10, 100)
BEHIND_MS = (0, 50)
HEAD = f"""One row that is changed so many times a second, {SECONDS:g} s each. A read is stale if it shows less than
was announced before it began. With the *position*, it takes the replica only when that has replayed the primary's log
as it was when the read began.

| replica behind by | changes a second | stale without | stale with the position | reads left to the primary |
|---|---|---|---|---|
"""

Connection = psycopg.Connection[tuple[int | str | bool]]


def run() -> str:
    """Measure and return a table."""
    with PostgresServer(own=True) as server:
        url = make_url(server.create_database("replicas"))
        host, database = str(url.query["host"]), str(url.database)
        with _connect(host, database) as primary:
            primary.execute("CREATE TABLE state (version bigint)")
            primary.execute("INSERT INTO state VALUES (0)")
            rows = []
            for behind in BEHIND_MS:
                with server.standby(behind_ms=behind) as folder, _reached(str(folder), database) as replica:
                    for writes in WRITES_A_SECOND:
                        with _writing(host, database, writes) as announced:
                            rows.append(_row(primary, replica, announced, behind, writes))
    return HEAD + "".join(rows)


def _row(primary: Connection, replica: Connection, announced: list[int], behind: int, writes: int) -> str:
    trusting = _read(announced, lambda: (_version(replica), True))
    careful = _read(announced, lambda: _by_position(primary, replica))
    left = 1 - careful.by_replica / careful.reads
    return (
        f"| {behind} ms and its own time | {writes} | {trusting.stale:,} of {trusting.reads:,} | "
        f"{careful.stale:,} of {careful.reads:,} | {left:.1%} |\n"
    )


@contextmanager
def _writing(host: str, database: str, writes: int) -> Iterator[list[int]]:
    """Change the row so many times a second, and announce each version once it is committed."""
    announced, over = [0], threading.Event()

    def write() -> None:
        with _connect(host, database) as connection:
            # A replica gets what is written down, so it is to be written down at once, as it is in earnest.
            connection.execute("SET synchronous_commit = on")
            while not over.wait(1 / writes):
                announced[0] = int(_one(connection, "UPDATE state SET version = version + 1 RETURNING version"))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield announced
    finally:
        over.set()
        thread.join()


def _connect(host: str, database: str) -> Connection:
    return psycopg.connect(host=host, dbname=database, user="postgres", autocommit=True)


def _reached(host: str, database: str) -> Connection:
    """Connect to a server that is starting."""
    found: list[Connection] = []

    def try_it() -> bool:
        try:
            found.append(_connect(host, database))
        except psycopg.OperationalError:
            return False
        return True

    assert wait_until(try_it, seconds=60), "the replica does not answer"
    return found[0]


class _Seen:
    """How many reads there were, how many of them stale, how many answered by the replica."""

    def __init__(self) -> None:
        self.reads = self.stale = self.by_replica = 0


def _read(announced: list[int], ask: Callable[[], tuple[int, bool]]) -> _Seen:
    seen, end = _Seen(), time.monotonic() + SECONDS
    while time.monotonic() < end:
        before = announced[0]
        version, from_replica = ask()
        seen.reads += 1
        seen.stale += version < before
        seen.by_replica += from_replica
    return seen


def _by_position(primary: Connection, replica: Connection) -> tuple[int, bool]:
    """Read from the replica if it knows all that the primary knew when this began."""
    position = _one(primary, "SELECT pg_current_wal_insert_lsn()::text")
    there = _one(replica, "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", position)
    return (_version(replica), True) if there else (_version(primary), False)


def _version(connection: Connection) -> int:
    return int(_one(connection, "SELECT version FROM state"))


def _one(connection: Connection, statement: LiteralString, *values: object) -> Any:
    row = connection.execute(statement, values).fetchone()
    assert row is not None
    return row[0]

"""What a request costs: the SQL statements and the Redis commands that it sends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import local
from typing import Any, NamedTuple, cast

from flask import Flask
from sqlalchemy import Engine, event

from extensions import db
from support.redis_server import RedisServer

# What PostgreSQL does with small tables instead of walking an index.
WITHOUT_INDEX = ("seqscan", "bitmapscan", "sort", "hashjoin", "mergejoin")


class Query(NamedTuple):
    """One statement as it was sent, with its parameters."""

    statement: str
    parameters: Any


@contextmanager
def recorded_queries() -> Iterator[list[Query]]:
    """Collect the SQL statements that this thread sends during the block.

    Where a transaction begins is not one.

    Threads that look after an application, of this test or of one before, have statements of their own.
    """
    queries: list[Query] = []
    with _told(queries.append):
        yield queries


@contextmanager
def count_queries() -> Iterator[list[str]]:
    """Collect the texts of the SQL statements alone."""
    statements: list[str] = []
    with _told(lambda query: statements.append(query.statement)):
        yield statements


@contextmanager
def _told(hear: Callable[[Query], None]) -> Iterator[None]:
    hearers = _of_this_thread()
    hearers.append(hear)
    try:
        yield
    finally:
        hearers.remove(hear)


# One listener stays for good: to add and remove them would disturb the threads that send statements meanwhile.
_hearers = local()


def _of_this_thread() -> list[Callable[[Query], None]]:
    return cast("list[Callable[[Query], None]]", _hearers.__dict__.setdefault("of_this_thread", []))


@event.listens_for(Engine, "before_cursor_execute")
def _note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
    if not statement.startswith("BEGIN"):
        for hear in _of_this_thread():
            hear(Query(statement, parameters))


def plan_of(app: Flask, query: Query, *, avoid: Sequence[str] = ("seqscan",)) -> str:
    """Ask the database how it would run a query if its tables were large.

    PostgreSQL is told that they are, and to `avoid` some ways: with the few rows of a test every way costs the same.
    """
    with app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query.statement}", query.parameters).all()
            return "\n".join(row[-1] for row in rows)
        connection.exec_driver_sql(_LARGE_TABLES)
        for way in avoid:
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {query.statement}", query.parameters))


# Taken back with the transaction.
_LARGE_TABLES = """UPDATE pg_class SET relpages = GREATEST(relpages, 1), reltuples = 1000000
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"""


@contextmanager
def count_commands(server: RedisServer) -> Iterator[list[str]]:
    """Collect the names of the Redis commands that reach `server` during the block, known at its end."""
    commands: list[str] = []
    with server.client() as client:
        before = _calls(client)
        yield commands
        after = _calls(client)
    for name, calls in after.items():
        commands += [name] * (calls - before.get(name, 0))


def _calls(client: Any) -> dict[str, int]:
    stats = client.info("commandstats")
    own = ("cmdstat_info", "cmdstat_hello", "cmdstat_client|setinfo", "cmdstat_ping")
    return {name.removeprefix("cmdstat_"): row["calls"] for name, row in stats.items() if name not in own}

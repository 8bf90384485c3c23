"""What a request costs: the SQL statements and the Redis commands that it sends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from tests.support.redis_server import RedisServer


@contextmanager
def count_queries() -> Iterator[list[str]]:
    """Collect the SQL statements of all engines during the block; where a transaction begins is not one of them."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


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

"""A plugin for pytest that writes down every statement that is sent, once each, by the kind of database.

It is copied into the code of the release that is recorded, so it imports nothing of ours.
"""

from __future__ import annotations

import gzip
import json
import os
from typing import Any

from sqlalchemy import Engine, NullPool, event

WORDS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
_said: dict[str, set[str]] = {"sqlite": set(), "postgresql": set()}


@event.listens_for(Engine, "before_cursor_execute")
def _note(connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
    # Migrations have connections of their own: they speak of tables that are gone.
    if isinstance(connection.engine.pool, NullPool):
        return
    # A statement of a test itself harms as little as one of the product.
    if context is not None and statement.lstrip().upper().startswith(WORDS):
        _said[context.dialect.name].add(statement)


def pytest_sessionfinish() -> None:
    """Write down what was said."""
    said = {name: sorted(statements) for name, statements in _said.items()}
    with open(os.environ["RECORD_STATEMENTS"], "wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
        packed.write(json.dumps(said).encode())

"""Serve Lectern with a counter of its SQL statements by the method of the request."""

from __future__ import annotations

from typing import Any

from flask import has_request_context, request
from prometheus_client import Counter
from sqlalchemy import Engine, event

from wsgi import app

STATEMENTS = Counter("bench_statements", "SQL statements.", ["method"])


@event.listens_for(Engine, "before_cursor_execute")
def _count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    if not statement.startswith("BEGIN"):
        STATEMENTS.labels(request.method if has_request_context() else "background").inc()


__all__ = ["app"]

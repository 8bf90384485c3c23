"""One line in the log for each request, and the id by which all lines of a request are found.

The id is that of the header `X-Request-ID`, if a proxy has given one, and stands in the answer. Neither paths nor
queries are written down: there are tokens in some of them.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from http import HTTPStatus
from random import getrandbits
from time import perf_counter, time
from typing import Any, NamedTuple

from flask import Response, g, has_request_context, request
from sqlalchemy import Engine, event

import logs
from jsontext import JsonObject
from observations import note

HEADER = "X-Request-ID"
# As it stands in the environment of a request.
ENVIRON = "HTTP_X_REQUEST_ID"

# Of a server that is asked every second how it is, the answer counts only if it is a bad one.
_QUIET = frozenset({"health.health", "health.live", "health.ready"})
_WELL_FORMED = re.compile(r"[0-9A-Za-z._:-]{1,100}")

logger = logging.getLogger("requests")


class Line(NamedTuple):
    """What is known about a request when it has been answered."""

    at: float
    request_id: str
    user_id: int | None
    method: str
    endpoint: str | None
    status: int
    seconds: float
    # SQL statements that were sent for it.
    statements: int
    # What the cache had, if it was asked for a list or a thing.
    cache: str | None


def request_id(given: str | None) -> str:
    """Return the id that a proxy has given, or a new one if that is none."""
    return given if given and _WELL_FORMED.fullmatch(given) else f"{getrandbits(64):016x}"


def keep(line: Line) -> None:
    """Have a line written soon, on the path of every request."""
    if logger.isEnabledFor(logging.INFO) and not (line.endpoint in _QUIET and line.status == HTTPStatus.OK):
        note(write, line)


def write(lines: Iterable[Line]) -> None:
    """Write lines into the log."""
    facts = _facts if logs.wants_facts() else _no_facts
    logs.write(logger.name, ((line.at, _message(line), facts(line)) for line in lines))


def begin() -> None:
    """Begin to look at the running request."""
    g.began, g.began_at, g.statements = perf_counter(), time(), 0
    g.request_id = request_id(request.environ.get(ENVIRON))


def end(response: Response) -> float:
    """Name the request in its answer, have its line written, and return how many seconds it took."""
    seconds: float = perf_counter() - g.began
    response.headers[HEADER] = g.request_id
    # Whoever asks was found out by the sign-in, if it was asked.
    user_id = getattr(g.get("viewer"), "id", None)
    cache = response.headers.get("X-Cache")
    where = request.method, request.endpoint, response.status_code
    keep(Line(g.began_at, g.request_id, user_id, *where, seconds, g.statements, cache))
    return seconds


class OfRequest(logging.Filter):
    """Adds to each line of the log that is written within a request the id of that."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add it, and let every record pass."""
        if has_request_context() and "request_id" in g:
            setattr(record, logs.FACTS, {"request_id": g.request_id} | getattr(record, logs.FACTS, {}))
        return True


_of_request = OfRequest()


def init_app() -> None:
    """Have lines name their requests, wherever the log is written to."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(_of_request)


def _facts(line: Line) -> JsonObject:
    return {
        "request_id": line.request_id,
        "user_id": line.user_id,
        "method": line.method,
        "endpoint": line.endpoint,
        "status": line.status,
        "milliseconds": round(line.seconds * 1000, 1),
        "statements": line.statements,
        "cache": line.cache,
    }


def _no_facts(_: Line) -> JsonObject:
    return {}


def _message(line: Line) -> str:
    who = f", user {line.user_id}" if line.user_id else ""
    asked = f", {line.statements} SQL" if line.statements else ""
    cache = f", {line.cache}" if line.cache else ""
    took = f"{line.status} in {line.seconds * 1000:.1f} ms{asked}{cache}{who}"
    return f"{line.method} {line.endpoint or 'unknown'} {took} ({line.request_id})"


@event.listens_for(Engine, "before_cursor_execute")
def _count_statement(*_: Any) -> None:
    if has_request_context() and "statements" in g:
        g.statements += 1

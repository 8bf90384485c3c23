"""What the log looks like: lines for people, or a JSON object a line for programs."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from time import localtime, strftime
from typing import Any

from jsontext import JsonObject, dumps

JSON = "json"
_TEXT = "%(asctime)s %(levelname)s %(name)s[%(process)d]: %(message)s"
# The attribute of a record that has what is known beside its message.
FACTS = "lectern_facts"

_chosen = {"format": "text"}


def configure(log_format: str, level: str) -> None:
    """Write the log of this process to its standard error, unless something else has been set up for it."""
    _chosen["format"] = log_format
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(log_format))
    logging.basicConfig(handlers=[handler])
    logging.getLogger().setLevel(level)
    # That a connection was lost in the middle of something is said once, by `outages.py`.
    logging.getLogger("psycopg").setLevel(logging.ERROR)


def formatter(log_format: str) -> logging.Formatter:
    """Return what writes lines of this format."""
    return JSONLines() if log_format == JSON else logging.Formatter(_TEXT)


def wants_facts() -> bool:
    """Tell whether lines are for programs, so that they need facts beside their message."""
    return _chosen["format"] == JSON


def write(name: str, lines: Iterable[tuple[float, str, JsonObject]]) -> None:
    """Write many lines at INFO at once: when each was, in seconds since 1970, its message and its facts.

    They look as if a logger of this name had written them, which takes several times as long.
    """
    as_line = _as_json if wants_facts() else _as_text
    sys.stderr.write("".join([as_line(name, *line) for line in lines]))
    sys.stderr.flush()


def _as_text(name: str, at: float, message: str, _: JsonObject) -> str:
    return f"{_second(int(at))},{int(at % 1 * 1000):03} INFO {name}[{os.getpid()}]: {message}\n"


def _as_json(name: str, at: float, message: str, facts: JsonObject) -> str:
    said = {"at": _instant(at), "level": "INFO", "logger": name, "process": os.getpid(), "message": message}
    return dumps(said | facts).decode() + "\n"


class JSONLines(logging.Formatter):
    """Writes records as JSON, each in one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record with its facts, and with the traceback if there is one."""
        said: dict[str, Any] = {
            "at": _instant(record.created),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        said |= getattr(record, FACTS, {})
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return dumps(said).decode()


def _instant(at: float) -> str:
    return f"{_utc_second(int(at))}.{int(at % 1 * 1000):03}Z"


@lru_cache(maxsize=8)
def _utc_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(maxsize=8)
def _second(second: int) -> str:
    return strftime("%Y-%m-%d %H:%M:%S", localtime(second))

"""What the log looks like: lines for people, or a JSON object a line for programs."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from jsontext import dumps

JSON = "json"

_TEXT = "%(asctime)s %(levelname)s %(name)s[%(process)d]: %(message)s"
# The attribute of a record that has what is known beside its message.
FACTS = "lectern_facts"


def configure(log_format: str, level: str) -> None:
    """Write the log of this process to its standard error, unless something else has been set up for it."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(log_format))
    logging.basicConfig(handlers=[handler])
    logging.getLogger().setLevel(level)


def formatter(log_format: str) -> logging.Formatter:
    """Return what writes lines of this format."""
    return JSONLines() if log_format == JSON else logging.Formatter(_TEXT)


class JSONLines(logging.Formatter):
    """Writes records as JSON, each in one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record with its facts, and with the traceback if there is one."""
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        said |= getattr(record, FACTS, {})
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return dumps(said).decode()

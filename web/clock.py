"""The application's one clock.

Leaves ask it and pass `now` down; nothing below them looks at the time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

from flask import Flask, current_app

Clock = Callable[[], datetime]
_KEY = "lectern-clock"


def system_clock() -> datetime:
    """Return the machine's time in UTC."""
    return datetime.now(UTC)


def init_app(app: Flask, clock: Clock) -> None:
    """Give `app` its clock.

    Tests give one that stands still.
    """
    app.extensions[_KEY] = clock


def now() -> datetime:
    """Return the present instant in UTC."""
    return clock_of(current_app)().astimezone(UTC)


def clock_of(app: Flask) -> Clock:
    """Return an application's clock."""
    return cast(Clock, app.extensions[_KEY])

"""A process that changes the probe's value and is killed at a given point: run by the tests of crashes.

Arguments: database URL, Redis URL, instance folder, user id, new value, and where it dies: `before-commit` (the marks
are set), `after-commit` (nothing is announced yet), `after-commit-without-mark`, or `after-announcement` (the outbox
still has the rows).
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from app import create_app
from caching import outbox
from caching.store import Store
from config import Settings
from extensions import db
from tests.caching.conftest import Probe


def die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def main(database_url: str, redis_url: str, instance: str, user_id: str, value: str, point: str) -> None:
    settings = Settings(
        instance=Path(instance), database_url=database_url, redis_url=redis_url, secret_key="x" * 16, demo_data=False
    )
    app = create_app(settings)
    if point == "before-commit":
        with app.app_context():
            db.engine.dialect.do_commit = die
    elif point.startswith("after-commit"):
        Store.announce = die
        if point.endswith("without-mark"):
            Store.mark = lambda *_: None
    else:
        outbox.discard = die
    Probe(app, int(user_id)).write(value)


if __name__ == "__main__":
    main(*sys.argv[1:])

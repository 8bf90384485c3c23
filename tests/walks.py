"""Count the walks of four requests through our own code: `python -m tests.walks`.

A walk is every call of a function of ours that a request makes, in order. How many files it visits, and how often it
goes from one file to another, says how much a reader has to turn pages to follow it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

from flask import Flask
from flask_migrate import upgrade

from app import create_app
from caching.store import current_store
from config import ROOT
from support.servers import RedisServer
from tests.conftest import SATURDAY, FakeClock, make_settings
from tests.support.world import World

JSON = "application/json"
_FOREIGN = (str(ROOT / "tests"), str(ROOT / ".venv"))


def main() -> None:
    """Print the table of the walks."""
    with tempfile.TemporaryDirectory() as folder, RedisServer() as redis:
        app = _application(redis, Path(folder))
        print("| walk | own calls | files | changes of file |\n|---|---|---|---|")
        for name, ask in _walks(World(app, FakeClock(SATURDAY))).items():
            calls = _walk(ask)
            changes = sum(one != other for one, other in pairwise(calls))
            print(f"| {name} | {len(calls)} | {len(set(calls))} | {changes} |")


def _application(redis: RedisServer, folder: Path) -> Flask:
    app = create_app(make_settings(f"sqlite:///{folder}/lectern.db", redis, folder), clock=FakeClock(SATURDAY))
    with app.app_context():
        upgrade(str(ROOT / "migrations"))
        store = current_store()
        assert store is not None
        store.choose_server()
    return app


def _walks(world: World) -> dict[str, Callable[[], object]]:
    """Prepare what is asked for, so that only the request itself is walked."""
    teacher, student = world.teacher(), world.student()
    booking = world.booking(student, world.gig(teacher))["id"]
    teacher.get("/api/bookings")
    student.get("/api/bookings")
    through_flask = {"Cookie": "theme=dark", **student.headers}
    student.client.get("/api/bookings", headers=through_flask)
    return {
        "a status changes": lambda: teacher.client.patch(
            # Written out, because the test's client would encode it with the application's own code.
            f"/api/bookings/{booking}",
            data=b'{"status": "accepted"}',
            content_type=JSON,
            headers=teacher.headers,
        ),
        "a miss": lambda: student.get("/api/bookings?limit=7"),
        "a hit": lambda: student.get("/api/bookings?limit=7"),
        "a hit, once more": lambda: student.get("/api/bookings?limit=7"),
        "a hit through Flask": lambda: student.client.get("/api/bookings?limit=7", headers=through_flask),
    }


def _walk(ask: Callable[[], Any]) -> list[str]:
    """Name the file of each call of ours."""
    with _called() as files:
        assert ask().status_code == 200
    return files


@contextmanager
def _called() -> Iterator[list[str]]:
    files: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        name = frame.f_code.co_filename
        if event == "call" and name.startswith(str(ROOT)) and not name.startswith(_FOREIGN):
            files.append(name)

    sys.setprofile(note)
    try:
        yield files
    finally:
        sys.setprofile(None)


if __name__ == "__main__":
    main()

"""The second look of every test: what the cache would still answer has to be what the database says.

A write that forgets to touch a tag shows here, whichever test makes it: the answers that were kept during the test are
looked up once more at its end, and those that still count are loaded anew.
"""

from __future__ import annotations

import pytest
from flask import Flask, current_app

from caching.envelope import Answer
from caching.families import BoundRead
from caching.reads import LookUp
from caching.store import Store, current_store


class Kept:
    """The reads of which a test's applications kept an answer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._reads: dict[Flask, dict[str, BoundRead]] = {}
        miss = LookUp._miss

        def note(looked_up: LookUp, store: Store, stamp: object) -> Answer:
            app = current_app._get_current_object()  # type: ignore[attr-defined]
            self._reads.setdefault(app, {})[looked_up.read.key] = looked_up.read
            return miss(looked_up, store, stamp)  # type: ignore[arg-type]

        monkeypatch.setattr(LookUp, "_miss", note)

    def old(self, app: Flask) -> list[str]:
        """Name the reads whose kept answer still counts although the database says something else by now."""
        with app.app_context():
            return [
                f"{read.family.query}{read.args}"
                for read in self._reads.pop(app, {}).values()
                if (kept := _kept(read)) is not None and kept != read.load()
            ]


def _kept(read: BoundRead) -> bytes | None:
    """Return the body that a reader would get from the cache, None if it would not be a hit."""
    store = current_store()
    seen = store.fetch([read]) if store else None
    return seen[0].answer.body if seen and seen[0].answer else None

"""What happens, and which cached reads become old with it: the table of docs/caching.md, row by row.

Every list is looked at first. Then something happens, and exactly the reads of the row's tags have to be old.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest

from bookings.my_lessons.queries import booking_counts
from caching import BoundRead, Tag, cache, outbox, warming
from caching.reads import LookUp
from caching.store import Store, current_store
from config import ROOT
from gigs.traces import notebook
from schedule.queries import schedules
from tests.support.endpoints import API
from tests.support.happenings import EVENTS, SENT, WITHOUT
from tests.support.scene import Askers, Scene, with_cookie, with_token
from tests.support.world import World

NOTHING = "nothing"
WRITES = ("POST", "PUT", "PATCH", "DELETE")
READERS = ("anna", "grace", "admin")
PAGES_OF_THEIR_OWN = (
    ("/", "admin"),
    ("/", "anna"),
    ("/", "grace"),
    ("/gigs/1", "anna"),
    ("/lessons", "admin"),
    ("/lessons", "grace"),
    ("/availability", "grace"),
    ("/teachers", "anna"),
    ("/gigs?q=zither&category=music", "anna"),
    ("/schedule", "grace"),
    ("/schedule?date=2026-01-01", "grace"),
    ("/tasks?status=approved", "anna"),
    ("/invoices", "grace"),
)


def documented() -> dict[str, str]:
    """Read the table: an event, and the tags that it makes old."""
    text = (ROOT / "docs" / "caching.md").read_text().partition("## What makes what old")[2].partition("\n## ")[0]
    return dict(re.findall(rf"^\| ([^|`]+) \| (`.+`|{NOTHING}) \|$", text, re.MULTILINE))


class Watch:
    """Every read that was cached, and what has been touched since the last look."""

    def __init__(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        self.scene = scene
        self.askers, self.browsers = Askers(scene, with_token), Askers(scene, with_cookie)
        self.touched: set[Tag] = set()
        self.reads: dict[str, BoundRead] = {}
        record, miss, begin = outbox.record, LookUp._miss, LookUp.begin

        def note_tags(session: Any, tags: Iterable[Tag], mark: str) -> None:
            self.touched |= set(tags)
            record(session, tags, mark)

        def note_read(looked_up: LookUp, store: Any, stamp: Any) -> Any:
            self.reads[looked_up.read.key] = looked_up.read
            return miss(looked_up, store, stamp)

        def note_together(looked_up: LookUp) -> Any:
            self.reads[looked_up.read.key] = looked_up.read
            return begin(looked_up)

        monkeypatch.setattr(outbox, "record", note_tags)
        monkeypatch.setattr(LookUp, "_miss", note_read)
        monkeypatch.setattr(LookUp, "begin", note_together)

    def look_at_everything(self) -> None:
        """Ask once for every address of the API, and for what only pages and commands show."""
        for endpoint in (endpoint for endpoint in API if endpoint.method == "GET"):
            path, _ = endpoint.make(self.scene)
            for actor in (actor for actor in READERS if endpoint.statuses()[actor] == 200):
                self.askers[actor].ask("GET", path)
        for path, actor in PAGES_OF_THEIR_OWN:
            assert self.browsers[actor].ask("GET", path).status_code == 200, path
        with self.scene.app.app_context():
            booking_counts(self.scene.grace.id, "teacher")
            schedules(self.scene.emil.id)

    def look_again(self, path: str) -> None:
        """Load what is old, and look at what the next event is about."""
        parts = path.partition("?")[0].split("/")
        for end in range(4, len(parts) + 1):
            for actor in ("anna", "grace", "emil"):
                self.askers[actor].ask("GET", "/".join(parts[:end]))
        with self.scene.app.app_context():
            # What was noted by looking belongs to no event.
            notebook.write_down()
            store = _store()
            reads = [*self.reads.values()]
            for read, seen in zip(reads, store.fetch(reads) or (), strict=True):
                if seen.answer is None:
                    LookUp(read, store, seen).answer()
        self.touched.clear()

    def tokens(self) -> dict[str, bytes | None]:
        """Return the token of the tag of each read that somebody has looked at."""
        with self.scene.app.app_context():
            seen = _store().fetch([*self.reads.values()])
            assert seen
            return {key: snapshot.token for key, snapshot in zip(self.reads, seen, strict=True)}


def _store() -> Store:
    store = current_store()
    assert store
    return store


def test_every_event_of_the_table_is_tried() -> None:
    assert list(documented()) == list(EVENTS)


def test_every_write_of_the_api_is_an_event() -> None:
    writes = {endpoint.name for endpoint in API if endpoint.method in WRITES}

    assert writes == SENT | {*WITHOUT}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_exactly_the_reads_of_the_row_become_old(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # Warming goes on in the background, and nobody would wait for it here.
    monkeypatch.setattr(warming, "start", lambda _: {"state": "running", "strategies": []})
    scene = Scene(world)
    watch = Watch(scene, monkeypatch)
    watch.look_at_everything()
    assert {read.family.query for read in watch.reads.values()} == {family.query for family in cache.families}
    lists = {**watch.reads}
    found: dict[str, str] = {}
    for name, prepare in EVENTS.items():
        watch.reads = {**lists}
        happening = prepare(scene, watch.askers)
        watch.look_again(happening.path)
        before = {key: token for key, token in watch.tokens().items() if token}
        reads = {key: watch.reads[key] for key in before}

        happening.happen()

        after = watch.tokens()
        touched = {*watch.touched}
        for key, read in reads.items():
            assert (before[key] != after[key]) == (read.tag in touched), (name, read.family.query, read.args)
        assert not touched or any(read.tag in touched for read in reads.values()), name
        kinds = sorted({f"`{tag.kind.owner_kind} {tag.kind.name}`" for tag in touched})
        found[name] = ", ".join(kinds) or NOTHING

    # The message is the table as it should be.
    assert found == documented(), "\n".join(f"| {name} | {kinds} |" for name, kinds in found.items())

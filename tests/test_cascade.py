"""What happens, and which cached reads become old with it: the table of docs/caching.md, row by row.

Every list is looked at first. Then something happens, and exactly the reads of the row's tags have to be old.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from caching import BoundRead, Tag, outbox
from caching.reads import LookUp
from caching.store import current_store
from config import ROOT
from gigs.traces import notebook
from tests.support.world import Person, World

Rows = dict[str, set[str]]


def documented() -> Rows:
    """Read the table: an event, and the tags that it makes old."""
    text = (ROOT / "docs" / "caching.md").read_text().partition("## What makes what old")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|`]+) \| (`.+`) \|$", text, re.MULTILINE)
    return {event.strip(): set(re.findall(r"`([^`]+)`", tags)) for event, tags in rows}


class Play:
    """Everybody who looks and acts, and what has been touched since the last look."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.touched: set[Tag] = set()
        self.reads: dict[str, BoundRead] = {}
        self.ada, self.emil, self.mia, self.admin = world.teacher(), world.teacher(), world.student(), world.admin()
        self.gig = world.gig(self.ada)
        self.other = world.gig(self.emil)
        self.path = f"/api/gigs/{self.gig['id']}"
        self.lesson: dict[str, Any] = {}
        self.past_lesson = world.past_lesson(self.mia, self.gig)
        self._watch(monkeypatch)

    def _watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        record, miss = outbox.record, LookUp._miss

        def note_tags(session: Any, tags: Iterable[Tag], mark: str) -> None:
            self.touched |= set(tags)
            record(session, tags, mark)

        def note_read(looked_up: LookUp, store: Any, stamp: Any) -> Any:
            self.reads[looked_up.read.key] = looked_up.read
            return miss(looked_up, store, stamp)

        monkeypatch.setattr(outbox, "record", note_tags)
        monkeypatch.setattr(LookUp, "_miss", note_read)

    def look(self) -> None:
        """Look at every list, and at the gigs."""
        everybody: tuple[str, ...] = (
            "/api/gigs",
            "/api/gigs/featured",
            "/api/gigs/categories",
            "/api/gigs/popular-skills",
        )
        for gig in (self.gig, self.other):
            day = f"from={self.world.at(days=1)}&to={self.world.at(days=2)}"
            everybody += (f"/api/teachers/{gig['teacher']['id']}/slots?gig_id={gig['id']}&{day}",)
            everybody += tuple(f"/api/gigs/{gig['id']}{rest}" for rest in ("", "/similar", "/sessions"))
        for path in (*everybody, "/api/teachers", f"/api/users/{self.ada.id}", f"/api/reviews?user_id={self.ada.id}"):
            self.world.anyone.get(path)
        for person in (self.ada, self.emil, self.mia):
            for path in ("bookings", "notifications", "gigs/recently-viewed", "gigs/search-history", "users/me/stats"):
                assert person.get(f"/api/{path}").status_code == 200
        for teacher, gig in ((self.ada, self.gig), (self.emil, self.other)):
            for path in ("mine", f"{gig['id']}/autosave", f"{gig['id']}/stats", "new/autosave"):
                teacher.get(f"/api/gigs/{path}")
        self.admin.get("/api/users")
        self.admin.get("/api/bookings")
        # What was noted by looking belongs to no event.
        self.noted()

    def tokens(self) -> dict[str, bytes | None]:
        """Return the token of the tag of each read that somebody has looked at."""
        with self.world.app.app_context():
            store = current_store()
            assert store
            seen = store.fetch([*self.reads.values()])
            assert seen
            return {key: snapshot.token for key, snapshot in zip(self.reads, seen, strict=True)}

    def noted(self) -> None:
        with self.world.app.app_context():
            notebook.write_down()

    def ask(self) -> None:
        self.lesson = self.world.booking(self.mia, self.gig)

    def answer(self, status: str, by: Person | None = None) -> None:
        answer = (by or self.ada).patch(f"/api/bookings/{self.lesson['id']}", {"status": status})
        assert answer.status_code == 200, answer.text

    def look_at_gig(self) -> None:
        self.mia.get(self.path)
        self.noted()

    def search(self) -> None:
        self.mia.get("/api/gigs?q=piano")
        self.noted()


EVENTS: dict[str, Callable[[Play], object]] = {
    "a gig is written": lambda play: play.world.gig(play.ada, status="draft"),
    "something is typed about a gig": lambda play: play.ada.put(
        f"{play.path}/autosave", {"version": 0, "fields": {"title": "Organ"}}
    ),
    "a published gig is changed": lambda play: play.ada.patch(play.path, {"price_cents": 4000}),
    "a published gig is hidden": lambda play: play.ada.post(f"{play.path}/visibility", {"visibility": "private"}),
    "a published gig is shown again": lambda play: play.ada.post(f"{play.path}/visibility", {"visibility": "public"}),
    "a gig is paused": lambda play: play.ada.post(f"{play.path}/status", {"status": "paused"}),
    "a gig is published": lambda play: play.ada.post(f"{play.path}/status", {"status": "published"}),
    "gigs are recommended": lambda play: play.admin.put("/api/gigs/featured", {"gig_ids": [play.gig["id"]]}),
    "somebody signed in looks at a gig": Play.look_at_gig,
    "somebody signed in searches": Play.search,
    "a lesson is asked for": Play.ask,
    "a lesson is accepted": lambda play: play.answer("accepted"),
    "a lesson is cancelled": lambda play: play.answer("cancelled", play.mia),
    "a review is written": lambda play: play.mia.post(
        "/api/reviews", {"booking_id": play.past_lesson, "rating": 5, "comment": "Clear and patient."}
    ),
    "a teacher changes their name": lambda play: play.ada.patch("/api/users/me", {"name": "Ada King"}),
    "a teacher changes their hours": lambda play: play.ada.put("/api/teachers/me/availability", {"weekly": []}),
}


def test_every_event_of_the_table_is_tried() -> None:
    assert list(documented()) == list(EVENTS)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_exactly_the_reads_of_the_row_become_old(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    play = Play(world, monkeypatch)
    found: Rows = {}
    for name, happen in EVENTS.items():
        play.look()
        before = {key: token for key, token in play.tokens().items() if token}
        reads = {key: play.reads[key] for key in before}
        play.touched.clear()

        happen(play)

        after = play.tokens()
        found[name] = {f"{tag.kind.owner_kind} {tag.kind.name}" for tag in play.touched}
        for key, read in reads.items():
            assert (before[key] != after[key]) == (read.tag in play.touched), (name, read.family.query, read.args)
        assert any(read.tag in play.touched for read in reads.values()), name

    assert found == documented()

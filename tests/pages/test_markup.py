"""What a checker of HTML would find on any page, refused forms included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.pages.visitor import Visitor
from tests.support.endpoints import PAGES
from tests.support.scene import Scene, with_cookie
from tests.support.world import World

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "use"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
SECTIONS = ("section", "article")
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "list")

Visit = Callable[..., Visitor]


class Checker(HTMLParser):
    """Reads a page and collects its faults."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._open: list[str] = []
        # Of each section that is open, whether it had its heading.
        self._sections: list[bool] = []
        self._ids: Counter[str] = Counter()
        self._references: set[str] = set()
        self._select: str | None = None
        self.feed(page)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self._open]
        self.faults += [f"the id {name} stands for {times} things" for name, times in self._ids.items() if times > 1]
        self.faults += [f"nothing has the id {name}" for name in self._references - set(self._ids)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if len(given) < len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice: {attrs}")
        self._ids.update([given["id"]] if "id" in given else [])
        self._references.update(name for of in REFERENCES for name in given.get(of, "").split())
        if tag == "option" and self._select is not None and given.get("value") != "":
            self.faults.append(f"the first option of {self._select}, which is required, is a choice")
        if tag == "option":
            self._select = None
        if tag == "select" and "required" in given:
            self._select = given.get("name", "")
        if tag in HEADINGS:
            self._sections[-1:] = [True]
        if tag in SECTIONS:
            self._sections.append("aria-label" in given)
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        opened = self._open.pop() if self._open else None
        if opened != tag:
            self.faults.append(f"</{tag}> closes <{opened}>")
        if tag in SECTIONS and not self._sections.pop():
            self.faults.append(f"a <{tag}> that ends in line {self.getpos()[0]} has no heading")


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def test_no_page_has_a_fault_that_a_checker_finds(scene: Scene) -> None:
    askers = {actor: with_cookie(scene, actor) for actor in ("anna", "grace", "admin", "nobody")}
    faults, seen = [], set()
    for endpoint in (it for it in PAGES if it.method == "GET"):
        path, _ = endpoint.make(scene)
        for actor, asker in askers.items():
            answer = asker.ask("GET", path)
            if answer.mimetype == "text/html" and answer.status_code < 300:
                seen.add(endpoint.name)
                faults += [f"{path} for {actor}: {fault}" for fault in Checker(answer.text).faults]

    assert len(seen) > 20
    assert not faults, "\n".join(faults)


def test_no_refused_form_has_one_either(scene: Scene, visit: Visit) -> None:
    lesson, gig = scene.pending(), scene.gig()
    forms: list[tuple[Any, str, dict[str, Any]]] = [
        (None, "/register", {}),
        (None, "/sign-in", {}),
        (scene.anna, f"/gigs/{gig}", {"starts_at": "other", "note": "x" * 2001}),
        (scene.anna, f"/lessons/{lesson}/move", {"starts_at": "other"}),
        (scene.anna, f"/lessons/{scene.completed()}/review", {}),
        (scene.anna, "/profile", {"name": "", "time_zone": "Nowhere"}),
        (scene.grace, "/gigs/new", {"currency": "", "title": ""}),
        (scene.grace, f"/gigs/{gig}/edit", {"currency": "XXQ"}),
        (scene.grace, f"/lessons/{lesson}/propose", {"gig_id": ""}),
        (scene.grace, "/availability", {"monday-start": "25:00", "max_per_day": "many"}),
    ]
    for person, path, wrong in forms:
        action = f"{path}/lessons" if path == f"/gigs/{gig}" else path
        visitor = visit(person).open(path).send(action, **wrong)

        assert (path, visitor.status) == (path, 422)
        assert (path, Checker(visitor.answer.text).faults) == (path, [])

"""The editor of a gig loses nothing that was typed: what was not saved, and what another page has saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.world import Person, World

Visit = Callable[..., Visitor]


@pytest.fixture
def ada(world: World) -> Person:
    return world.teacher()


def typed(person: Person, gig: dict[str, Any] | None, version: int = 0, **fields: Any) -> None:
    path = f"/api/gigs/{gig['id'] if gig else 'new'}/autosave"
    assert person.put(path, {"version": version, "fields": fields}).status_code == 200


def test_what_was_not_saved_is_offered_and_put_back_as_it_was_typed(visit: Visit, world: World, ada: Person) -> None:
    gig = world.gig(ada)
    typed(ada, gig, title="Organ", price_cents="45,x", visibility="unlisted")
    visitor = visit(ada).open(f"/gigs/{gig['id']}/edit")

    offered, values = visitor.text, visitor.form().values
    visitor.open(f"/gigs/{gig['id']}/edit?typed=1")
    put_back = visitor.form().values
    visitor.send(price="45")

    assert "There is something you have not saved." in offered
    assert values["title"] == gig["title"]
    assert (put_back["title"], put_back["price"], put_back["visibility"]) == ("Organ", "45,x", "unlisted")
    assert put_back["description"] == gig["description"]
    saved = ada.get(f"/api/gigs/{gig['id']}").json
    assert (saved["title"], saved["price_cents"], saved["visibility"]) == ("Organ", 4500, "unlisted")
    assert ada.get(f"/api/gigs/{gig['id']}/autosave").status_code == 404


def test_what_was_not_saved_can_be_discarded(visit: Visit, world: World, ada: Person) -> None:
    gig = world.gig(ada)
    typed(ada, gig, title="Organ")
    visitor = visit(ada).open(f"/gigs/{gig['id']}/edit")

    visitor.send(f"/gigs/{gig['id']}/edit/discard")

    assert "What was not saved is discarded." in visitor.text
    assert ada.get(f"/api/gigs/{gig['id']}/autosave").status_code == 404


def test_what_was_typed_after_the_offer_is_not_discarded_unseen(visit: Visit, world: World, ada: Person) -> None:
    gig = world.gig(ada)
    typed(ada, gig, title="Organ")
    visitor = visit(ada).open(f"/gigs/{gig['id']}/edit")
    typed(ada, gig, 1, title="Organ and more")

    visitor.send(f"/gigs/{gig['id']}/edit/discard")

    assert "More was typed meanwhile" in visitor.text
    assert ada.get(f"/api/gigs/{gig['id']}/autosave").json["fields"] == {"title": "Organ and more"}


def test_a_button_saves_nothing_over_what_another_page_has_typed(visit: Visit, world: World, ada: Person) -> None:
    gig = world.gig(ada, status="draft")
    visitor = visit(ada).open(f"/gigs/{gig['id']}/edit")
    typed(ada, gig, title="Organ", summary="Loud")

    visitor.send(title="Harp", price="20", then="published")

    assert (visitor.status, "changed on another page" in visitor.text) == (409, True)
    assert ada.get(f"/api/gigs/{gig['id']}").json["title"] == gig["title"]
    values = visitor.form().values
    assert (values["title"], values["other-title"], values["other-summary"]) == ("Harp", "Organ", "Loud")

    chosen: dict[str, Any] = {"choose-summary": "other", "then": "published"}
    visitor.send(**chosen)

    saved = ada.get(f"/api/gigs/{gig['id']}").json
    shown = ("Harp", "Loud", 2000, "published")
    assert (saved["title"], saved["summary"], saved["price_cents"], saved["status"]) == shown


def test_two_pages_without_scripts_are_compared_even_within_a_moment(visit: Visit, world: World, ada: Person) -> None:
    gig = world.gig(ada)
    first, second = (visit(ada).open(f"/gigs/{gig['id']}/edit") for _ in range(2))
    # The clock stands still, so both are saved at the same instant.
    first.send(title="Organ")

    second.send(price="20")

    assert second.status == 409
    chosen: dict[str, Any] = {"choose-title": "other"}
    second.send(**chosen)
    saved = ada.get(f"/api/gigs/{gig['id']}").json
    assert (saved["title"], saved["price_cents"]) == ("Organ", 2000)


def test_another_page_that_changed_the_status_alone_is_no_conflict(
    visit: Visit, world: World, ada: Person, clock: FakeClock
) -> None:
    gig = world.gig(ada)
    visitor = visit(ada).open(f"/gigs/{gig['id']}/edit")
    clock.advance(minutes=1)
    ada.post(f"/api/gigs/{gig['id']}/status", {"status": "paused"})

    visitor.send()

    assert "Your changes are saved." in visitor.text


def test_a_gig_that_was_begun_is_gone_on_with(visit: Visit, world: World, ada: Person) -> None:
    typed(ada, None, title="Harp", description="We begin with the strings of the harp.", category="Music")
    visitor = visit(ada).open("/gigs/new")

    offered = visitor.text
    visitor.open("/gigs/new?typed=1").send(price="20", duration_minutes="45")

    assert "You have begun to write a gig." in offered
    assert "“Harp”" in offered
    assert [gig["title"] for gig in ada.get("/api/gigs/my-drafts").json["data"]] == ["Harp"]
    assert ada.get("/api/gigs/new/autosave").status_code == 404


def test_writing_another_gig_leaves_the_one_that_was_begun(visit: Visit, world: World, ada: Person) -> None:
    typed(ada, None, title="Harp")
    entered: dict[str, Any] = {
        "title": "Organ",
        "description": "Two hands, two feet and a lot of air.",
        "category": "Music",
    }

    visit(ada).open("/gigs/new").send(price="20", duration_minutes="45", **entered)

    assert ada.get("/api/gigs/new/autosave").json["fields"] == {"title": "Harp"}


def test_a_page_can_be_compared_without_saving(visit: Visit, world: World, ada: Person) -> None:
    gig = world.gig(ada)
    visitor = visit(ada).open(f"/gigs/{gig['id']}/edit")
    typed(ada, gig, title="Organ")

    visitor.send(summary="Slowly.", compare="1")

    assert (visitor.status, visitor.form().values["other-title"]) == (409, "Organ")
    assert visitor.form().values["typed_version"] == "1"
    assert ada.get(f"/api/gigs/{gig['id']}").json["summary"] == ""

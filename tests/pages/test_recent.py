"""The page of what one has looked at and searched for, and the other pages that discovery has."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gigs.traces import notebook
from tests.pages.visitor import Visitor
from tests.support.world import World

Visit = Callable[..., Visitor]
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_what_was_looked_at_and_searched_for_can_be_forgotten_and_not_kept(visit: Visit, world: World) -> None:
    mia, gig = world.student(), world.gig(world.teacher(), title="Organ with both feet")
    visitor = visit(mia).open(f"/gigs/{gig['id']}").open("/gigs?q=organ").open("/gigs?q=harp")
    with world.app.app_context():
        notebook.write_down()
    visitor.open("/gigs/recent")
    assert all(text in visitor.text for text in ("Organ with both feet", "organ", "harp"))

    (first, *_) = mia.get("/api/gigs/search-history").json["data"]
    visitor.send("/gigs/recent/forget", having={"search": str(first["id"])})
    left = [search["q"] for search in mia.get("/api/gigs/search-history").json["data"]]
    assert left == ["organ"]
    visitor.send("/gigs/recent/forget", having={"what": "views"})
    assert "Gigs that you open appear here." in visitor.text
    visitor.send("/gigs/recent/forget", having={"what": "stop"})

    assert "Your searches are not kept." in visitor.text
    visitor.open("/gigs?q=violin")
    with world.app.app_context():
        notebook.write_down()
    assert mia.get("/api/gigs/search-history").json["data"] == []


def test_the_profile_says_whether_searches_are_kept_and_changes_it(visit: Visit, world: World) -> None:
    mia = world.student()

    visitor = visit(mia).open("/profile").send("/gigs/recent/forget")

    assert "What you search for is not kept." in visitor.text
    assert mia.get("/api/users/me").json["keeps_searches"] is False
    assert "so that you can search again" in visitor.send("/gigs/recent/forget").text
    assert mia.get("/api/users/me").json["keeps_searches"] is True


def test_recommended_and_similar_gigs_stand_on_their_pages(visit: Visit, world: World) -> None:
    ada, admin = world.teacher(), world.admin()
    gig, other = (world.gig(ada, title=title) for title in ("Organ with both feet", "Harp for two hands"))
    assert admin.put("/api/gigs/featured", {"gig_ids": [other["id"]]}).status_code == 204

    assert "Harp for two hands" in visit(None).open("/").text
    assert "Harp for two hands" in visit(None).open(f"/gigs/{gig['id']}").text


def test_a_teacher_sees_how_it_is_going(visit: Visit, world: World) -> None:
    ada = world.teacher()
    gig = world.gig(ada)
    world.past_lesson(world.student(), gig)

    visitor = visit(ada)

    visitor.open("/statistics")
    assert all(text in visitor.text for text in ("How it is going", gig["title"], "Lessons given a month"))
    assert visitor.open(f"/gigs/{gig['id']}/statistics").status == 200

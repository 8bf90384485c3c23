"""Nobody sees a gig's past: every view is cached first, then somebody changes something, then all look again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.world import Person, World

LIST, MINE, CATEGORIES = "/api/gigs", "/api/gigs/mine", "/api/gigs/categories"


class Scene:
    """A gig, and everybody who has just looked at it."""

    def __init__(self, world: World, *, status: str = "published") -> None:
        self.world = world
        self.teacher = world.teacher(name="Grace Hopper")
        self.student = world.student()
        self.admin = world.admin()
        self.gig = world.gig(self.teacher, status=status)
        self.path = f"/api/gigs/{self.gig['id']}"
        self.look()

    def look(self) -> dict[str, list[Any]]:
        """What each of them sees: the gigs listed, the detail (or its status code), the teacher's own list."""
        readers: list[Any] = [self.world.anyone, self.student, self.admin, self.teacher]
        lists = [reader.get(LIST).json["data"] for reader in readers]
        details = [self._detail(reader) for reader in readers]
        return {
            "listed": [next((gig for gig in found if gig["id"] == self.gig["id"]), None) for found in lists],
            "details": details,
            "mine": self.teacher.get(MINE).json.get("data"),
            "categories": self.world.anyone.get(CATEGORIES).json["data"],
        }

    def status(self, status: str, actor: Person | None = None) -> None:
        answer = (actor or self.teacher).post(f"{self.path}/status", {"status": status})
        assert answer.status_code == 200, answer.text

    def visibility(self, visibility: str) -> None:
        assert self.teacher.post(f"{self.path}/visibility", {"visibility": visibility}).status_code == 200

    def _detail(self, reader: Any) -> Any:
        answer = reader.get(self.path)
        return answer.json if answer.status_code == 200 else answer.status_code


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def test_a_change_shows_everywhere(scene: Scene) -> None:
    assert scene.teacher.patch(scene.path, {"title": "Organ", "category": "Keys", "skills": []}).status_code == 200

    seen = scene.look()

    shown = [*seen["listed"], *seen["details"], *seen["mine"]]
    assert {(gig["title"], gig["category"], tuple(gig["skills"])) for gig in shown} == {("Organ", "Keys", ())}
    assert seen["categories"] == [{"name": "Keys", "gigs": 1, "value": "Keys", "count": 1}]


def test_a_new_gig_is_in_its_teachers_list_at_once(scene: Scene) -> None:
    draft = scene.world.gig(scene.teacher, status="draft")

    seen = scene.look()

    assert [gig["id"] for gig in seen["mine"]] == [draft["id"], scene.gig["id"]]


def test_a_published_draft_is_listed_at_once(world: World) -> None:
    scene = Scene(world, status="draft")
    assert scene.look()["listed"] == [None] * 4
    assert scene.look()["details"][:2] == [404, 404]

    scene.status("published")

    seen = scene.look()
    assert [gig["status"] for gig in seen["listed"] + seen["details"] + seen["mine"]] == ["published"] * 9
    assert seen["categories"] == [{"name": "Music", "gigs": 1, "value": "Music", "count": 1}]


def test_a_paused_gig_leaves_the_lists_at_once_and_returns(scene: Scene) -> None:
    scene.status("paused", scene.admin)

    seen = scene.look()
    assert seen["listed"] == [None] * 4
    assert [gig["status"] for gig in seen["details"] + seen["mine"]] == ["paused"] * 5
    assert seen["categories"] == []

    scene.status("published")

    assert [gig["status"] for gig in scene.look()["listed"]] == ["published"] * 4


def test_an_archived_gig_is_gone_at_once_for_all_but_its_managers(scene: Scene) -> None:
    assert scene.teacher.delete(scene.path).status_code == 204

    seen = scene.look()

    assert seen["listed"] == [None] * 4
    assert seen["details"][:2] == [404, 404]
    assert [gig["status"] for gig in seen["details"][2:] + seen["mine"]] == ["archived"] * 3


@pytest.mark.parametrize(("visibility", "others"), [("unlisted", "unlisted"), ("private", 404)])
def test_a_gig_that_is_hidden_is_hidden_at_once(scene: Scene, visibility: str, others: Any) -> None:
    scene.visibility(visibility)

    seen = scene.look()

    assert seen["listed"] == [None] * 4
    assert [gig if gig == 404 else gig["visibility"] for gig in seen["details"]] == [others] * 2 + [visibility] * 2
    assert [gig["visibility"] for gig in seen["mine"]] == [visibility]


def test_a_renamed_teacher_has_their_new_name_everywhere(scene: Scene) -> None:
    assert scene.teacher.patch("/api/users/me", {"name": "Amazing Grace"}).status_code == 200

    seen = scene.look()

    shown = [*seen["listed"], *seen["details"], *seen["mine"]]
    assert {gig["teacher"]["name"] for gig in shown} == {"Amazing Grace"}


def test_a_new_rating_shows_everywhere(scene: Scene) -> None:
    scene.world.review(scene.student, scene.gig, rating=4)

    seen = scene.look()

    shown = [*seen["listed"], *seen["details"], *seen["mine"]]
    assert {(gig["teacher"]["rating"], gig["teacher"]["review_count"]) for gig in shown} == {(4.0, 1)}


@pytest.mark.parametrize("command", [("deactivate",), ("set-role", "student")])
def test_the_gigs_of_somebody_who_teaches_no_more_are_gone_at_once(scene: Scene, command: tuple[str, ...]) -> None:
    name, *role = command
    scene.world.operator("accounts", name, scene.teacher.email, *role)

    answers = [scene.world.anyone.get(scene.path), scene.student.get(scene.path), scene.admin.get(scene.path)]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert scene.world.anyone.get(LIST).json["data"] == []
    assert scene.world.anyone.get(CATEGORIES).json["data"] == []
    assert scene.teacher.get(MINE).status_code in (401, 403)
    assert scene.teacher.patch(scene.path, {"title": "Still here"}).status_code in (401, 404)
    assert scene.teacher.post("/api/gigs", {}).status_code in (401, 403)


def test_the_gigs_of_somebody_who_teaches_again_are_back_at_once(scene: Scene) -> None:
    scene.world.operator("accounts", "set-role", scene.teacher.email, "student")
    assert scene.world.anyone.get(LIST).json["data"] == []

    scene.world.operator("accounts", "set-role", scene.teacher.email, "teacher")

    assert [gig["id"] for gig in scene.world.anyone.get(LIST).json["data"]] == [scene.gig["id"]]
    assert scene.world.anyone.get(scene.path).status_code == 200

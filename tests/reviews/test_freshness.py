"""Nobody sees a review's past: every list is cached first, then somebody changes something, then all look again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.world import World


class Scene:
    """One review, and everybody who has just looked at it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.student, self.teacher = world.student(name="Ada Lovelace"), world.teacher(name="Grace Hopper")
        self.gig = world.gig(self.teacher)
        self.review = world.review(self.student, self.gig, rating=4)
        self.admin = world.admin()
        self.look()

    def look(self) -> dict[str, list[dict[str, Any]]]:
        """What each list shows."""
        of, by = f"/api/reviews?user_id={self.teacher.id}", f"/api/reviews/by/{self.student.id}"
        return {
            "public": self._read(self.world.anyone, of),
            "recent": self._read(self.world.anyone, f"{of}&filter=recent"),
            "unread": self._read(self.teacher, f"{of}&filter=unread"),
            "own": self._read(self.student, by),
            "admin": self._read(self.admin, by),
        }

    def _read(self, reader: Any, path: str) -> list[dict[str, Any]]:
        answer = reader.get(path)
        assert answer.status_code == 200, answer.text
        return list(answer.json["data"])


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def test_a_new_review_is_in_every_list_at_once(scene: Scene) -> None:
    new = scene.world.review(scene.student, scene.gig, rating=1)

    assert {name: found[0]["id"] for name, found in scene.look().items()} == dict.fromkeys(scene.look(), new["id"])


def test_a_new_review_is_in_its_teachers_rating_at_once(scene: Scene) -> None:
    for path in (f"/api/users/{scene.teacher.id}", "/api/teachers?min_rating=3"):
        scene.world.anyone.get(path)

    scene.world.review(scene.student, scene.gig, rating=1)

    profile = scene.world.anyone.get(f"/api/users/{scene.teacher.id}").json
    assert (profile["rating"], profile["review_count"]) == (2.5, 2)
    assert scene.world.anyone.get("/api/teachers?min_rating=3").json["data"] == []


def test_a_reply_is_in_every_list_at_once(scene: Scene) -> None:
    scene.teacher.patch(f"/api/reviews/{scene.review['id']}", {"reply": "Thank you!"})

    assert {found[0]["reply"] for found in scene.look().values()} == {"Thank you!"}


def test_a_review_that_was_read_is_not_unread_any_more(scene: Scene) -> None:
    scene.teacher.patch(f"/api/reviews/{scene.review['id']}", {"read": True})

    assert {name: len(found) for name, found in scene.look().items()} == {
        "public": 1,
        "recent": 1,
        "unread": 0,
        "own": 1,
        "admin": 1,
    }


def test_a_renamed_student_has_their_new_name_everywhere(scene: Scene) -> None:
    scene.student.patch("/api/users/me", {"name": "Ada King"})

    seen = scene.look()

    names = {name: found[0]["reviewer"]["name"] for name, found in seen.items()}
    assert names == {"public": "Ada K.", "recent": "Ada K.", "unread": "Ada K.", "own": "Ada King", "admin": "Ada King"}


def test_a_renamed_teacher_has_their_new_name_everywhere(scene: Scene) -> None:
    scene.teacher.patch("/api/users/me", {"name": "Amazing Grace"})

    assert {found[0]["reviewed"]["name"] for found in scene.look().values()} == {"Amazing Grace"}


@pytest.mark.parametrize("command", [("deactivate",), ("set-role", "student")])
def test_the_reviews_of_somebody_who_teaches_no_more_are_gone_at_once(scene: Scene, command: tuple[str, ...]) -> None:
    name, *role = command
    scene.world.operator("accounts", name, scene.teacher.email, *role)

    assert scene.world.anyone.get(f"/api/reviews?user_id={scene.teacher.id}").status_code == 404
    assert scene.world.anyone.get(f"/api/reviews?user_id={scene.teacher.id}&filter=recent").status_code == 404
    own = scene.student.get(f"/api/reviews/by/{scene.student.id}").json["data"]
    assert [review["id"] for review in own] == [scene.review["id"]]

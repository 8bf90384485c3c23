"""Hiding reviews: gone for the public at once, seen by its two people with the reason, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from extensions import db
from operators.doctor.checks import wrong_ratings
from tests.support.races import at_once
from tests.support.world import Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HIDE = {"hidden": True, "reason": "It names a pupil."}


class Told:
    """A teacher with a review, and all who may look at it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.student, self.teacher, self.office = world.student(), world.teacher(), world.admin()
        self.gig = world.gig(self.teacher)
        world.review(world.student(), self.gig, rating=5)
        self.id = world.review(self.student, self.gig, rating=1, comment="Never again.")["id"]

    def set(self, body: dict[str, Any], by: Person | None = None) -> Any:
        return (by or self.office).patch(f"/api/reviews/{self.id}", body)

    def public(self) -> tuple[list[int], float, int, float, int]:
        """What the public reads: ids of reviews, and the rating on the profile and beside the gig."""
        anyone = self.world.anyone
        listed = anyone.get(f"/api/reviews?user_id={self.teacher.id}").json["data"]
        profile = anyone.get(f"/api/users/{self.teacher.id}").json
        beside = anyone.get(f"/api/gigs/{self.gig['id']}").json["teacher"]
        ids = [review["id"] for review in listed]
        return ids, profile["rating"], profile["review_count"], beside["rating"], beside["review_count"]

    def listed(self, person: Person, query: str = "") -> list[dict[str, Any]]:
        return list(person.get(f"/api/reviews?user_id={self.teacher.id}{query}").json["data"])


@pytest.fixture
def told(world: World) -> Told:
    return Told(world)


def test_a_hidden_review_is_gone_from_lists_ratings_and_counts_at_once_and_comes_back(told: Told) -> None:
    before = told.public()

    hidden = told.set(HIDE)
    without = told.public()
    restored = told.set({"hidden": False})

    assert (hidden.status_code, hidden.json["hidden"], hidden.json["hidden_reason"]) == (200, True, HIDE["reason"])
    assert (before[1:], without[1:]) == ((3.0, 2, 3.0, 2), (5.0, 1, 5.0, 1))
    assert told.id not in without[0]
    assert "hidden" not in restored.json
    assert told.public() == before


@on_sqlite
def test_its_student_and_teacher_see_that_it_is_hidden_and_why(told: Told) -> None:
    told.listed(told.teacher, "&filter=hidden")
    told.set(HIDE)

    (written,) = told.student.get(f"/api/reviews/by/{told.student.id}").json["data"]
    (received,) = told.listed(told.teacher, "&filter=hidden")

    for seen in (written, received):
        assert (seen["id"], seen["hidden"], seen["hidden_reason"]) == (told.id, True, "It names a pupil.")


@on_sqlite
def test_nobody_else_lists_what_is_hidden(told: Told) -> None:
    told.set(HIDE)
    address = f"/api/reviews?user_id={told.teacher.id}&filter=hidden"

    asked = (told.student, told.world.teacher(), told.office)

    assert [person.get(address).status_code for person in asked] == [403, 403, 200]
    assert told.world.anyone.get(address).status_code == 401


@on_sqlite
@pytest.mark.parametrize(
    "body",
    [
        {"hidden": True},
        {"hidden": True, "reason": "  "},
        {"hidden": True, "reason": "x" * 501},
        {"reason": "Why not"},
        {"hidden": False, "reason": "Why not"},
        {"hidden": None, "reason": "Why not"},
        {**HIDE, "rating": 5},
    ],
)
def test_what_is_no_clear_step_is_refused_and_changes_nothing(told: Told, body: dict[str, Any]) -> None:
    before = told.public()

    assert told.set(body).status_code == 422

    assert told.public() == before


@on_sqlite
def test_who_does_not_run_the_school_hides_nothing(told: Told) -> None:
    assert [told.set(HIDE, by).status_code for by in (told.student, told.teacher)] == [403, 403]
    assert len(told.public()[0]) == 2


@on_sqlite
def test_a_hidden_review_that_is_reworded_still_counts_for_nothing(told: Told) -> None:
    told.set(HIDE)
    told.set({"rating": 4, "comment": "It was fine."}, told.student)
    hidden = told.public()

    told.set({"hidden": False})

    assert (hidden[1:3], told.public()[1:3]) == ((5.0, 1), (4.5, 2))


def test_hiding_and_rewording_at_once_leave_a_rating_that_is_that_of_the_reviews(told: Told) -> None:
    steps: list[Callable[[], object]] = [
        lambda: told.set(HIDE),
        lambda: told.set({"rating": 3}, told.student),
        lambda: told.set(HIDE),
        lambda: told.set({"rating": 2}, told.student),
    ]

    at_once(steps)

    with told.world.app.app_context(), db.engine.connect() as connection:
        assert list(wrong_ratings(connection)) == []
    assert told.public()[1:3] == (5.0, 1)

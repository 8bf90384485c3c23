"""A teacher's work on their gigs over the API: who may do what, and in which state."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.gigs.bodies import WHOLE
from tests.support.races import at_once
from tests.support.world import Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_new_gig_is_a_draft_with_everything_that_was_entered(world: World) -> None:
    teacher = world.teacher(name="Grace Hopper")

    answer = teacher.post("/api/gigs", WHOLE)

    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == WHOLE | {
        "id": answer.json["id"],
        "status": "draft",
        "visibility": "public",
        "title": "Ancient Greek 🏛",
        "skills": ["Greek", "Homer"],
        "teacher": {"id": teacher.id, "name": "Grace Hopper", "rating": None, "review_count": 0},
        "created_at": "2026-11-21T09:30:00Z",
        "updated_at": "2026-11-21T09:30:00Z",
    }


@on_sqlite
def test_what_is_left_out_has_a_sensible_value(world: World) -> None:
    gig = world.gig(world.teacher(), status="draft")

    assert (gig["summary"], gig["location"], gig["capacity"], gig["enrolment"]) == ("", "", 1, "booking")
    assert (gig["free_cancellation_hours"], gig["late_cancellation_percent"]) == (0, 0)


@on_sqlite
def test_only_teachers_create_gigs(world: World) -> None:
    statuses = [person.post("/api/gigs", WHOLE).status_code for person in (world.student(), world.admin())]

    assert statuses == [403, 403]
    assert world.anyone.post("/api/gigs", json=WHOLE).status_code == 401


def test_the_same_idempotency_key_creates_one_gig(world: World) -> None:
    teacher = world.teacher()
    key = {"Idempotency-Key": "once"}

    first, second = (teacher.post("/api/gigs", WHOLE, headers=key) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert len(teacher.get("/api/gigs/mine").json["data"]) == 1
    assert teacher.post("/api/gigs", WHOLE | {"capacity": 5}, headers=key).status_code == 422


def test_every_field_can_be_changed_alone(world: World) -> None:
    teacher = world.teacher()
    for field, value in WHOLE.items():
        before = world.gig(teacher)

        answer = teacher.patch(f"/api/gigs/{before['id']}", {field: value})

        assert answer.status_code == 200
        expected = {"title": "Ancient Greek 🏛", "skills": ["Greek", "Homer"]}.get(field, value)
        assert answer.json == before | {field: expected}


@on_sqlite
def test_an_administrator_changes_any_gig(world: World) -> None:
    gig, admin = world.gig(world.teacher()), world.admin()

    assert admin.patch(f"/api/gigs/{gig['id']}", {"title": "Corrected"}).json["title"] == "Corrected"
    assert admin.post(f"/api/gigs/{gig['id']}/visibility", {"visibility": "private"}).status_code == 200
    assert admin.post(f"/api/gigs/{gig['id']}/status", {"status": "paused"}).status_code == 200
    assert admin.delete(f"/api/gigs/{gig['id']}").status_code == 204


@on_sqlite
def test_deleting_archives(world: World) -> None:
    teacher = world.teacher()
    for status in ("draft", "published", "paused"):
        path = f"/api/gigs/{_in_status(world, teacher, status)['id']}"

        answer = teacher.delete(path)

        assert (answer.status_code, answer.text) == (204, "")
        assert teacher.get(path).json["status"] == "archived"


@on_sqlite
def test_an_archived_gig_changes_no_more(world: World) -> None:
    teacher = world.teacher()
    gig = _in_status(world, teacher, "archived")
    path = f"/api/gigs/{gig['id']}"

    answers = [
        teacher.patch(path, {"title": "Back again"}),
        teacher.post(f"{path}/visibility", {"visibility": "private"}),
        teacher.post(f"{path}/status", {"status": "published"}),
        teacher.delete(path),
    ]

    assert [answer.status_code for answer in answers] == [409] * 4
    assert {answer.json["type"] for answer in answers} == {"/problems/wrong-state"}
    assert teacher.get(path).json == gig | {"status": "archived"}


WRONG_STEPS = [
    ("draft", "draft", ["published", "archived"]),
    ("draft", "paused", ["published", "archived"]),
    ("published", "draft", ["paused", "archived"]),
    ("published", "published", ["paused", "archived"]),
    ("paused", "draft", ["published", "archived"]),
]


@on_sqlite
def test_a_wrong_step_names_the_state_and_what_is_possible(world: World) -> None:
    teacher = world.teacher()
    for status, target, possible in WRONG_STEPS:
        path = f"/api/gigs/{_in_status(world, teacher, status)['id']}"

        answer = teacher.post(f"{path}/status", {"status": target})

        assert answer.status_code == 409
        assert (answer.json["current"], answer.json["allowed"]) == (status, possible)
        assert teacher.get(path).json["status"] == status


def test_of_two_people_who_act_at_the_same_moment_one_wins(world: World) -> None:
    teacher, admin = world.teacher(), world.admin()
    path = f"/api/gigs/{world.gig(teacher)['id']}/status"
    clients = [(world.anyone, person.headers) for person in (teacher, admin)]

    statuses = at_once(
        [partial(_status_of_post, client, path, {"status": "paused"}, headers) for client, headers in clients]
    )

    assert sorted(statuses) == [200, 409]


@on_sqlite
def test_others_change_nothing_and_learn_only_of_gigs_they_may_see(world: World) -> None:
    teacher, strangers = world.teacher(), (world.teacher(), world.student())
    for status, expected in {"published": 403, "paused": 403, "draft": 404, "archived": 404}.items():
        path = f"/api/gigs/{_in_status(world, teacher, status)['id']}"

        for stranger in strangers:
            assert stranger.patch(path, {"title": "Mine now"}).status_code == expected
            assert stranger.delete(path).status_code == expected
            assert stranger.post(f"{path}/status", {"status": "archived"}).status_code == expected
            assert stranger.post(f"{path}/visibility", {"visibility": "private"}).status_code == expected

        assert (teacher.get(path).json["title"], teacher.get(path).json["status"]) == ("Piano for beginners", status)


@on_sqlite
def test_a_private_gig_is_unknown_to_those_who_would_change_it(world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)
    teacher.post(f"/api/gigs/{gig['id']}/visibility", {"visibility": "private"})

    assert world.teacher().patch(f"/api/gigs/{gig['id']}", {"title": "Mine now"}).status_code == 404


@on_sqlite
def test_nobody_changes_anything_without_signing_in(world: World) -> None:
    path = f"/api/gigs/{world.gig(world.teacher())['id']}"

    answers = [
        world.anyone.patch(path, json={"title": "Mine now"}),
        world.anyone.delete(path),
        world.anyone.post(f"{path}/status", json={"status": "paused"}),
        world.anyone.post(f"{path}/visibility", json={"visibility": "private"}),
        world.anyone.get("/api/gigs/mine"),
    ]

    assert [answer.status_code for answer in answers] == [401] * 5


@on_sqlite
def test_an_unknown_gig_is_not_found(world: World) -> None:
    teacher = world.teacher()
    for gig_id in (4711, 2**63 - 1, 2**63, 0, -1):
        path = f"/api/gigs/{gig_id}"

        answers = [teacher.get(path), teacher.patch(path, {"title": "Nobody's"}), teacher.delete(path)]

        assert [answer.status_code for answer in answers] == [404] * 3


def _status_of_post(client: FlaskClient, path: str, body: Any, headers: dict[str, str]) -> int:
    return client.post(path, json=body, headers=headers).status_code


def _in_status(world: World, teacher: Person, status: str) -> dict[str, Any]:
    """A gig in any status; its JSON as it was before archiving."""
    gig = world.gig(teacher, status="draft" if status in ("draft", "archived") else "published")
    if status in ("paused", "archived"):
        assert teacher.post(f"/api/gigs/{gig['id']}/status", {"status": status}).status_code == 200
    return gig

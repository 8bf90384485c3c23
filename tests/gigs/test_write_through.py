"""After a change of its status a gig is in the cache before anybody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gigs import service
from gigs.models import GigStatus
from support.queries import recorded_queries
from tests.support.world import Person, World


def by_status(teacher: Person, path: str) -> Any:
    return teacher.post(f"{path}/status", {"status": "archived"})


def by_delete(teacher: Person, path: str) -> Any:
    return teacher.delete(path)


@pytest.mark.parametrize("archive", [by_status, by_delete])
def test_the_first_to_ask_after_a_change_of_status_needs_no_statement(
    world: World, archive: Callable[[Person, str], Any]
) -> None:
    teacher = world.teacher()
    path = f"/api/gigs/{world.gig(teacher)['id']}"
    assert teacher.get(path).json["status"] == "published"

    assert archive(teacher, path).status_code in (200, 204)

    with recorded_queries() as queries:
        answer = teacher.get(path)
    assert (answer.json["status"], answer.headers["X-Cache"], [*queries]) == ("archived", "HIT", [])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_change_that_could_not_be_filled_is_a_change_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)

    def fail(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched, world.app.app_context():
        patched.setattr("caching.store.Store.fetch", fail)
        actor: Any = type("Actor", (), {"id": teacher.id, "role": "teacher"})()
        service.set_status(gig["id"], GigStatus.PAUSED, actor=actor, now=world.clock())

    assert teacher.get(f"/api/gigs/{gig['id']}").json["status"] == "paused"

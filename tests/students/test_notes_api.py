"""Notes about students: who reads which of them, at once and from the cache, and what stays of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from database import reading
from students.notes.models import Note
from support.monitor import monitor
from support.queries import count_queries
from support.servers import RedisServer
from tests.conftest import FakeClock
from tests.support.world import Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SHARED = "/api/users/me/notes"


class Class:
    """A student with two teachers, and an administrator."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.student, self.admin = world.student(name="Ada Lovelace"), world.admin()
        self.teacher, self.other = world.teacher(name="Grace Hopper"), world.teacher(name="Emmy Noether")
        for teacher in (self.teacher, self.other):
            world.past_lesson(self.student, world.gig(teacher))
        self.path = f"/api/students/{self.student.id}/notes"

    def write(self, text: str, *, by: Person | None = None, **more: Any) -> dict[str, Any]:
        made = (by or self.teacher).post(self.path, {"text": text, **more})
        assert made.status_code == 201, made.text
        return made.json

    def read(self) -> dict[str, list[str]]:
        """What each of them reads."""
        paths = {"teacher": self.path, "other": self.path, "admin": self.path, "student": SHARED}
        pages = {name: getattr(self, name).get(path).json["data"] for name, path in paths.items()}
        return {name: [note["text"] for note in page] for name, page in pages.items()}


@pytest.fixture
def of(world: World) -> Class:
    return Class(world)


def test_a_note_is_private_unless_it_is_shared(of: Class) -> None:
    before = of.read()

    private = of.write("  Tires after half an hour. ")
    of.write("Scales, hands apart.", shared=True)

    assert private["shared"] is False
    assert private["author"] == {"id": of.teacher.id, "name": "Grace Hopper"}
    assert set(map(len, before.values())) == {0}
    for _ in ("missed", "hit"):
        assert of.read() == {
            "teacher": ["Scales, hands apart.", "Tires after half an hour."],
            "other": [],
            "admin": ["Scales, hands apart."],
            "student": ["Scales, hands apart."],
        }


def test_sharing_and_taking_back_are_seen_at_once_from_every_process(
    of: Class, make_app: Callable[..., Flask], clock: FakeClock
) -> None:
    note, other_app = of.write("Brings her own pencil."), make_app()
    own = f"{of.path}/{note['id']}"

    def shared() -> list[str]:
        page = other_app.test_client(use_cookies=False).get(SHARED, headers=of.student.headers).json
        return [note["text"] for note in page["data"]]

    private = shared()
    clock.advance(minutes=1)
    changed = of.teacher.patch(own, {"shared": True, "text": "Brings a pencil."})
    public = shared()
    of.teacher.patch(own, {"shared": False})
    taken_back = shared()

    assert (private, public, taken_back) == ([], ["Brings a pencil."], [])
    assert changed.json["updated_at"] > changed.json["created_at"]


def test_a_deleted_note_is_gone_and_only_its_author_changes_it(of: Class) -> None:
    note = of.write("Once", shared=True)
    own = f"{of.path}/{note['id']}"

    refused = [
        of.other.patch(own, {"text": "Mine"}),
        of.other.delete(own),
        of.student.delete(own),
        of.admin.delete(own),
    ]
    elsewhere = of.teacher.delete(f"/api/students/{of.admin.id}/notes/{note['id']}")
    unchanged = of.read()["student"]
    deleted = of.teacher.delete(own)

    assert [answer.status_code for answer in refused] == [404, 404, 403, 403]
    assert elsewhere.status_code == 404
    assert unchanged == ["Once"]
    assert deleted.status_code == 204
    assert of.read()["student"] == of.read()["teacher"] == []


@on_sqlite
@pytest.mark.parametrize(
    "body",
    [{}, {"text": " "}, {"text": "x" * 5001}, {"text": "Yes", "shared": "yes"}, {"text": "Yes", "student_id": 1}],
    ids=lambda body: str(body)[:20],
)
def test_what_is_no_note_changes_nothing(of: Class, body: dict[str, object]) -> None:
    note = of.write("Stays")

    refused = [of.teacher.post(of.path, body), of.teacher.patch(f"{of.path}/{note['id']}", body)]

    assert {answer.status_code for answer in refused} == {422}
    assert of.read()["teacher"] == ["Stays"]


@on_sqlite
def test_a_student_narrows_what_is_shared_to_one_teacher(of: Class) -> None:
    of.write("From Grace", shared=True)
    of.write("From Emmy", by=of.other, shared=True)

    texts = [note["text"] for note in of.student.get(f"{SHARED}?teacher_id={of.other.id}").json["data"]]

    assert texts == ["From Emmy"]
    assert of.read()["student"] == ["From Emmy", "From Grace"]


@on_sqlite
def test_the_first_booking_opens_the_notes_that_were_not_found_before(of: Class) -> None:
    newcomer = of.world.teacher()
    early = newcomer.get(of.path).status_code

    of.world.booking(of.student, of.world.gig(newcomer))

    assert (early, newcomer.get(of.path).status_code) == (404, 200)


@on_sqlite
def test_a_rename_is_seen_in_notes(of: Class) -> None:
    of.write("Shared", shared=True)
    of.read()

    of.teacher.patch("/api/users/me", {"name": "Grace Murray"})

    assert of.student.get(SHARED).json["data"][0]["author"]["name"] == "Grace Murray"


def test_a_closed_account_takes_its_private_notes_along_and_leaves_the_shared_ones(of: Class) -> None:
    of.write("Private")
    of.write("Shared", shared=True)
    of.write("Of another teacher", by=of.other)

    of.world.operator("accounts", "deactivate", of.teacher.email)

    assert of.student.get(SHARED).json["data"][0]["text"] == "Shared"
    assert [note["text"] for note in of.other.get(of.path).json["data"]] == ["Of another teacher"]
    assert stored(of.world) == ["Of another teacher", "Shared"]


def stored(world: World) -> list[str]:
    """The texts of all notes, in order of the alphabet."""
    with world.app.app_context(), reading() as connection:
        return list(connection.scalars(select(Note.text).order_by(Note.text)))


@pytest.mark.middleware_not_compared
def test_a_hit_is_one_redis_command_and_no_sql(of: Class, redis_server: RedisServer) -> None:
    of.write("Shared", shared=True)

    for person, path in ((of.teacher, of.path), (of.student, SHARED)):
        person.get(path)
        with monitor(redis_server) as commands, count_queries() as statements:
            hit = person.get(path)
        assert hit.json["cached"] is True
        assert [command.split()[0] for command in commands] == ["MGET"]
        assert statements == []

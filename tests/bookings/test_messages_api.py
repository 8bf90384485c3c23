"""Messages beside a lesson: who reads them, what is unread, and what that costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from support.monitor import monitor
from support.queries import count_queries
from support.servers import RedisServer
from tests.conftest import FakeClock
from tests.support.world import Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Talk:
    """A student, a teacher, and a lesson that they talk about."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.student, self.teacher = world.student(name="Ada Lovelace"), world.teacher(name="Grace Hopper")
        self.gig = world.gig(self.teacher)
        self.booking = world.booking(self.student, self.gig)
        self.path = f"/api/bookings/{self.booking['id']}/messages"

    def write(self, author: Person, text: str = "Hello") -> dict[str, Any]:
        made = author.post(self.path, {"text": text})
        assert made.status_code == 201, made.text
        return made.json

    def texts(self, reader: Person) -> list[str]:
        return [message["text"] for message in reader.get(self.path).json["data"]]

    def unread(self, reader: Person) -> int:
        return int(reader.get(f"/api/bookings/{self.booking['id']}").json["unread_messages"])


@pytest.fixture
def talk(world: World) -> Talk:
    return Talk(world)


def test_both_read_what_either_writes_at_once_from_every_process(talk: Talk, make_app: Callable[..., Flask]) -> None:
    other_app = make_app()
    assert talk.texts(talk.student) == talk.texts(talk.teacher) == []

    first = talk.write(talk.student, "  Shall I bring the book?\nThe blue one. ")
    talk.write(talk.teacher, "Please do.")

    newest_first = ["Please do.", "Shall I bring the book?\nThe blue one."]
    assert first["author"] == {"id": talk.student.id, "name": "Ada Lovelace"}
    for app in (talk.world.app, other_app):
        for person in (talk.student, talk.teacher):
            page = app.test_client(use_cookies=False).get(talk.path, headers=person.headers).json
            assert [message["text"] for message in page["data"]] == newest_first


def test_a_talk_has_pages(talk: Talk) -> None:
    for number in range(5):
        talk.write(talk.student, str(number))

    first = talk.teacher.get(f"{talk.path}?limit=3").json
    second = talk.teacher.get(f"{talk.path}?limit=3&cursor={first['next_cursor']}").json

    assert [message["text"] for message in first["data"] + second["data"]] == ["4", "3", "2", "1", "0"]
    assert second["next_cursor"] is None


@on_sqlite
@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4001, "a\0b", 7, None])
def test_what_is_no_message_changes_nothing(talk: Talk, text: object) -> None:
    refused = talk.student.post(talk.path, {"text": text})

    assert refused.status_code == 422
    assert talk.texts(talk.teacher) == []


def test_what_the_other_one_wrote_is_unread_until_it_is_read(talk: Talk) -> None:
    lists = "/api/bookings"
    before = talk.teacher.get(lists).json["data"]
    for text in ("One", "Two"):
        talk.write(talk.student, text)
    counted = (talk.unread(talk.student), talk.unread(talk.teacher))
    marked = [message["unread"] for message in talk.teacher.get(talk.path).json["data"]]
    own = [message["unread"] for message in talk.student.get(talk.path).json["data"]]

    read = talk.teacher.post(f"{talk.path}/read")

    assert (counted, marked, own) == ((0, 2), [True, True], [False, False])
    assert read.status_code == 204
    assert talk.unread(talk.teacher) == 0
    assert [message["unread"] for message in talk.teacher.get(talk.path).json["data"]] == [False, False]
    # Lists of lessons are as they were, so a talk makes none of them old.
    again = talk.teacher.get(lists).json
    assert (again["data"], again["cached"]) == (before, True)


@on_sqlite
def test_a_talk_that_was_looked_for_before_the_lesson_existed_is_found_afterwards(talk: Talk) -> None:
    next_path = f"/api/bookings/{talk.booking['id'] + 1}/messages"
    early = talk.student.get(next_path).status_code

    talk.world.booking(talk.student, talk.gig, starts_at=talk.world.at(days=2))

    assert early == 404
    assert talk.student.get(next_path).status_code == 200


@on_sqlite
def test_a_rename_reaches_the_talks_of_both(talk: Talk) -> None:
    talk.write(talk.student)
    for person in (talk.student, talk.teacher):
        person.get(talk.path)

    talk.student.patch("/api/users/me", {"name": "Ada King"})

    for person in (talk.student, talk.teacher):
        assert person.get(talk.path).json["data"][0]["author"]["name"] == "Ada King"


@on_sqlite
def test_a_closed_account_is_not_written_to_and_the_talk_stays(talk: Talk) -> None:
    talk.write(talk.student, "See you soon")
    talk.world.operator("accounts", "deactivate", talk.student.email)

    refused = talk.teacher.post(talk.path, {"text": "Are you still there?"})

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/wrong-state")
    assert talk.texts(talk.teacher) == ["See you soon"]
    assert talk.student.get(talk.path).status_code == 401


def test_a_message_that_is_sent_twice_with_one_key_is_one(talk: Talk) -> None:
    key = {"Idempotency-Key": "once"}

    answers = [talk.student.post(talk.path, {"text": "Once"}, headers=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert talk.texts(talk.teacher) == ["Once"]


@on_sqlite
def test_writing_is_limited_with_a_key_and_without(
    make_app: Callable[..., Flask], clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = Talk(World(make_app(ratelimit_enabled=True), clock))
    for number in range(100):
        sent = talk.student.post(talk.path, {"text": str(number)}, headers={"Idempotency-Key": str(number)})
        assert sent.status_code == 201, sent.text

    refused = talk.student.post(talk.path, {"text": "One too many"})
    other = talk.teacher.post(talk.path, {"text": "I can still write"})

    assert (refused.status_code, other.status_code) == (429, 201)
    assert int(refused.headers["Retry-After"]) > 0


@pytest.mark.middleware_not_compared
def test_a_hit_is_one_redis_command_and_no_sql_and_a_miss_two_statements(talk: Talk, redis_server: RedisServer) -> None:
    talk.write(talk.student)
    talk.teacher.get("/api/users/me")

    with count_queries() as missed:
        talk.teacher.get(talk.path)
    with monitor(redis_server) as commands, count_queries() as statements:
        hit = talk.teacher.get(talk.path)

    assert len(missed) == 2
    assert hit.json["cached"] is True
    assert [command.split()[0] for command in commands] == ["MGET"]
    assert statements == []

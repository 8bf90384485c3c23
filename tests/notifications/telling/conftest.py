"""A school with a mail server, whose people have shown that their addresses are theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from config import Sender
from tests.notifications.telling.post import Post
from tests.support.mail_server import Inbox, mail_server
from tests.support.world import Person, World


@dataclass
class School:
    """A student, a teacher, an administrator, a gig, and the post."""

    world: World
    post: Post
    student: Person
    teacher: Person
    admin: Person
    gig: dict[str, Any]
    # Who else came up.
    mary: Person | None = None

    def patch(self, person: Person, booking: dict[str, Any], **step: Any) -> dict[str, Any]:
        answer = person.patch(f"/api/bookings/{booking['id']}", step)
        assert answer.status_code == 200, answer.text
        return answer.json

    def booking(self, **changes: Any) -> dict[str, Any]:
        return self.world.booking(self.student, self.gig, **changes)

    def accepted(self, **changes: Any) -> dict[str, Any]:
        return self.world.accepted(self.student, self.teacher, self.gig, **changes)

    def sign_in(self) -> None:
        """Sign in again, when the clock has outrun the tokens."""
        self.student, self.teacher, self.admin = map(self.world.sign_in, (self.student, self.teacher, self.admin))


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test is about what the other database does."""
    return str(request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]))


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def school(make_app: Callable[..., Flask], clock: Any, inbox: Inbox) -> Iterator[School]:
    """The teacher lives in Berlin, the student in New York."""
    with mail_server(inbox) as server:
        app = make_app(mail_server=server, mail_from=Sender("Lectern", "lessons@example.org"))
        world = World(app, clock)
        post = Post(world, inbox)
        student = world.student(name="Ada Lovelace", time_zone="America/New_York")
        teacher, admin = world.teacher(name="Grace Hopper"), world.admin()
        post.confirm(student, teacher, admin)
        gig = world.gig(teacher, location="Music room 2, Main Street 5")
        post.forget()
        yield School(world, post, student, teacher, admin, gig)

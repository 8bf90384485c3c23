"""Messages beside a lesson are mailed together, and only if they wait."""

from __future__ import annotations

from typing import Any

import pytest

from notifications.telling.listener import MAIL
from tests.conftest import FakeClock
from tests.notifications.telling.conftest import School
from tests.support.mail_server import text_of


@pytest.fixture
def talk(school: School) -> str:
    """The path of the messages beside a lesson, which everybody knows about already."""
    booking = school.booking()
    school.post.forget()
    return f"/api/bookings/{booking['id']}/messages"


def test_ten_minutes_of_talk_are_one_mail_and_what_follows_is_another(
    school: School, talk: str, clock: FakeClock
) -> None:
    for text in ("One", "Two", "Three"):
        write(school, talk, text)
        clock.advance(minutes=4)
        school.post.deliver()
    write(school, talk, "Four")
    after_twelve_minutes = school.post.mailed()
    clock.advance(minutes=10)
    school.post.deliver()

    first, second = (text_of(mail) for mail in school.post.inbox.received)
    assert after_twelve_minutes == [school.teacher.email]
    assert all(text in first for text in ("“One”", "“Two”", "“Three”"))
    assert "“Four”" in second
    assert "“Three”" not in second


def test_a_talk_that_does_not_pause_is_mailed_all_the_same(school: School, talk: str, clock: FakeClock) -> None:
    for number in range(11):
        write(school, talk, str(number))
        clock.advance(minutes=1)
    school.post.deliver()

    assert school.post.mailed() == [school.teacher.email]


def test_what_was_read_meanwhile_is_not_mailed(school: School, talk: str, clock: FakeClock) -> None:
    write(school, talk, "One")
    clock.advance(minutes=9)
    school.teacher.post(f"{talk}/read")
    clock.advance(minutes=1)

    school.post.deliver()

    assert (school.post.told(), school.post.mailed()) == ([], [])


def test_what_is_read_just_before_the_mail_is_written_is_not_mailed(
    school: School, talk: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(school, talk, "One")
    clock.advance(minutes=10)
    read_before(school, talk, monkeypatch)

    school.post.deliver()

    assert school.post.told() == [(school.teacher.id, "lesson-message")]
    assert school.post.mailed() == []


def write(school: School, talk: str, text: str) -> None:
    assert school.student.post(talk, {"text": text}).status_code == 201


def read_before(school: School, talk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the teacher open the lesson when the work that mails is about to begin."""
    handlers: dict[str, Any] = school.world.app.extensions["lectern-jobs"].handlers
    mail = handlers[MAIL]

    def run(*arguments: Any) -> None:
        school.teacher.post(f"{talk}/read")
        mail.run(*arguments)

    monkeypatch.setitem(handlers, MAIL, type(mail)(name=MAIL, run=run))

"""Lessons entered one after the other for a student: a row each in the list, one mail for those that follow."""

from __future__ import annotations

from typing import Any

import pytest

from jobs import steps
from tests.conftest import FakeClock
from tests.notifications.telling.conftest import School
from tests.support.mail_server import Inbox


@pytest.fixture
def known(school: School) -> School:
    """A school whose teacher and student have agreed on a lesson before."""
    school.accepted(starts_at=school.world.at(days=1))
    school.post.forget()
    return school


def _enter(school: School, **asked: Any) -> dict[str, Any]:
    whom = {} if "student" in asked else {"student_id": school.student.id}
    body = {"gig_id": school.gig["id"], "agreed": True, **whom, **asked}
    answer = school.teacher.post("/api/bookings", body)
    assert answer.status_code == 201, answer.text
    steps.drain(school.world.app)
    return dict(answer.json)


def _mails(inbox: Inbox) -> list[str]:
    """The texts of the mails about what was entered, the oldest first."""
    about = [mail for mail in inbox.received if str(mail["Subject"]).startswith(("Booked", "Is it yours"))]
    bodies = [mail.get_body(("plain",)) for mail in about]
    return [str(body.get_content()) for body in bodies if body]


def _later(school: School, clock: FakeClock) -> None:
    clock.advance(hours=1, minutes=1)
    school.sign_in()
    steps.drain(school.world.app)


def test_what_is_entered_within_an_hour_of_the_first_is_one_mail(known: School, inbox: Inbox, clock: FakeClock) -> None:
    for days in (3, 4, 5, 6):
        _enter(known, starts_at=known.world.at(days=days))
    at_once = len(_mails(inbox))

    _later(known, clock)

    _, others = _mails(inbox)
    assert at_once == 1
    assert "3 lessons" in others
    told = [type_ for person, type_ in known.post.told() if person == known.student.id]
    assert told.count("lesson-booked") == 4


def test_what_was_cancelled_meanwhile_is_not_in_the_mail(known: School, inbox: Inbox, clock: FakeClock) -> None:
    booked = [_enter(known, starts_at=known.world.at(days=days)) for days in (3, 4, 5)]
    known.patch(known.teacher, booked[1], status="cancelled")

    _later(known, clock)

    _, others = _mails(inbox)
    assert "entered a lesson for you" in others


def test_a_lesson_that_begins_soon_is_told_at_once(known: School, inbox: Inbox) -> None:
    _enter(known, starts_at=known.world.at(days=3))

    _enter(known, starts_at=known.world.at(hours=2))

    assert len(_mails(inbox)) == 2


def test_what_is_entered_after_the_hour_is_mailed_at_once_again(known: School, inbox: Inbox, clock: FakeClock) -> None:
    _enter(known, starts_at=known.world.at(days=3))
    _later(known, clock)

    _enter(known, starts_at=known.world.at(days=5))

    assert len(_mails(inbox)) == 2


def test_an_address_without_an_account_gets_one_link_within_an_hour(school: School, inbox: Inbox) -> None:
    named = {"name": "Mary", "email": "mary@example.org"}
    for days in (3, 4, 5):
        _enter(school, starts_at=school.world.at(days=days), student=named)

    assert [str(mail["To"]) for mail in inbox.received if "mary@" in str(mail["To"])] == ["mary@example.org"]


def test_the_owner_of_an_address_is_asked_in_one_mail_about_what_they_have_not_said_yes_to(
    school: School, inbox: Inbox, clock: FakeClock
) -> None:
    named = {"name": "A. Lovelace", "email": school.student.email}
    for days in (3, 4, 5):
        _enter(school, starts_at=school.world.at(days=days), student=named)

    _later(school, clock)

    first, others = _mails(inbox)
    assert "a lesson for your address" in first
    assert "2 lessons for your address" in others

"""The work that tells people: with the change or not at all, once, and at the cost of one statement."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from bookings import service
from bookings.rules.agreement import StatusChange
from database import reading, writing
from jobs.models import Job
from jsontext import JsonObject, loads
from mail import delivery
from notifications.reminders.plan import REMIND
from notifications.telling import jobs, listener
from support.queries import count_queries
from tests.conftest import FakeClock
from tests.notifications.telling.conftest import School
from tests.support.races import at_once
from tests.support.world import World


def test_a_change_that_is_rolled_back_tells_nobody(school: School, clock: FakeClock) -> None:
    booking = school.booking()
    school.post.forget()

    class Lost(Exception):
        pass

    def lose() -> None:
        with writing():
            step = StatusChange(to="accepted")
            actor = _Actor(school.teacher.id)
            service.change_status(booking["id"], step, actor=actor, now=clock())
            raise Lost

    with school.world.app.app_context(), pytest.raises(Lost):
        lose()

    assert school.post.waiting(listener.TELL) == []


def test_work_that_is_done_again_tells_nobody_again(school: School, clock: FakeClock) -> None:
    school.booking()
    arguments = _arguments(school.world, listener.TELL)

    with school.world.app.app_context():
        jobs.tell(arguments, clock())
        mail = _arguments(school.world, listener.MAIL)
        for _ in range(2):
            jobs.tell(arguments, clock())
            jobs.mail(mail, clock())
    school.post.deliver()

    assert school.post.told() == [(school.teacher.id, "lesson-requested")]
    assert school.post.mailed() == [school.teacher.email]


def test_a_crash_between_sending_and_noting_repeats_the_mail_at_most_once_under_its_name(
    school: School, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    school.booking()

    def die(*_arguments: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(delivery, "_note", die)
        school.post.deliver()
    clock.advance(minutes=5)
    school.post.deliver()
    clock.advance(hours=5)
    school.post.deliver()

    first, second = school.post.inbox.received
    assert first["Message-ID"] == second["Message-ID"]


def test_a_type_that_is_muted_is_in_the_list_and_not_in_the_mail(school: School) -> None:
    chosen = school.teacher.put("/api/users/me/notification-settings", {"mail": {"lesson-requested": False}})
    assert chosen.status_code == 200, chosen.text

    school.booking()
    school.post.deliver()

    assert school.post.told() == [(school.teacher.id, "lesson-requested")]
    assert school.post.mailed() == []


@pytest.mark.parametrize("weeks", [2, 20])
def test_to_be_told_costs_a_change_one_statement_however_large_it_is(school: School, weeks: int) -> None:
    body = {"gig_id": school.gig["id"], "starts_at": school.world.at(days=1), "weeks": weeks}

    with count_queries() as statements:
        school.student.post("/api/bookings/series", body)

    assert len([statement for statement in statements if "INTO jobs" in statement]) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_processes_that_tell_of_the_same_tell_it_once(school: School, clock: FakeClock) -> None:
    school.accepted()
    (first, second) = _arguments_of_all(school.world, listener.TELL)

    def tell(arguments: JsonObject) -> None:
        with school.world.app.app_context():
            jobs.tell(arguments, clock())

    at_once([partial(tell, arguments) for arguments in (first, first, second, second)])
    school.post.deliver()

    assert school.post.told() == sorted(
        [(school.teacher.id, "lesson-requested"), (school.student.id, "lesson-accepted")]
    )
    assert school.post.mailed() == sorted([school.teacher.email, school.student.email])
    assert len(school.post.waiting(REMIND)) == 2


class _Actor:
    role = "teacher"

    def __init__(self, user_id: int) -> None:
        self.id = user_id


def _arguments_of_all(world: World, name: str) -> list[JsonObject]:
    with world.app.app_context(), reading() as connection:
        found = connection.scalars(select(Job.arguments).where(Job.name == name).order_by(Job.id))
        return [loads(arguments) for arguments in found]


def _arguments(world: World, name: str) -> JsonObject:
    (arguments,) = _arguments_of_all(world, name)
    return arguments

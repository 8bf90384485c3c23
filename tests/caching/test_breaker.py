"""When Redis is trusted again: only after everything that it may have missed has been announced to it."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from flask import Flask
from redis import RedisError
from sqlalchemy import select

from caching import outbox
from caching.breaker import Breaker
from caching.outbox import OutboxRow
from database import writing
from extensions import db
from tests.caching.conftest import Probe
from tests.conftest import FakeClock


def open_breaker(recover: Callable[[], None]) -> Breaker:
    breaker = Breaker(recover, failure=RedisError)
    breaker._helper_pid = os.getpid()  # So that no helper comes in between.
    breaker.trip(RedisError("gone"))
    return breaker


def test_a_change_that_could_not_be_announced_during_the_recovery_keeps_it_open() -> None:
    failures = [RedisError("an announcement was too late for the drain")]
    breaker = open_breaker(lambda: breaker.trip(failures.pop()) if failures else None)

    assert not breaker._try_to_close()
    assert not breaker.closed
    assert breaker._try_to_close()
    assert breaker.closed


def test_a_forked_child_starts_a_helper_of_its_own() -> None:
    breaker = open_breaker(lambda: None)
    breaker._helper_pid = os.getppid()  # What a child inherits: the pid of a process whose threads it has not.

    assert not breaker.closed
    assert breaker.wait_until_closed(20)


# SQLite has one writer at a time: there the drain itself waits for the other process.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_another_process_is_still_announcing_keeps_it_open(
    probe: Probe, make_app: Callable[..., Flask], clock: FakeClock
) -> None:
    probe.read()
    with probe.app.app_context(), writing() as session:
        session.add(OutboxRow(owner=probe.tag.owner, name=probe.tag.name, mark="left over", created_at=clock()))

    with make_app().app_context(), db.engine.begin() as other:
        other.execute(select(OutboxRow).with_for_update())
        with pytest.raises(RedisError):
            probe.store._recover()

    probe.store._recover()
    with probe.app.app_context():
        assert outbox.depth() == 0
    assert probe.answer().state == "MISS"

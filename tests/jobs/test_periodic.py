"""What is done now and then: each time once, whoever does it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete

from database import reading
from errors import Unavailable
from jobs import periodic
from jobs.models import PeriodicRun
from jobs.registry import Periodic, registry_of
from tests.conftest import SATURDAY, FakeClock
from tests.jobs.conftest import Work
from tests.support.races import at_once

# Names of what the product itself does periodically are not looked at here.
NAME = "test.count"


@pytest.fixture
def counted(work: Work) -> list[datetime]:
    """When the only periodic work was done."""
    times: list[datetime] = []
    registry = registry_of(work.app)
    registry.periodic.clear()
    registry.add(Periodic(name=NAME, every=timedelta(seconds=30), run=times.append))
    with work.app.app_context():
        periodic.declare(registry)
    return times


def do_due(work: Work, who: str = "one") -> int:
    """Do what is due, as a runner does, and return how much that was."""
    registry, number = registry_of(work.app), 0
    with work.app.app_context():
        while run := periodic.claim(registry, who):
            number += 1
            periodic.perform(run, registry)
            periodic.finish(run, registry)
    return number


def test_it_is_done_at_once_and_then_at_equal_distances(work: Work, counted: list[datetime], clock: FakeClock) -> None:
    for seconds in (0, 10, 25, 20, 35, 1):
        clock.advance(seconds=seconds)
        do_due(work)

    assert [(time - SATURDAY).total_seconds() for time in counted] == [0, 35, 90]


def test_what_says_itself_when_it_is_wanted_is_done_at_most_once_a_second(work: Work, clock: FakeClock) -> None:
    times: list[datetime] = []
    wanted = {"now": False}
    registry = registry_of(work.app)
    registry.periodic.clear()
    registry.add(
        Periodic(name=NAME, every=timedelta(seconds=30), run=times.append, when=lambda _connection: wanted["now"])
    )
    with work.app.app_context():
        periodic.declare(registry)
        do_due(work)
        for seconds, now in ((1, False), (9, True), (0.5, True), (0.5, True), (29, False), (1, False)):
            clock.advance(seconds=seconds)
            wanted["now"] = now
            with reading() as connection:
                due = periodic.is_due(connection, registry)
            assert do_due(work) == due

    assert [(time - SATURDAY).total_seconds() for time in times] == [0, 10, 11, 41]


def test_after_an_interruption_it_is_done_once(work: Work, counted: list[datetime], clock: FakeClock) -> None:
    do_due(work)
    clock.advance(days=1, seconds=7)

    assert do_due(work) == 1
    clock.advance(seconds=29)
    assert do_due(work) == 0
    clock.advance(seconds=1)
    assert do_due(work) == 1


def test_of_many_at_once_one_does_it(work: Work, counted: list[datetime], clock: FakeClock) -> None:
    did = at_once([lambda: do_due(work)] * 4)

    assert sum(did) == len(counted) == 1


def test_one_that_is_gone_is_followed_by_another(work: Work, counted: list[datetime], clock: FakeClock) -> None:
    registry = registry_of(work.app)
    with work.app.app_context():
        gone = periodic.claim(registry, "gone")
    assert do_due(work) == 0
    clock.advance(seconds=30)

    assert do_due(work, "other") == 1

    with work.app.app_context():
        assert not periodic.finish(gone, registry)


@pytest.mark.parametrize("error", [RuntimeError, Unavailable])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_failing_run_is_followed_by_the_next(
    work: Work, clock: FakeClock, caplog: pytest.LogCaptureFixture, error: type[Exception]
) -> None:
    def fail(_now: Any) -> None:
        raise error

    registry = registry_of(work.app)
    registry.periodic.clear()
    registry.add(Periodic(name=NAME, every=timedelta(seconds=30), run=fail))
    with work.app.app_context():
        periodic.declare(registry)

    did = [do_due(work)]
    clock.advance(seconds=30)
    did.append(do_due(work))

    assert did == [1, 1]
    # That the database is away stands in the log once, and not for each turn.
    assert len([record for record in caplog.records if record.exc_info]) == (2 if error is RuntimeError else 0)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_products_own_work_is_declared(make_work: Callable[[], Work]) -> None:
    registry = registry_of(make_work().app)

    every = {name: one.every.total_seconds() for name, one in registry.periodic.items()}
    # What guarantees rely on.
    assert every.items() >= {"bookings.expire": 30, "waitlist.sweep": 30, "cache.forget-unread": 30}.items()
    tidying = {"sign-ins.forget-expired", "web.forget-answers", "web.forget-attempts"}
    assert every.keys() >= {"bookings.rank-gigs", *tidying}


def test_a_process_that_takes_its_own_work_over_does_not_finish_it_twice(
    work: Work, counted: list[datetime], clock: FakeClock
) -> None:
    registry = registry_of(work.app)
    with work.app.app_context():
        first = periodic.claim(registry, "one")
        clock.advance(seconds=31)
        second = periodic.claim(registry, "one")

        assert first
        assert second
        assert not periodic.finish(first, registry)
        assert periodic.finish(second, registry)


def test_many_processes_declare_it_at_once(make_work: Callable[[], Work]) -> None:
    works = [make_work() for _ in range(4)]
    with works[0].change() as session:
        session.execute(delete(PeriodicRun))

    def declare(work: Work) -> str:
        with work.app.app_context():
            periodic.declare(registry_of(work.app))
        return "declared"

    assert at_once([partial(declare, work) for work in works]) == ["declared"] * 4

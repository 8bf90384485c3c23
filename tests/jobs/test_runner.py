"""A runner's threads: at work within a moment, stopped in good order, replaced when a job hangs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask

from jobs import claims, runner, steps
from jobs.leases import Leases
from jobs.registry import Handler, Periodic, registry_of
from jobs.runner import Runner
from server.children import wait_until
from tests.conftest import FakeClock
from tests.jobs.conftest import Work

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def without_the_products_own(work: Work) -> None:
    registry_of(work.app).periodic.clear()


@contextmanager
def at_work(app: Flask, concurrency: int = 2) -> Iterator[tuple[Runner, Future[bool]]]:
    """A runner on a thread, which is stopped at the end, and what it will have returned."""
    one = Runner(app, concurrency)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(one.run)
        try:
            yield one, future
        finally:
            one.stop()


def test_it_runs_what_is_there_and_what_comes(work: Work) -> None:
    work.enqueue(number=1)
    with at_work(work.app) as (one, future):
        assert wait_until(lambda: len(work.done) == 1, seconds=20)
        work.enqueue(number=2)
        assert wait_until(lambda: len(work.done) == 2, seconds=20)
        one.stop()

        assert future.result(20) is True

    assert work.rows() == []


def test_jobs_run_side_by_side_and_periodic_work_beside_them(work: Work) -> None:
    meeting, did = threading.Barrier(3), threading.Event()

    def meet(_arguments: object, _now: object) -> None:
        meeting.wait(20)

    work.handle(Handler(name="test.meet", run=meet))
    registry_of(work.app).add(Periodic(name="test.often", every=timedelta(seconds=30), run=lambda _now: did.set()))
    work.enqueue("test.meet")
    work.enqueue("test.meet")

    with at_work(work.app, concurrency=2):
        assert did.wait(20)
        meeting.wait(20)
        assert wait_until(lambda: not work.rows(), seconds=20)


def test_a_job_that_is_declared_apart_takes_no_thread_from_the_others(work: Work) -> None:
    free = threading.Event()
    work.handle(Handler(name="test.others", run=lambda _arguments, _now: free.wait(20), apart=True))
    for _ in range(3):
        work.enqueue("test.others")
    work.enqueue(number=1)

    with at_work(work.app, concurrency=1):
        assert wait_until(lambda: len(work.done) == 1, seconds=20)
        begun = [row.state.value for row in work.rows() if row.name == "test.others" and row.attempts]
        free.set()
        assert wait_until(lambda: not work.rows(), seconds=20)

    # One at a time.
    assert len(begun) <= 1


def test_told_to_stop_it_finishes_the_job_that_is_under_way_and_begins_no_other(work: Work) -> None:
    began, goes_on = threading.Event(), threading.Event()

    def wait(_arguments: object, _now: object) -> None:
        began.set()
        goes_on.wait(20)

    work.handle(Handler(name="test.wait", run=wait))
    work.enqueue("test.wait")
    work.enqueue(number=2)
    with at_work(work.app, concurrency=1) as (one, future):
        assert began.wait(20)

        one.stop()
        assert wait_until(one._stopping.is_set, seconds=20)
        goes_on.set()

        assert future.result(20) is True
    assert work.done == []
    assert work.states() == ["waiting"]


def test_what_does_not_finish_in_time_is_given_back(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.1)
    began, goes_on = threading.Event(), threading.Event()

    def wait(_arguments: object, _now: object) -> None:
        began.set()
        goes_on.wait(20)

    work.handle(Handler(name="test.wait", run=wait))
    work.enqueue("test.wait")
    with at_work(work.app) as (one, future):
        assert began.wait(20)

        one.stop()

        assert future.result(20) is True
    assert [(row.state, row.attempts, row.last_error) for row in work.rows()] == [("waiting", 1, claims.INTERRUPTED)]
    goes_on.set()


def test_a_job_that_hangs_fails_and_its_process_is_to_be_replaced(
    work: Work, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.1)
    ends = threading.Event()
    work.handle(Handler(name="test.hang", run=lambda _arguments, _now: ends.wait(30), limit=timedelta(milliseconds=50)))
    work.enqueue("test.hang")

    with at_work(work.app) as (_, future):
        assert future.result(20) is False

    (row,) = work.rows()
    assert (row.state, row.attempts) == ("waiting", 1)
    assert row.last_error == "TimeoutError: It took longer than 0.05 s."
    assert "test.hang takes too long" in caplog.text
    ends.set()


def test_a_handler_that_ends_its_thread_does_not_end_the_runners(work: Work) -> None:
    def leave(_arguments: object, _now: object) -> None:
        raise SystemExit(1)

    work.handle(Handler(name="test.leave", run=leave))
    work.enqueue("test.leave")
    work.enqueue(number=2)

    with at_work(work.app, concurrency=1):
        assert wait_until(lambda: work.done == [{"number": 2}], seconds=20)

    assert work.states() == ["waiting"]


def test_the_lease_of_a_long_job_is_renewed(work: Work, clock: FakeClock) -> None:
    work.enqueue()
    registry, leases = registry_of(work.app), Leases(work.app)
    with work.app.app_context():
        job = steps.note_and_claim(None, registry, "one")
        with leases.held(job, timedelta(minutes=5)):
            given_back = []
            for _ in range(3):
                clock.advance(seconds=20)
                leases.renew()
                given_back.append(steps.recover(registry))

    assert given_back == [0, 0, 0]
    assert [row.lease_until - clock.instant for row in work.rows()] == [claims.LEASE]


def test_the_lease_of_what_hangs_is_not_renewed(work: Work, clock: FakeClock) -> None:
    work.enqueue()
    registry, leases = registry_of(work.app), Leases(work.app)
    with work.app.app_context():
        job = steps.note_and_claim(None, registry, "one")
        with leases.held(job, timedelta()):
            clock.advance(seconds=30)
            leases.renew()

            assert steps.recover(registry) == 1

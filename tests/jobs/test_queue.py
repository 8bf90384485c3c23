"""Jobs are written with a change: all or nothing, one of a key at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from database import writing
from jobs import queue
from jobs.models import Job
from jobs.registry import Handler
from support.queries import recorded_queries
from tests.conftest import SATURDAY, FakeClock
from tests.jobs.conftest import Work


def test_a_job_is_run_once_with_its_arguments_and_leaves_no_row(work: Work) -> None:
    work.enqueue(lesson=7, who="Zoë")

    assert work.drain() == 1

    assert work.done == [{"lesson": 7, "who": "Zoë"}]
    assert not work.rows()
    assert work.drain() == 0


def test_without_a_commit_there_is_no_job(work: Work) -> None:
    def change() -> None:
        with work.change() as session:
            queue.enqueue(session, "test.note", {})
            queue.enqueue(session, "test.note", {}, key="one")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()

    assert not work.rows()


@pytest.mark.parametrize("key", [None, "lesson:7"])
def test_a_job_costs_its_change_one_statement(work: Work, key: str | None) -> None:
    with work.app.app_context(), writing() as session:
        session.connection()
        with recorded_queries() as statements:
            queue.enqueue(session, "test.note", {"lesson": 7}, key=key)

    assert [statement.split()[0] for statement, _ in statements] == ["INSERT"]


def test_a_job_waits_for_its_time(work: Work, clock: FakeClock) -> None:
    work.enqueue(run_at=SATURDAY + timedelta(hours=1), at=1)
    work.enqueue(at=0)

    assert work.drain() == 1
    clock.advance(hours=1)
    assert work.drain() == 1

    assert work.done == [{"at": 0}, {"at": 1}]


def test_a_key_replaces_the_job_that_waits(work: Work, clock: FakeClock) -> None:
    work.enqueue(key="lesson:7", run_at=SATURDAY + timedelta(hours=1), at=1)
    work.enqueue(key="lesson:8", run_at=SATURDAY + timedelta(hours=1), at=8)
    work.enqueue(key="lesson:7", run_at=SATURDAY + timedelta(hours=2), at=2)

    clock.advance(hours=1)
    assert work.drain() == 1
    clock.advance(hours=1)
    assert work.drain() == 1

    assert work.done == [{"at": 8}, {"at": 2}]


def test_a_job_of_a_key_does_not_begin_while_another_one_runs(work: Work) -> None:
    began: list[int] = []

    def nested(_arguments: object, _now: object) -> None:
        work.enqueue(key="lesson:7", at=2)
        began.append(work.drain())

    work.handle(Handler(name="test.nested", run=nested))
    work.enqueue("test.nested", key="lesson:7")

    assert work.drain() == 2

    assert began == [0]
    assert work.done == [{"at": 2}]


def test_cancelling_takes_the_job_back(work: Work) -> None:
    work.enqueue(key="lesson:7")
    work.enqueue(key="lesson:8", at=8)
    work.cancel("lesson:7")

    work.drain()

    assert work.done == [{"at": 8}]


def test_a_job_that_is_cancelled_while_it_runs_is_not_tried_again(work: Work) -> None:
    def cancelled(_arguments: object, _now: object) -> None:
        work.cancel("lesson:7")
        raise RuntimeError

    work.handle(Handler(name="test.cancelled", run=cancelled))
    work.enqueue("test.cancelled", key="lesson:7")

    work.drain()

    assert not work.rows()


def test_a_job_that_fails_gives_way_to_a_newer_one_of_its_key(work: Work) -> None:
    def replaced(_arguments: object, _now: object) -> None:
        work.enqueue(key="lesson:7", at=2)
        raise RuntimeError

    work.handle(Handler(name="test.replaced", run=replaced))
    work.enqueue("test.replaced", key="lesson:7")

    work.drain()

    assert work.done == [{"at": 2}]
    assert not work.rows()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_name_without_a_handler_is_refused_when_it_is_asked_for(work: Work) -> None:
    with pytest.raises(LookupError, match=r"test\.unknown"):
        work.enqueue("test.unknown")

    assert not work.rows(Job.id)

"""What becomes of a job that fails or whose process is gone: it runs again, later and later, and is kept at last."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import update

from jobs import claims, inspection, steps
from jobs.models import Job
from jobs.registry import CannotSucceed, Handler, Periodic, registry_of
from tests.conftest import SATURDAY, FakeClock
from tests.jobs.conftest import Work

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def claim(work: Work, who: str = "one") -> claims.Claimed | None:
    """Take a job as a runner does that is then killed."""
    with work.app.app_context():
        return steps.note_and_claim(None, registry_of(work.app), who)


def test_what_fails_is_tried_again_after_pauses_that_double(work: Work, clock: FakeClock) -> None:
    called = work.fails(attempts=7)
    work.enqueue("test.fail")

    while work.states() == ["waiting"]:
        work.drain()
        clock.instant = max(clock.instant, *(row.run_at for row in work.rows()))

    pauses = [later - earlier for earlier, later in pairwise(called)]
    longest = [timedelta(seconds=15 * 2**number) for number in range(6)]
    assert all(most / 2 <= pause <= most for pause, most in zip(pauses, longest, strict=True))


def test_pauses_are_an_hour_at_most_and_left_to_chance() -> None:
    pauses = {claims.pause_after(attempts) for attempts in (10, 20, 1000) for _ in range(5)}

    assert len(pauses) > 5
    assert all(timedelta(minutes=30) <= pause <= timedelta(hours=1) for pause in pauses)


def test_after_the_last_attempt_it_is_dead_and_says_why(
    work: Work, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    work.fails(attempts=2)
    work.enqueue("test.fail", lesson=7)

    for _ in range(3):
        work.drain()
        clock.advance(hours=1)

    (row,) = work.rows()
    assert (row.state, row.attempts, row.arguments) == ("dead", 2, '{"lesson":7}')
    assert row.last_error == "RuntimeError: the mail server is away"
    assert [record.levelno for record in caplog.records if "test.fail" in record.message] == [
        logging.WARNING,
        logging.ERROR,
    ]


def test_a_dead_job_that_is_tried_again_has_all_its_attempts(work: Work, clock: FakeClock) -> None:
    called = work.fails(attempts=2)
    work.enqueue("test.fail")
    for _ in range(2):
        work.drain()
        clock.advance(hours=1)
    with work.app.app_context():
        assert inspection.retry(work.rows()[0].id) == 1

    work.drain()

    assert len(called) == 3
    assert work.states() == ["waiting"]


def test_a_dead_job_that_is_tried_again_gives_way_to_a_newer_one_of_its_key(work: Work, clock: FakeClock) -> None:
    called = work.fails(attempts=1)
    work.enqueue("test.fail", key="lesson:7")
    work.drain()
    work.enqueue(key="lesson:7", at=2)
    with work.app.app_context():
        assert inspection.retry() == 0

    work.drain()

    assert (len(called), work.done, work.rows()) == (1, [{"at": 2}], [])


@on_sqlite
def test_what_cannot_succeed_is_dead_at_once(work: Work) -> None:
    def give_up(_arguments: object, _now: object) -> None:
        raise CannotSucceed("There is no such lesson.")

    work.handle(Handler(name="test.give-up", run=give_up))
    work.enqueue("test.give-up")

    work.drain()

    assert [(row.state, row.last_error) for row in work.rows()] == [("dead", "There is no such lesson.")]


@on_sqlite
@pytest.mark.parametrize("arguments", ["{", "[1]", '"text"'])
def test_arguments_that_are_no_object_make_a_job_dead(work: Work, arguments: str) -> None:
    work.enqueue()
    with work.change() as session:
        session.execute(update(Job).values(arguments=arguments))

    work.drain()

    assert [(row.state, row.last_error) for row in work.rows()] == [("dead", "Its arguments are no JSON object.")]


@on_sqlite
def test_a_name_that_this_lectern_does_not_know_is_tried_until_another_one_does(work: Work, clock: FakeClock) -> None:
    work.enqueue(at=1)
    with work.change() as session:
        session.execute(update(Job).values(name="test.newer"))

    work.drain()
    (row,) = work.rows()
    work.handle(Handler(name="test.newer", run=lambda arguments, _now: work.done.append(arguments)))
    clock.advance(minutes=1)
    work.drain()

    assert (row.state, row.attempts) == ("waiting", 1)
    assert "No feature of this Lectern has a handler" in row.last_error
    assert work.done == [{"at": 1}]


def test_a_job_whose_process_is_gone_runs_again_when_its_lease_is_over(work: Work, clock: FakeClock) -> None:
    work.enqueue(at=1)
    assert claim(work) is not None

    clock.advance(seconds=29)
    assert work.drain() == 0
    clock.advance(seconds=1)
    assert work.drain() == 1

    assert work.done == [{"at": 1}]
    assert not work.rows()


def test_a_job_that_ends_its_process_each_time_is_dead_at_last(work: Work, clock: FakeClock) -> None:
    work.fails(attempts=3)
    work.enqueue("test.fail")

    for _ in range(4):
        claim(work)
        clock.advance(seconds=30)
        with work.app.app_context():
            steps.recover(registry_of(work.app))

    assert [(row.state, row.attempts, row.last_error) for row in work.rows()] == [("dead", 3, claims.INTERRUPTED)]


def test_whoever_lost_the_lease_changes_nothing_any_more(work: Work, clock: FakeClock) -> None:
    work.enqueue()
    slow = claim(work, "slow")
    clock.advance(seconds=30)
    with work.app.app_context():
        steps.recover(registry_of(work.app))
    claim(work, "other")

    with work.app.app_context():
        steps.note(claims.Outcome(slow))
        steps.note(claims.Outcome(slow, "too late"))

    assert [(row.state, row.leased_by, row.last_error) for row in work.rows()] == [
        ("running", "other", claims.INTERRUPTED)
    ]


def test_what_celery_has_not_begun_after_a_minute_is_handed_on_again(work: Work, clock: FakeClock) -> None:
    def hand_on(most: int = 100, ahead: int = 1000) -> list[str]:
        with work.change() as session:
            until = clock.instant + timedelta(seconds=60)
            return [name for _, name in claims.hand_on(session, "relay", until, clock.instant, most=most, ahead=ahead)]

    for number in range(4):
        work.enqueue(number=number)

    handed = [len(hand_on(most=2)), len(hand_on(ahead=3)), len(hand_on(ahead=3))]
    clock.advance(seconds=60)
    handed.append(len(hand_on()))

    assert handed == [2, 1, 0, 4]
    # Whoever runs jobs without Celery need not wait for that.
    assert work.drain() == 4


@on_sqlite
def test_jobs_that_are_declared_apart_are_not_handed_to_celery(work: Work, clock: FakeClock) -> None:
    work.handle(Handler(name="test.others", run=lambda _arguments, _now: None, apart=True))
    which = claims.not_named(registry_of(work.app).apart())
    work.enqueue("test.others")

    with work.change() as session:
        found = claims.is_to_be_handed(session.connection(), clock.instant, which)
        handed = claims.hand_on(session, "relay", clock.instant, clock.instant, which, most=9, ahead=9)

    assert (found, handed) == (False, [])


@on_sqlite
def test_no_two_jobs_have_the_same_name(work: Work) -> None:
    add: Callable[..., None] = registry_of(work.app).add

    with pytest.raises(ValueError, match=r"Two jobs are called test\.note"):
        add(Periodic(name="test.note", every=timedelta(hours=1), run=lambda _now: None))


@on_sqlite
def test_it_runs_at_the_applications_time(work: Work) -> None:
    called = work.fails()
    work.enqueue("test.fail")

    work.drain()

    assert called == [SATURDAY]

"""`flask jobs …`, the numbers for Prometheus, and the settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import Result

from config import ConfigError, load_settings
from jobs import steps
from jobs.claims import Outcome
from jobs.registry import CannotSucceed, Handler, registry_of
from tests.conftest import FakeClock
from tests.jobs.conftest import Work

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def command(work: Work, *words: str) -> Result:
    return work.app.test_cli_runner().invoke(args=["jobs", *words])


@pytest.fixture
def dead(work: Work) -> int:
    """A job that is dead, beside one that waits."""

    def give_up(_arguments: object, _now: object) -> None:
        raise CannotSucceed("There is no such lesson.")

    work.handle(Handler(name="test.give-up", run=give_up))
    work.enqueue("test.give-up", key="lesson:7")
    work.drain()
    work.enqueue(number=2)
    return int(work.rows()[0].id)


def test_jobs_are_listed(work: Work, dead: int) -> None:
    everything, only = command(work, "list"), command(work, "list", "--state", "dead")

    assert everything.output.splitlines() == [
        "1 waiting, 0 running, 1 dead",
        f"{dead}  test.give-up [lesson:7]  dead, due 2026-11-21 09:30:00Z, begun 1 ×",
        "    There is no such lesson.",
        f"{work.rows()[1].id}  test.note  waiting, due 2026-11-21 09:30:00Z, begun 0 ×",
    ]
    assert only.output.splitlines() == everything.output.splitlines()[:3]


def test_due_jobs_are_run(work: Work, dead: int) -> None:
    assert [command(work, "drain").output for _ in range(2)] == ["1 job was run.\n", "0 jobs were run.\n"]

    assert work.done == [{"number": 2}]


@on_sqlite
@pytest.mark.parametrize("by_id", [True, False])
def test_dead_jobs_are_tried_again(work: Work, dead: int, by_id: bool) -> None:
    done = command(work, "retry", str(dead) if by_id else "--dead")

    assert done.output == "1 job is tried again.\n"
    assert work.states() == ["waiting", "waiting"]


@on_sqlite
@pytest.mark.parametrize("words", [(), ("1", "--dead"), ("999",)])
def test_a_retry_has_to_say_what_is_to_be_tried(work: Work, dead: int, words: tuple[str, ...]) -> None:
    done = command(work, "retry", *words)

    assert done.exit_code != 0
    assert "dead" in done.output
    assert work.states() == ["dead", "waiting"]


@on_sqlite
def test_a_dead_job_is_forgotten_and_no_other(work: Work, dead: int) -> None:
    waiting = work.rows()[1].id

    refused, done = command(work, "forget", str(waiting)), command(work, "forget", str(dead))

    assert (refused.exit_code, "There is no dead job" in refused.output) == (1, True)
    assert (done.exit_code, done.output) == (0, "1 job is forgotten.\n")
    assert [row.id for row in work.rows()] == [waiting]


def test_the_numbers_are_measured_and_counted(work: Work, dead: int, clock: FakeClock) -> None:
    def value(line: str) -> float:
        text = work.app.test_client().get("/metrics").text
        return float(re.search(rf"^{re.escape(line)} (\S+)$", text, re.MULTILINE)[1])

    runs = value('lectern_job_runs_total{name="test.give-up"}')
    failures = value('lectern_job_failures_total{name="test.give-up"}')
    clock.advance(seconds=90)

    assert (runs, failures) >= (1, 1)
    assert [value(f'lectern_jobs{{state="{state}"}}') for state in ("waiting", "running", "dead")] == [1, 0, 1]
    assert value("lectern_jobs_oldest_due_seconds") == 90
    assert value("lectern_jobs_late") == 1


@pytest.mark.parametrize(
    ("broker", "redis", "accepted"),
    [
        ("amqp://guest:guest@localhost//", "redis://localhost", True),
        ("redis://queue.example.org", "redis://localhost", True),
        ("redis://localhost:6380/0", "redis://localhost:6379/0", True),
        ("redis://127.0.0.1:6379/5", "redis://user:word@localhost/0", False),
        ("redis://cache.example.org", "rediss://cache.example.org:6379/0", False),
        ("redis://localhost", "redis+sentinel://one:26379,two:26379/cache", True),
        ("redis://queue", "redis+cluster://one:7000,two:7000", True),
        ("redis://two:7000/1", "redis+cluster://one:7000,two:7000", False),
        ("redis+cluster://one:7000", "redis://localhost", False),
        ("sqs://", "redis://localhost", False),
        ("amqp://localhost:port//", "redis://localhost", False),
    ],
)
def test_the_broker_is_not_the_caches_redis(tmp_path: Path, broker: str, redis: str, accepted: bool) -> None:
    environ = {"CELERY_BROKER_URL": broker, "REDIS_URL": redis, "LECTERN_INSTANCE": str(tmp_path)}

    if accepted:
        assert load_settings(environ).celery_broker_url == broker
    else:
        with pytest.raises(ConfigError, match="CELERY_BROKER_URL cannot be"):
            load_settings(environ)


@pytest.mark.parametrize("url", ["redis://localhost", "localhost", "amqp://localhost:many"])
def test_the_exchange_for_events_is_a_rabbitmq(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match="EVENTS_URL cannot be used"):
        load_settings({"EVENTS_URL": url, "LECTERN_INSTANCE": str(tmp_path)})


@on_sqlite
def test_a_dead_job_gives_way_to_a_newer_one_that_runs(work: Work, dead: int) -> None:
    work.drain()
    work.enqueue(number=3, key="lesson:7")
    with work.app.app_context():
        newer = steps.note_and_claim(None, registry_of(work.app), "one")
        assert newer

        assert command(work, "retry", "--dead").exit_code == 0
        steps.note(Outcome(newer, "away", registry_of(work.app).now()))

    assert [(row.name, row.state) for row in work.rows()] == [("test.note", "waiting")]

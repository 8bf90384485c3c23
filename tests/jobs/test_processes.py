"""Real processes that run jobs, several of them, killed and told to stop: nothing is lost and nothing is doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from config import ROOT, Settings
from jobs import queue
from jobs.registry import Handler, registry_of
from server.children import wait_until
from support.servers import RabbitServer
from tests.jobs.conftest import Work
from tests.support.fixtures import running

pytestmark = pytest.mark.middleware_not_compared
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Processes:
    """Processes of `tests.jobs.process` over the database of `work`, and what they have recorded."""

    def __init__(self, settings: Settings, folder: Path, ended: ExitStack) -> None:
        app = create_app(settings)
        registry_of(app).add(Handler(name="test.record", run=lambda _arguments, _now: None))
        self.work = Work(app)
        self._record = folder / "record"
        self._record.touch()
        self._ended = ended
        self._environ = {
            **os.environ,
            "LECTERN_INSTANCE": str(settings.instance),
            "DATABASE_URL": settings.database_url,
            "CACHE_TYPE": "NullCache",
            "CELERY_BROKER_URL": settings.celery_broker_url or "",
            "LECTERN_TEST_RECORD": str(self._record),
        }

    def start(self, *command: str, **environ: str) -> subprocess.Popen[bytes]:
        line = (sys.executable, "-m", *(command or ("tests.jobs.process",)))
        process = subprocess.Popen(line, cwd=ROOT, env={**self._environ, **environ})
        self._ended.callback(process.wait)
        self._ended.callback(process.kill)
        return process

    def enqueue(self, *numbers: int) -> None:
        with self.work.change() as session:
            for number in numbers:
                queue.enqueue(session, "test.record", {"number": number})

    def recorded(self, word: str) -> Counter[int]:
        """How often each job has begun, or was done."""
        lines = [line.split() for line in self._record.read_text().splitlines()]
        return Counter(int(number) for _, said, number in lines if said == word)

    def who(self) -> set[str]:
        return {line.split()[0] for line in self._record.read_text().splitlines()}

    def wait_for(self, number: int) -> None:
        """Wait until so many jobs were done and no row is left."""
        assert wait_until(lambda: len(self.recorded("done")) >= number and not self.work.rows(), seconds=40)


@pytest.fixture
def make_processes(
    make_app: Callable[..., Flask], settings: Settings, tmp_path: Path
) -> Iterator[Callable[..., Processes]]:
    make_app()  # empties the database
    with ExitStack() as ended:
        yield lambda **changes: Processes(replace(settings, cache_type="NullCache", **changes), tmp_path, ended)


@pytest.fixture(scope="module")
def rabbit() -> Iterator[RabbitServer]:
    """A RabbitMQ that is not running yet."""
    yield from running(RabbitServer)


@on_sqlite
@pytest.mark.parametrize(("point", "begun"), [("claimed", 1), ("began", 2), ("done", 2)])
def test_a_killed_runners_job_is_done_by_another(
    make_processes: Callable[..., Processes], point: str, begun: int
) -> None:
    processes = make_processes()
    processes.enqueue(1)
    first = processes.start(LECTERN_TEST_DIE_AT=point)
    assert first.wait(30) == -signal.SIGKILL

    processes.start()

    processes.wait_for(1)
    # It is repeated once at most, and only if it had begun.
    assert processes.recorded("began") == {1: begun}


def test_two_runners_share_the_jobs_and_double_none(make_processes: Callable[..., Processes]) -> None:
    processes = make_processes()
    runners = [processes.start(), processes.start()]
    processes.enqueue(*range(200))
    processes.wait_for(200)
    further = count(200)

    def both_have_worked() -> bool:
        processes.enqueue(number := next(further))
        processes.wait_for(number + 1)
        return len(processes.who()) == 2

    # One of them may have needed longer to start than the other one for all of the first jobs.
    assert wait_until(both_have_worked, seconds=40)
    assert set(processes.recorded("began").values()) == {1}
    for runner in runners:
        runner.terminate()
    assert [runner.wait(20) for runner in runners] == [0, 0]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_with_celery_jobs_wait_for_the_broker_and_are_done_once(
    make_processes: Callable[..., Processes], rabbit: RabbitServer
) -> None:
    processes = make_processes(celery_broker_url=rabbit.url)
    relay = processes.start()
    processes.enqueue(*range(50))
    rabbit.start()
    worker = processes.start("celery", "-A", "tests.jobs.process", "worker", "--concurrency=1", "--loglevel=ERROR")

    processes.wait_for(50)
    rabbit.kill()
    # No change fails because the broker is away.
    processes.enqueue(50)

    assert set(processes.recorded("done").values()) == {1}
    assert processes.work.states() == ["waiting"]
    assert str(relay.pid) not in processes.who()
    relay.terminate()
    assert relay.wait(20) == 0
    assert worker.poll() is None

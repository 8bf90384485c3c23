"""Worker processes that no longer run are killed, and no others."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from multiprocessing.process import BaseProcess

import pytest

from server import heartbeat
from server.heartbeat import Heartbeat
from support.processes import has_ended


@pytest.fixture
def worker() -> Iterator[BaseProcess]:
    process = multiprocessing.get_context("fork").Process(target=signal.pause)
    process.start()
    yield process
    process.kill()
    process.join()


def give_sign(watch: Heartbeat, pid: int) -> None:
    os.write(watch._sending, heartbeat._SIGN.pack(pid))


def test_a_silent_worker_is_killed(worker: BaseProcess) -> None:
    watch = Heartbeat(hang_seconds=2)
    ended = os.pidfd_open(worker.pid)
    give_sign(watch, worker.pid)
    for _ in range(3):
        watch.take_turn()
    assert has_ended(ended)


def test_a_worker_that_gives_signs_is_left_alone(worker: BaseProcess) -> None:
    watch = Heartbeat(hang_seconds=2)
    for _ in range(5):
        give_sign(watch, worker.pid)
        watch.take_turn()
    assert worker.is_alive()


def test_a_worker_that_is_still_starting_is_left_alone(worker: BaseProcess) -> None:
    watch = Heartbeat(hang_seconds=2)
    for _ in range(5):
        watch.take_turn()
    assert worker.is_alive()


def test_a_process_that_is_no_worker_is_never_killed() -> None:
    watch = Heartbeat(hang_seconds=1)
    give_sign(watch, os.getpid())
    for _ in range(3):
        watch.take_turn()

"""The loop behind the jobs of a worker process."""

import threading
from collections.abc import Callable

import pytest

from errors import Unavailable
from server.background import Every


def turns(number: int) -> Callable[[float], bool]:
    """Wait for nothing, and say after so many turns that it is over."""
    left = iter(range(number - 1, -1, -1))
    return lambda _seconds: next(left) == 0


def test_the_function_runs_at_once_and_then_after_every_wait() -> None:
    calls: list[str] = []
    Every(30, lambda: calls.append("call"), wait=turns(3)).run()
    assert calls == ["call"] * 3


def test_it_waits_for_the_given_time() -> None:
    waits: list[float] = []
    Every(30, lambda: None, wait=lambda seconds: waits.append(seconds) or True).run()
    assert waits == [30]


def test_a_failing_turn_is_logged_and_the_next_one_comes(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise RuntimeError("the database is away")

    Every(30, fail, wait=turns(2)).run()
    assert [record.exc_info[1].args for record in caplog.records if record.exc_info] == [("the database is away",)] * 2


def test_a_turn_without_a_database_leaves_no_trace_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def wait_for_the_database() -> None:
        raise Unavailable

    Every(30, wait_for_the_database, wait=turns(2)).run()

    assert not caplog.records


def test_started_it_runs_on_a_daemon_thread() -> None:
    threads: list[threading.Thread] = []
    seen = threading.Event()

    def look() -> None:
        threads.append(threading.current_thread())
        seen.set()

    Every(30, look, wait=lambda _seconds: True).start()
    assert seen.wait(5)
    assert threads[0].daemon

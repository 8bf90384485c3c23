"""When Redis is trusted again: only after everything that it may have missed has been announced to it."""

from __future__ import annotations

import os
from collections.abc import Callable

from redis import RedisError

from caching.breaker import Breaker


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

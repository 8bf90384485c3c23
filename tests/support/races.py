"""Doing several things at the same moment, each on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any


def at_once(attempts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Start all attempts together and return their results, in the order in which they were given."""
    barrier = Barrier(len(attempts))

    def run(attempt: Callable[[], Any]) -> Any:
        barrier.wait(timeout=30)
        return attempt()

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(run, attempts))

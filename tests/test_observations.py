"""Observations are noted in any thread and given to what counts them, once each."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from config import ROOT
from observations import MANY, note, write_down

THREADS = 4
EACH = 3 * MANY


@pytest.fixture(autouse=True)
def nothing_else() -> Iterator[None]:
    write_down()
    yield
    write_down()


class Count:
    """Something that counts."""

    def __init__(self) -> None:
        self.given: list[list[float]] = []

    def __call__(self, values: Sequence[float]) -> None:
        self.given.append([*values])


def test_what_was_noted_is_given_together_and_once() -> None:
    first, second = Count(), Count()
    note(first, 1)
    note(second, 2)
    note(first, 3)
    assert first.given == []

    write_down()
    write_down()

    assert first.given == [[1, 3]]
    assert second.given == [[2]]


def test_many_are_written_down_at_once() -> None:
    count = Count()

    for number in range(MANY):
        note(count, number)

    assert count.given == [[*range(MANY)]]


def test_threads_lose_nothing_and_count_nothing_twice() -> None:
    count = Count()

    def note_all(numbers: Iterable[int]) -> None:
        for number in numbers:
            note(count, number)

    with ThreadPoolExecutor(THREADS) as pool:
        for thread in range(THREADS):
            pool.submit(note_all, range(EACH * thread, EACH * (thread + 1)))
    write_down()

    assert sorted(value for values in count.given for value in values) == [*range(THREADS * EACH)]


FORK = """
import os
from observations import note, write_down

given = []
note(given.extend, 1)
child = os.fork()
write_down()
if child:
    os.waitpid(child, 0)
print(given, flush=True)
"""


def test_a_forked_child_leaves_to_its_parent_what_was_noted_before() -> None:
    told = subprocess.run([sys.executable, "-c", FORK], cwd=ROOT, capture_output=True, text=True, check=True)

    assert told.stdout == "[]\n[1]\n"

"""Every part of a school on several machines is killed once under load.

Nothing old is read, nothing is lost, and nothing fails but what cannot go on. `make soak` does it for longer, and
writes down what it saw.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from support.unavailable import Unavailable
from tests.machines.kills import kill, left_undone, parts_of
from tests.machines.load import Load
from tests.machines.school import School
from tests.support.left_out import leave_out
from tests.support.sentinel import Sentinels

PAIRS = 2


@pytest.fixture(scope="module")
def school() -> Iterator[School]:
    """A school whose Redis is kept by Sentinels."""
    with ExitStack() as running:
        try:
            started = running.enter_context(School(running.enter_context(Sentinels())))
        except Unavailable as reason:
            leave_out(reason)
        yield started


def test_each_part_is_killed_and_nothing_is_lost_or_stale(school: School) -> None:
    with Load(school.proxy.url, PAIRS, school.token_for) as load:
        rows = [kill(school, load, part, wait_for_mails=False) for part in parts_of(school)]
        load.goes_on(1)
    undone = left_undone(school, load)

    assert {row.name: row.wrong for row in rows if row.wrong} == {}
    assert (load.tally.stale, load.tally.wrong, undone) == ([], [], [])
    assert load.tally.requests > 200

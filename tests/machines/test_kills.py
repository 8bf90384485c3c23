"""Every part of a school on several machines is killed once under load, with a Redis Cluster and with Sentinels.

Nothing old is read, nothing is lost, and nothing fails but what cannot go on. `make soak` does it for longer, and
writes down what it saw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from support.unavailable import Unavailable
from tests.machines.kills import Part, kill, left_undone, parts_of, parts_of_cache
from tests.machines.load import Load, Tally
from tests.machines.school import Cache, School
from tests.support.cluster import Cluster
from tests.support.left_out import leave_out
from tests.support.sentinel import Sentinels

PAIRS = 2


@contextmanager
def school(cache: Callable[[], AbstractContextManager[Cache]]) -> Iterator[School]:
    """A school whose Redis servers a Cluster or Sentinels keep."""
    with ExitStack() as running:
        try:
            started = running.enter_context(School(running.enter_context(cache())))
        except Unavailable as reason:
            leave_out(reason)
        yield started


def test_each_part_is_killed_and_nothing_is_lost_or_stale() -> None:
    with school(Cluster) as ours:
        wrong, seen = killed(ours, parts_of(ours))

    assert (wrong, seen.stale, seen.wrong) == ([], [], [])
    assert seen.requests > 200


def test_what_sentinels_keep_is_killed_and_nothing_is_lost_or_stale() -> None:
    with school(Sentinels) as ours:
        wrong, seen = killed(ours, parts_of_cache(ours.cache))

    assert (wrong, seen.stale, seen.wrong) == ([], [], [])
    assert seen.requests > 50


def killed(ours: School, parts: Iterable[Part]) -> tuple[list[str], Tally]:
    """Return what failed without an excuse or was left undone, and what people have seen."""
    with Load(ours.proxy.url, PAIRS, ours.token_for) as load:
        rows = [kill(ours, load, part, wait_for_mails=False) for part in parts]
        load.goes_on(1)
    undone = left_undone(ours, load)
    return [f"{row.name}: {what}" for row in rows for what in row.wrong] + undone, load.tally

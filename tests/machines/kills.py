"""What is killed while people use the school, how it comes back, and what may fail meanwhile.

A part more is a row of what `parts_of` lists, or `parts_of_cache` for another kind of cache.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from support.processes import family
from tests.machines.load import RANK, Load
from tests.machines.school import Cache, School
from tests.support.cluster import Cluster
from tests.support.sentinel import Sentinels

# After a kill each client does so many things, once the part is back and again when all is well.
TURNS = 3
# What stands in the command lines of a server's worker processes, and of its HAProxy.
WORKER, HAPROXY = "server.webserver", "haproxy.cfg"
MAILS_SECONDS = 240.0


class MayFail(Enum):
    """Which requests may fail when a part is killed."""

    NOTHING = "nothing"
    UNDER_WAY = "what it had in hand"
    UNTIL_BACK = "what needs it, until it is back"


class Part(NamedTuple):
    """Something that is killed and replaced."""

    name: str
    kill: Callable[[], None]
    replace: Callable[[], None]
    may_fail: MayFail = MayFail.NOTHING


@dataclass(frozen=True)
class Row:
    """What was seen when a part was killed."""

    name: str
    requests: int
    failed: int
    # Requests that failed and that nothing excuses.
    wrong: list[str]
    stale: list[str]
    lost: list[str]
    slowest: float
    # Seconds from the kill to the end of the last failed request, and until all mails had come; None: not waited for.
    requests_after: float
    mails_after: float | None


def parts_of(school: School) -> Iterator[Part]:
    """List all parts of a school."""
    first = school.machines[0]
    yield Part("a web server, all its processes", first.kill, first.start, MayFail.UNDER_WAY)
    yield Part("a worker process of a web server", lambda: _kill_one(school, WORKER), _nobody, MayFail.UNDER_WAY)
    yield Part("HAProxy of a web server", lambda: _kill_one(school, HAPROXY), _nobody, MayFail.UNDER_WAY)
    yield Part("the runner of jobs", school.runner.kill, school.runner.start)
    yield Part("the Celery worker", school.worker.kill, school.worker.start)
    yield Part("RabbitMQ", school.broker.kill, school.broker.start)
    yield from parts_of_cache(school.cache)
    yield Part("PostgreSQL", school.database.kill, school.database.start, MayFail.UNTIL_BACK)
    yield Part("the proxy", school.proxy.kill, school.proxy.start, MayFail.UNTIL_BACK)


def parts_of_cache(cache: Cache) -> Iterator[Part]:
    """List what can be killed of Redis servers that Sentinels or a Cluster keep."""
    if isinstance(cache, Sentinels):
        yield Part("the primary of Redis", cache.kill_primary, cache.replace_primary)
        yield Part("a Sentinel", cache.kill_sentinel, cache.replace_sentinel)
    if isinstance(cache, Cluster):
        yield Part("the Cluster's node that has the keys", cache.kill_owner, cache.replace)
        yield Part("another primary of the Cluster", cache.kill_primary_without_keys, cache.replace)
        yield Part("a replica of the Cluster", cache.kill_replica, cache.replace)
        yield Part("all nodes of the Cluster", cache.kill_all, cache.replace)


def kill(school: School, load: Load, part: Part, *, wait_for_mails: bool) -> Row:
    """Kill a part under load, replace it, and go on until all is well."""
    load.goes_on(TURNS)
    tally = load.tally
    tally.take_slowest()
    requests, failures, stale = tally.requests, len(tally.failures), len(tally.stale)
    killed = time.monotonic()
    part.kill()
    load.sends(2 * load.clients)
    part.replace()
    if part.may_fail is MayFail.UNTIL_BACK:
        school.wait_until_open()
    back = time.monotonic()
    load.goes_on(TURNS)
    slowest, failed = tally.take_slowest(), tally.failures[failures:]
    with load.resting():
        lost = missing_mails(school, load) if wait_for_mails else []
    return Row(
        part.name,
        requests=tally.requests - requests,
        failed=len(failed),
        wrong=[failure.what for failure in failed if not _is_excused(part, failure.began, killed, back)],
        stale=tally.stale[stale:],
        lost=lost,
        slowest=slowest,
        requests_after=max((failure.ended - killed for failure in failed), default=0.0),
        mails_after=time.monotonic() - killed if wait_for_mails else None,
    )


def missing_mails(school: School, load: Load) -> list[str]:
    """Wait for the mails of all lessons that were accepted until now, and return what has not come."""
    until = time.monotonic()

    def missing() -> set[int]:
        accepted = {lesson for pair in load.pairs for lesson, at in dict(pair.accepted).items() if at <= until}
        return accepted - school.mailed()

    _wait_for(lambda: not missing())
    return [f"the mail about lesson {lesson}" for lesson in sorted(missing())]


def left_undone(school: School, load: Load) -> list[str]:
    """List what people were told and is not so, when nobody changes anything any more."""
    return lost_changes(school, load) + missing_mails(school, load) + missing_events(school, load)


def missing_events(school: School, load: Load) -> list[str]:
    """Wait for the events of all lessons that were accepted, and return what other programs have not heard of."""
    accepted = {lesson for pair in load.pairs for lesson in pair.accepted}
    _wait_for(lambda: accepted <= school.heard())
    return [f"the event about lesson {lesson}" for lesson in sorted(accepted - school.heard())]


def lost_changes(school: School, load: Load) -> list[str]:
    """Compare the database with all that people were told, when nobody changes anything any more."""
    lessons = school.lessons()
    known = {lesson: rank for pair in load.pairs for lesson, rank in pair.known.items()}
    lost = [
        f"lesson {lesson}: {lessons.get(lesson)} after {rank}"
        for lesson, rank in known.items()
        if lesson not in lessons or RANK[lessons[lesson]] < rank
    ]
    # A request that was repeated had its effect once.
    return lost + [f"lesson {lesson} that nobody was told about" for lesson in sorted(set(lessons) - set(known))]


def _wait_for(condition: Callable[[], bool]) -> None:
    """Wait for what takes a while to look at."""
    deadline = time.monotonic() + MAILS_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.3)


def _is_excused(part: Part, began: float, killed: float, back: float) -> bool:
    if part.may_fail is MayFail.UNDER_WAY:
        # Sent a moment later it may reach the dead server before the proxy knows.
        return began <= killed + 1
    return part.may_fail is MayFail.UNTIL_BACK and began <= back + 1


def _kill_one(school: School, word: str) -> None:
    """Kill the newest process of a web server with a word in its command line; the server starts another."""
    server = school.machines[0].server
    assert server is not None
    found = [pid for pid, line in family(server.process.pid).items() if word in line]
    os.kill(max(found), signal.SIGKILL)


def _nobody() -> None:
    """Replace nothing: the server does that."""

"""What the cache has counted over time, and the alerts that are raised by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask

from caching.metrics import Reads
from caching.operations import history, inventory, raised
from caching.operations.alerts import Alert
from caching.operations.health import RedisState
from caching.operations.history import DAY, HOUR, CacheSample, Counts
from caching.store import current_store
from database import writing
from extensions import db
from jsontext import dumps
from tests.conftest import SATURDAY, FakeClock
from tests.support.world import World


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Both databases are asked the same by the tests of authorization, which open the page."""
    return sqlite_url


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    """The application, with its context."""
    with app.app_context():
        yield app


def sample(at: datetime, source: str, hits: int, *, changes: int = 0) -> None:
    """Let a machine have counted so much by then."""
    counted = {"reads": {"gigs": [[hits], [0.0]]}, "changes": {"site gigs": changes}}
    with writing() as session:
        session.add(CacheSample(minute=int(at.timestamp()) // 60, source=source, counted=dumps(counted).decode()))


def hits(counts: Counts) -> int:
    return counts.reads.get("gigs", Reads()).count["hit"]


def past(minutes: int) -> datetime:
    return SATURDAY - timedelta(minutes=minutes)


def test_machines_count_together_and_each_step_has_what_was_added_in_it(inside: Flask) -> None:
    for minutes, one, other in ((3, 10, 100), (2, 15, 100), (1, 15, 130)):
        sample(past(minutes), "one", one)
        sample(past(minutes), "other", other)

    seen = {moment.at: hits(moment.counts) for moment in history.moments(HOUR, SATURDAY)}

    assert (seen[past(2)], seen[past(1)]) == (5, 30)


def test_a_server_that_was_started_anew_begins_at_nothing(inside: Flask) -> None:
    for minutes, counted in ((3, 1000), (2, 7), (1, 9)):
        sample(past(minutes), "one", counted, changes=counted)

    seen = [hits(moment.counts) for moment in history.moments(HOUR, SATURDAY) if moment.at < SATURDAY]

    assert seen == [7, 2]


def test_processes_of_a_machine_note_a_minute_once_and_the_next_one_again(inside: Flask, clock: FakeClock) -> None:
    for seconds in (0, 5, 60):
        clock.advance(seconds=seconds)
        history.take(clock())

    assert db.session.query(CacheSample).count() == 2


def test_old_samples_become_few_and_then_none(inside: Flask) -> None:
    for minutes in range(0, 26 * 60, 5):
        sample(past(minutes), "one", 26 * 60 - minutes)

    history.forget_old(SATURDAY)
    kept = sorted(row.minute for row in db.session.query(CacheSample))

    assert len(kept) == 24 * 4 + 1 + 10
    assert len(history.moments(DAY, SATURDAY)) >= 24 * 4 - 1


def test_what_each_family_takes_in_redis_is_told_from_a_sample(world: World, inside: Flask) -> None:
    world.gig(world.teacher())
    for limit in range(1, 6):
        world.app.test_client().get(f"/api/gigs?limit={limit}")
    store = current_store()
    assert store

    found = inventory.by_family(store.backend.client, store.prefix)

    answers, size = found["gigs"]
    assert answers == 5
    assert size > 5 * 100


def alert(value: float | None) -> Alert:
    return Alert("memory", "Redis is nearly full.", value, 0.8, value is not None and value > 0.8)


def judged(clock: FakeClock, *values: float | None) -> list[tuple[bool, bool]]:
    """Judge a value a minute, and tell each time whether it changed something and whether the alert is raised."""
    found = []
    for value in values:
        clock.advance(minutes=1)
        with writing() as session:
            changed = bool(raised.judge(session, [alert(value)], clock()))
        found.append((changed, raised.standings()["memory"].raised))
    return found


def test_an_alert_is_raised_at_the_third_call_in_a_row_and_over_at_the_third_silence(
    inside: Flask, clock: FakeClock
) -> None:
    assert judged(clock, 0.9, 0.9, 0.5, 0.9, 0.9, 0.9) == [(False, False)] * 5 + [(True, True)]
    assert judged(clock, 0.9, 0.5, 0.5, 0.9, 0.5, 0.5, 0.5) == [(False, True)] * 6 + [(True, False)]


def test_too_little_to_judge_by_neither_raises_nor_ends_an_alert(inside: Flask, clock: FakeClock) -> None:
    assert judged(clock, 0.9, 0.9, None, 0.9) == [(False, False)] * 4
    assert judged(clock, 0.9, 0.9, None, None, None) == [(False, False), (True, True)] + [(False, True)] * 3


def test_a_second_look_in_the_same_minute_does_not_count(inside: Flask, clock: FakeClock) -> None:
    clock.advance(minutes=1)
    for _ in range(5):
        with writing() as session:
            raised.judge(session, [alert(0.9)], clock())

    assert raised.standings()["memory"].raised is False


def test_the_last_minutes_of_all_machines_are_what_rules_judge(inside: Flask) -> None:
    # What this process has counted for other tests is none of this one's.
    history.take(past(30))
    for minutes, counted in ((20, 0), (4, 1000), (0, 1100)):
        sample(past(minutes), "one", counted)
    found = {each.name: each for each in raised.present(_redis(), SATURDAY)}

    assert found["list-hit-rate"].value == 1.0
    assert found["redis"].firing is True


def _redis() -> RedisState:
    return RedisState("timeout")


def test_counts_of_a_stretch_are_added_up() -> None:
    one = Counts({"gigs": Reads(Counter(hit=1), Counter())}, Counter({"site gigs": 2}))

    together = one + one

    assert (hits(together), together.changes["site gigs"]) == (2, 4)

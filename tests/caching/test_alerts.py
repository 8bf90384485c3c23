"""The rules, one by one, over made-up numbers; and the window of time that they look at."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask

from caching.metrics import Reads
from caching.operations import alerts
from caching.operations.alerts import Alert, Snapshot, evaluate
from tests.caching.conftest import Probe

KINDS = {"gig": "entity", "gigs": "list"}


def reads(hits: int = 0, misses: int = 0, *, ms: float = 1.0) -> Reads:
    count = Counter(hit=hits, miss=misses)
    return Reads(count, Counter({outcome: number * ms / 1000 for outcome, number in count.items()}))


def alert(name: str, **numbers: object) -> Alert:
    given = {"run": {}, "window": {}, "kinds": KINDS, "memory": None} | numbers
    return next(alert for alert in evaluate(Snapshot(**given)) if alert.name == name)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "family", "hits", "misses", "firing"),
    [
        ("entity-hit-rate", "gig", 699, 301, True),
        ("entity-hit-rate", "gig", 700, 300, False),
        ("entity-hit-rate", "gigs", 0, 1000, False),
        ("list-hit-rate", "gigs", 499, 501, True),
        ("list-hit-rate", "gigs", 500, 500, False),
        ("list-hit-rate", "gig", 0, 1000, False),
        ("list-hit-rate", "gigs", 0, 199, False),
    ],
)
def test_a_low_hit_rate_calls(rule: str, family: str, hits: int, misses: int, firing: bool) -> None:
    assert alert(rule, window={family: reads(hits, misses)}).firing is firing


def test_too_few_reads_have_no_value() -> None:
    assert alert("list-hit-rate", window={"gigs": reads(0, 199)}).value is None


@pytest.mark.parametrize(("ms", "firing"), [(1.19, False), (1.21, True), (0.5, False)])
def test_reads_that_got_slower_call(ms: float, firing: bool) -> None:
    before, window = reads(1000, ms=1.0), reads(1000, ms=ms)

    assert alert("response-time", run={"gigs": before + window}, window={"gigs": window}).firing is firing


def test_the_first_minutes_are_compared_with_nothing() -> None:
    numbers = {"gigs": reads(1000)}

    assert alert("response-time", run=numbers, window=numbers).value is None


@pytest.mark.parametrize(("memory", "firing"), [(0.81, True), (0.80, False), (None, False)])
def test_a_full_memory_calls(memory: float | None, firing: bool) -> None:
    assert alert("memory", memory=memory).firing is firing


def test_the_window_begins_at_the_oldest_note(app: Flask) -> None:
    with app.app_context():
        earlier, now = {"gigs": reads(5)}, {"gigs": reads(12), "gig": reads(3)}
        alerts._notes().extend([earlier, {"gigs": reads(10)}])

        window = alerts.snapshot(now, None).window

    assert window == {"gigs": reads(7), "gig": reads(3)}


def test_a_note_holds_the_counters_of_its_moment(probe: Probe) -> None:
    probe.read()
    alerts.note(probe.app)
    probe.read()

    with probe.app.app_context():
        seen = alerts._notes()[0]["probe"].count
        alerts.note(probe.app)
        assert alerts._notes()[1]["probe"].count - seen == Counter(hit=1)

"""Alert rules of the cache as one table, and the window of time they look at.

They look at a window of time.
"""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask import Flask, current_app

from caching import cache
from caching.metrics import Reads, cache_samples, reads_by_family

# The server notes its counters once in so many seconds, and the window begins at the oldest of so many notes.
NOTE_SECONDS = 60.0
NOTES = 5
# Fewer reads than these say nothing.
ENOUGH_READS = 200
EXTENSION = "lectern-cache-notes"

Families = Mapping[str, Reads]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the rules judge.

    That is reads by family since the server's start and in the window, and how Redis is.
    """

    run: Families
    window: Families
    kinds: Mapping[str, str]
    memory: float | None
    # Whether Redis cannot be used.
    away: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """What came of a rule.

    `value` is None as long as there is too little to judge by.
    """

    name: str
    says: str
    value: float | None
    threshold: float
    firing: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A measure, and on which side of the threshold it calls."""

    name: str
    says: str
    measure: Callable[[Snapshot], float | None]
    fires: Callable[[float, float], bool]
    threshold: float


def _hit_rate(kind: str, snapshot: Snapshot) -> float | None:
    reads = _sum(reads for family, reads in snapshot.window.items() if snapshot.kinds.get(family) == kind)
    return reads.hit_rate if reads.total >= ENOUGH_READS else None


def _slowdown(snapshot: Snapshot) -> float | None:
    """Compare the mean time of reads in the window with that of those before it."""
    window = _sum(snapshot.window.values())
    before = _sum(snapshot.run.values()) - window
    if min(window.total, before.total) < ENOUGH_READS:
        return None
    return _mean(window) / _mean(before) - 1


def _away(snapshot: Snapshot) -> float:
    return float(snapshot.away)


RULES = (
    Rule("redis", "Redis does not answer, so the database does all the work.", _away, operator.gt, 0.0),
    Rule("entity-hit-rate", "Few single things come from the cache.", partial(_hit_rate, "entity"), operator.lt, 0.70),
    Rule("list-hit-rate", "Few lists come from the cache.", partial(_hit_rate, "list"), operator.lt, 0.50),
    Rule("response-time", "Reads take longer than they did before.", _slowdown, operator.gt, 0.20),
    Rule("memory", "Redis is nearly full and forgets.", lambda snapshot: snapshot.memory, operator.gt, 0.80),
)


def evaluate(snapshot: Snapshot) -> list[Alert]:
    """Judge a snapshot by every rule."""
    return [_judge(rule, rule.measure(snapshot)) for rule in RULES]


def _judge(rule: Rule, value: float | None) -> Alert:
    firing = value is not None and rule.fires(value, rule.threshold)
    return Alert(rule.name, rule.says, value, rule.threshold, firing)


def snapshot(run: Families, memory: float | None, *, away: bool = False) -> Snapshot:
    """Put together what the rules judge.

    Without notes the window is the whole time since the server's start.
    """
    notes = _notes()
    window = {family: reads - notes[0].get(family, Reads()) for family, reads in run.items()} if notes else run
    return Snapshot(run, window, kinds(), memory, away)


def kinds() -> dict[str, str]:
    """Tell of each family whether its reads are lists or single things."""
    return {family.name: family.kind for family in cache.families}


def note(app: Flask) -> None:
    """Note the counters as they are now.

    Every worker does that by itself, because the counters are everybody's.
    """
    with app.app_context():
        _notes().append(reads_by_family(cache_samples(Path(app.instance_path))))


def _notes() -> deque[Families]:
    notes: deque[Families] = current_app.extensions.setdefault(EXTENSION, deque(maxlen=NOTES))
    return notes


def _sum(families: Iterable[Reads]) -> Reads:
    return sum(families, start=Reads())


def _mean(reads: Reads) -> float:
    return reads.seconds.total() / reads.total

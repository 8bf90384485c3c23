"""What the cache has counted, minute by minute, for the last day.

Every machine notes its counters as they stand: a row for a minute, whichever of its processes comes first. What has
happened in between is the difference of two rows, so the end of a process loses nothing. What Redis holds is measured
once for all machines and stands in rows of its own.
"""

from __future__ import annotations

import platform
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache as remembered
from hashlib import blake2b
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import Integer, String, Text, and_, delete, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from caching.metrics import OUTCOMES, Reads, cache_samples, reads_by_family, tally
from database import change_in_bulk, insert_into, reading, writing
from extensions import Base
from jsontext import JsonObject, dumps, loads

# How often a process tries to note the counters; one row a minute is kept.
SECONDS = 60.0
# What is older than an hour is kept for every quarter of an hour, what is older than a day not at all.
COARSE = 15
REDIS = "redis"


class CacheSample(Base):
    """The counters of one machine at one minute, or what Redis held then."""

    __tablename__ = "cache_samples"

    # Minutes since 1970, UTC.
    minute: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(String(80), primary_key=True)
    counted: Mapped[str] = mapped_column(Text)


_IS_MACHINE = CacheSample.source != REDIS


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time up to now, and how finely it is looked at, in minutes."""

    name: str
    minutes: int
    step: int


HOUR, DAY = Span("hour", 60, 1), Span("day", 24 * 60, COARSE)


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted: reads by family, and announced changes by owner and name of the tag."""

    reads: Mapping[str, Reads] = field(default_factory=dict)
    changes: Counter[str] = field(default_factory=Counter)

    @property
    def all_reads(self) -> Reads:
        """Add up the reads of all families."""
        return sum(self.reads.values(), start=Reads())

    def __add__(self, other: Counts) -> Counts:
        """Put two counts together."""
        names = self.reads.keys() | other.reads.keys()
        reads = {name: self.reads.get(name, Reads()) + other.reads.get(name, Reads()) for name in names}
        return Counts(reads, self.changes + other.changes)

    def since(self, earlier: Counts) -> Counts:
        """Return what was counted after an earlier sample of the same machine.

        Counters that have become smaller were begun anew, by another start of the server.
        """
        anew = any(self.changes[name] < number for name, number in earlier.changes.items()) or any(
            self.reads.get(name, Reads()).total < reads.total for name, reads in earlier.reads.items()
        )
        if anew:
            return self
        reads = {name: now - earlier.reads.get(name, Reads()) for name, now in self.reads.items()}
        return Counts(reads, self.changes - earlier.changes)


@dataclass(frozen=True, slots=True)
class Moment:
    """What was counted in the minutes that end with `at`."""

    at: datetime
    counts: Counts


@dataclass(frozen=True, slots=True)
class Held:
    """What Redis held at a moment: bytes in all, and by family how many answers of how many bytes."""

    at: datetime
    memory_bytes: int
    families: Mapping[str, tuple[int, int]]


def take(now: datetime) -> None:
    """Note the counters of this machine, unless that was done in this minute."""
    _keep(_minute(now), _this_machine(current_app.instance_path), _counted)


def keep_held(now: datetime, memory_bytes: int, families: Mapping[str, tuple[int, int]], *, step: int) -> None:
    """Note what Redis holds, for a minute that is a multiple of `step`."""
    minute = _minute(now) // step * step
    _keep(minute, REDIS, lambda: {"memory": memory_bytes, "families": families})


def forget_old(now: datetime) -> None:
    """Delete what is too old to be shown.

    Of what is older than an hour every quarter of an hour is kept.
    """
    minute = _minute(now)
    too_fine = and_(CacheSample.minute < minute - HOUR.minutes - COARSE, CacheSample.minute % COARSE != 0)
    with writing() as session:
        change_in_bulk(session, delete(CacheSample).where(or_(CacheSample.minute < minute - DAY.minutes, too_fine)))


def moments(span: Span, now: datetime) -> list[Moment]:
    """Return what all machines together have counted in each step of a span, the oldest first.

    It ends with what this machine has counted since its last sample.
    """
    this = _this_machine(current_app.instance_path)
    samples = [(minute, source, _read(loads(text))) for minute, source, text in _rows(span, now, _IS_MACHINE)]
    before: dict[str, Counts] = {}
    if all(source != this for _, source, _ in samples):
        # A server that has just been started: all that it has counted belongs to this span.
        before[this] = Counts()
    found: defaultdict[int, Counts] = defaultdict(Counts)
    for minute, source, counts in [*samples, (_minute(now), this, _read(_counted()))]:
        if source in before:
            found[minute] += counts.since(before[source])
        before[source] = counts
    return [Moment(_instant(minute), counts) for minute, counts in sorted(found.items())]


def held(span: Span, now: datetime) -> list[Held]:
    """Return what Redis held in a span of time, the oldest first."""
    rows = _rows(span, now, CacheSample.source == REDIS)
    return [_held(minute, loads(text)) for minute, _, text in rows]


def _held(minute: int, found: JsonObject) -> Held:
    families = {name: (answers, size) for name, (answers, size) in found["families"].items()}
    return Held(_instant(minute), found["memory"], families)


def _rows(span: Span, now: datetime, of: Any) -> Sequence[Any]:
    # With the sample before the first step, that it can be compared with.
    first = (_minute(now) - span.minutes) // span.step * span.step - span.step
    columns: list[Any] = [CacheSample.minute, CacheSample.source, CacheSample.counted]
    wanted = select(*columns).where(of, CacheSample.minute >= first, CacheSample.minute % span.step == 0)
    with reading() as connection:
        return connection.execute(wanted.order_by(CacheSample.minute, CacheSample.source)).all()


def _keep(minute: int, source: str, count: Any) -> None:
    there = select(CacheSample.minute).where(CacheSample.minute == minute, CacheSample.source == source)
    with reading() as connection:
        if connection.execute(there).one_or_none():
            return
    row = {"minute": minute, "source": source, "counted": dumps(count()).decode()}
    with writing() as session:
        # Another process of this machine may have done so meanwhile.
        session.execute(insert_into(CacheSample, session.get_bind().dialect.name).on_conflict_do_nothing(), [row])


def _counted() -> JsonObject:
    samples = cache_samples(Path(current_app.instance_path))
    families = reads_by_family(samples)
    changes = tally(samples, "lectern_cache_invalidations_total")
    return {
        "reads": {name: _short(reads) for name, reads in families.items() if reads.count},
        "changes": {" ".join(labels): number for labels, number in changes.items() if number},
    }


def _short(reads: Reads) -> list[list[float]]:
    return [[table[outcome] for outcome in OUTCOMES] for table in (reads.count, reads.seconds)]


def _read(counted: JsonObject) -> Counts:
    reads = {name: _long(*both) for name, both in counted["reads"].items()}
    return Counts(reads, Counter(counted["changes"]))


def _long(count: Iterable[int], seconds: Iterable[float]) -> Reads:
    # An outcome that is added to the end of the table is not in earlier samples.
    return Reads(Counter(dict(zip(OUTCOMES, count, strict=False))), Counter(dict(zip(OUTCOMES, seconds, strict=False))))


@remembered
def _this_machine(instance: str) -> str:
    """Name the folder in which the processes of one server count together."""
    return f"{platform.node()[:60]} {blake2b(instance.encode(), digest_size=6).hexdigest()}"


def _minute(now: datetime) -> int:
    return int(now.timestamp()) // 60


def _instant(minute: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(minutes=minute)

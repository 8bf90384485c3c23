"""What the cache counts, per family.

In the server every worker writes its counters to files in one folder (`prometheus_client`'s multiprocess mode), so that
any process, a command in another shell included, can add them up. The files of workers that have ended stay: what they
counted has happened.
"""

from __future__ import annotations

import functools
import os
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from config import metrics_folder
from observations import Counted, write_down

READS = Counter("lectern_cache_reads", "Cached reads by how they were answered.", ["family", "outcome"])
READ_SECONDS = Counter("lectern_cache_read_seconds", "Time that cached reads took.", ["family", "outcome"])
INVALIDATIONS = Counter("lectern_cache_invalidations", "Tags whose change was announced.", ["owner", "tag"])
ERRORS = Counter("lectern_cache_errors", "Failed Redis commands by what was tried.", ["operation"])
INCONSISTENCIES = Counter("lectern_cache_inconsistencies", "Hits that a second look found to be old.", ["family"])
OPEN_BREAKERS = Gauge(
    "lectern_cache_open_breakers", "Processes that keep away from Redis.", multiprocess_mode="livesum"
)

# A stale stamp is counted beside the miss that follows it; an error is a read that could not use Redis.
OUTCOMES = ("hit", "miss", "coalesced", "stale_stamp", "bypass", "error")


@dataclass(frozen=True, slots=True)
class Reads:
    """How reads were answered: how often, and for how many seconds in all, by outcome."""

    count: Tally[str] = field(default_factory=Tally)
    seconds: Tally[str] = field(default_factory=Tally)

    @property
    def total(self) -> int:
        """Count the reads.

        A stale stamp is none by itself.
        """
        return self.count.total() - self.count["stale_stamp"]

    @property
    def hit_rate(self) -> float | None:
        """Return the share of reads that were hits, or None if there were no reads."""
        return self.count["hit"] / self.total if self.total else None

    def mean_ms(self, *outcomes: str) -> float | None:
        """Return the mean time of these outcomes in milliseconds, or None."""
        number = sum(self.count[outcome] for outcome in outcomes)
        return 1000 * sum(self.seconds[outcome] for outcome in outcomes) / number if number else None

    def __add__(self, other: Reads) -> Reads:
        """Put two counts together."""
        return Reads(self.count + other.count, self.seconds + other.seconds)

    def __sub__(self, earlier: Reads) -> Reads:
        """Return what has happened since an earlier count."""
        return Reads(self.count - earlier.count, self.seconds - earlier.seconds)


@functools.cache
def reads_counter(family: str, outcome: str) -> Counted:
    """Return what counts reads, given the seconds that each of them took.

    It is what `observations.note` takes.
    """
    reads, read_seconds = READS.labels(family, outcome), READ_SECONDS.labels(family, outcome)

    def count(seconds: Sequence[float]) -> None:
        reads.inc(len(seconds))
        read_seconds.inc(sum(seconds))

    return count


def registry(instance: Path) -> CollectorRegistry:
    """Return the metrics of all workers, or of this process without a server."""
    write_down()
    folder = metrics_folder(instance)
    if not folder.is_dir():
        return REGISTRY
    together = CollectorRegistry()
    together.register(_Workers(folder))
    return together


class _Workers(Collector):
    """What all workers count, each into files of its own."""

    def __init__(self, folder: Path, *patterns: str) -> None:
        self._folder = folder
        self._patterns = patterns or ("*.db",)

    def collect(self) -> Iterable[Metric]:
        """Add up what the files say.

        One that a worker is just making is still empty.
        """
        files = [file for pattern in self._patterns for file in self._folder.glob(pattern) if _size(file)]
        return cast("Iterable[Metric]", MultiProcessCollector.merge([str(file) for file in files]))  # type: ignore[no-untyped-call]


def _size(file: Path) -> int:
    """Return the size of a file.

    0 if it has just been removed, because its worker has ended.
    """
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def cache_samples(instance: Path) -> list[Sample]:
    """Return the numbers about the cache alone, of all workers.

    Without the histograms it takes a few milliseconds.
    """
    write_down()
    folder = metrics_folder(instance)
    metrics: Iterable[Metric] = REGISTRY.collect()
    if folder.is_dir():
        metrics = _Workers(folder, "counter*.db", "gauge*.db").collect()
    return [sample for metric in metrics for sample in metric.samples if sample.name.startswith("lectern_cache_")]


def reads_by_family(samples: Iterable[Sample]) -> Mapping[str, Reads]:
    """Add up the reads.

    A family that was never read has empty counts.
    """
    families: defaultdict[str, Reads] = defaultdict(Reads)
    for sample in samples:
        if sample.name == "lectern_cache_reads_total":
            families[sample.labels["family"]].count[sample.labels["outcome"]] += int(sample.value)
        elif sample.name == "lectern_cache_read_seconds_total":
            families[sample.labels["family"]].seconds[sample.labels["outcome"]] += sample.value  # type: ignore[assignment]
    return families


def tally(samples: Iterable[Sample], name: str) -> Tally[tuple[str, ...]]:
    """Add up one counter by its labels.

    The values of the labels stand in the order of their names.
    """
    counts: Tally[tuple[str, ...]] = Tally()
    for sample in samples:
        if sample.name == name:
            counts[tuple(value for _, value in sorted(sample.labels.items()))] += int(sample.value)
    return counts


def forget_dead_workers(instance: Path) -> None:
    """Forget the present state of workers that are no more.

    Called by each one that starts in the place of another.
    """
    folder = metrics_folder(instance)
    for pid in {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*.db")}:
        if not _lives(pid):
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True

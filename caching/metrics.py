"""What the cache counts, per family.

In the server every worker writes its counters to files in one folder (`prometheus_client`'s multiprocess mode), so that
any process, a command in another shell included, can add them up.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, Counter
from prometheus_client.multiprocess import MultiProcessCollector

READS = Counter("lectern_cache_reads", "Cached reads by how they were answered.", ["family", "outcome"])
INVALIDATIONS = Counter("lectern_cache_invalidations", "Tags whose change was announced.", ["tag"])
ERRORS = Counter("lectern_cache_errors", "Failed Redis commands by what was tried.", ["operation"])

OUTCOMES = ("hit", "miss", "coalesced", "stale_stamp", "bypass")


def metrics_folder(instance: Path) -> Path:
    """Name the folder that the server's workers write their counters to."""
    return instance / "metrics"


def registry(instance: Path) -> CollectorRegistry:
    """Return the counters of all the server's workers together, else of this process if there is no server."""
    folder = metrics_folder(instance)
    if not folder.is_dir():
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together, path=str(folder))  # type: ignore[no-untyped-call]
    return together


def reads_by_family(counters: CollectorRegistry) -> dict[str, dict[str, int]]:
    """Add up `lectern_cache_reads`: family, then outcome, then how often."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for metric in counters.collect():
        for sample in metric.samples:
            if sample.name == "lectern_cache_reads_total":
                counts[sample.labels["family"]][sample.labels["outcome"]] = int(sample.value)
    return dict(counts)


def hit_rate(outcomes: dict[str, int]) -> float | None:
    """Return the share of reads that were answered from the cache; None if there were none.

    A stale stamp is not counted by itself, because a miss follows it.
    """
    reads = sum(count for outcome, count in outcomes.items() if outcome != "stale_stamp")
    return outcomes.get("hit", 0) / reads if reads else None

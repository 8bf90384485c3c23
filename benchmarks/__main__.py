"""Measure the budgets side by side and write them down: `make bench`.

PART names one or several parts, such as `PART="hit miss"`; SECONDS (1) is how long each of the many short runs lasts;
FULL=1 takes a million bookings, and an hour. Figures of a part that was left out stay as they were.
"""

from __future__ import annotations

import os
import platform
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    capacity,
    events,
    floor,
    freshness_table,
    front,
    growth,
    hits,
    hot_tags,
    jobs,
    ledger,
    memory,
    migrations,
    misses,
    pages,
    replicas,
    reports,
    search,
    shares,
    slots,
    start,
    traffic,
    workers,
    writes,
)

LATEST = Path(__file__).parent / "results" / "latest.md"

PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "floor": ("A hit, and the least it can cost", floor.run),
    "hit": ("A hit beside other caches", hits.run),
    "miss": ("A miss", misses.run),
    "pages": ("A page", pages.run),
    "shares": ("Where the time goes", shares.run),
    "write": ("A change", writes.run),
    "jobs": ("Jobs", jobs.run),
    "events": (events.TITLE, events.run),
    "growth": ("Growth", growth.run),
    "capacity": (capacity.TITLE, capacity.run),
    "replicas": (replicas.TITLE, replicas.run),
    "hot_tags": (hot_tags.TITLE, hot_tags.run),
    "slots": (slots.TITLE, slots.run),
    "search": (search.TITLE, search.run),
    "ledger": (ledger.TITLE, ledger.run),
    "reports": (reports.TITLE, reports.run),
    "traffic": ("Typical traffic", traffic.run),
    "memory": ("Memory", memory.run),
    "start": ("Start", start.run),
    "migrations": ("An upgrade", migrations.run),
    "front": ("HAProxy before the workers", front.run),
    "workers": ("Workers and threads", workers.run),
    "freshness": ("Freshness", freshness_table.run),
}
HEAD = """# Results

Written by `make bench` on {day}: Python {python}, {cores} processor cores. Where two numbers are compared, short runs
of both took turns; a figure is the median of the ratios of all pairs, with the smallest and the largest in brackets.
They are ratios because absolute figures say more about the machine. [docs/performance.md](../../docs/performance.md)
says what they mean.
"""


def main() -> int:
    """Run the chosen parts, and put what they say together with what the others said last.

    Returns 1 if one failed.
    """
    chosen = os.environ.get("PART", "").split() or list(PARTS)
    if unknown := set(chosen) - set(PARTS):
        print(f"There is no part {', '.join(sorted(unknown))}. There are: {', '.join(PARTS)}.")
        return 2
    failed = [name for name in chosen if not _measure(name)]
    print(f"Written to {LATEST}." + (f" Failed: {', '.join(failed)}." if failed else ""))
    return int(bool(failed))


def _measure(name: str) -> bool:
    """Run one part and keep its section.

    A part that fails must not cost the others' figures.
    """
    title, run = PARTS[name]
    began = time.monotonic()
    try:
        text = run()
    except Exception:
        traceback.print_exc()
        return False
    _write(title, text)
    print(f"== {title} ({time.monotonic() - began:.0f} s)\n\n{text}", flush=True)
    return True


def _write(title: str, text: str) -> None:
    """Put a part's section in the place of the one that stands in the results."""
    _, *before = LATEST.read_text().split("\n## ")
    said = dict(section.split("\n\n", 1) for section in before) | {title: text}
    head = HEAD.format(day=datetime.now(UTC).date(), python=platform.python_version(), cores=os.cpu_count())
    sections = [f"## {title}\n\n{said[title].rstrip()}\n" for title, _ in PARTS.values() if title in said]
    LATEST.write_text("\n".join([head, *sections]))


if __name__ == "__main__":
    sys.exit(main())

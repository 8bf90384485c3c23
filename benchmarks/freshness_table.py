"""How many reads were stale: on both databases, and while Redis is mistreated.

The peers' are in the part *hit*.
"""

from __future__ import annotations

import os

from benchmarks.faults import FAULTS
from benchmarks.freshness import Tally, measure
from benchmarks.stand import FULL

# So many reads are checked on each database, and so long (seconds) each row with a fault runs.
READS = int(os.environ.get("READS", "100000" if FULL else "10000"))
SECONDS = float(os.environ.get("FRESHNESS_SECONDS", "5"))
# After so many seconds the machine is too slow for so many reads.
LONGEST = 600.0 if FULL else 90.0

HEAD = """A read is stale if it lacks a booking, or shows an earlier state of one, that a writer had been told about
before the read was sent. Two worker processes, writers and readers at once over HTTP.

| database | fault | reads | from the cache | writes | stale | failed |
|---|---|---|---|---|---|---|
"""


def run() -> str:
    """Count and return a table."""
    lines = []
    for database in ("sqlite", "postgresql"):
        lines.append(_row(database, "none", _enough(database)))
    for database in ("sqlite", "postgresql") if FULL else ("sqlite",):
        for fault in FAULTS:
            if fault != "none":
                lines.append(_row(database, fault, measure(database, "lectern", fault, SECONDS)))
    return HEAD + "\n".join(lines) + "\n"


def _enough(database: str) -> Tally:
    """Go on until there were enough reads."""
    tally, seconds = Tally(), 0.0
    while tally.reads < READS and seconds < LONGEST:
        tally += measure(database, "lectern", "none", 2 * SECONDS)
        seconds += 2 * SECONDS
    return tally


def _row(database: str, fault: str, tally: Tally) -> str:
    numbers = (tally.reads, tally.hits, tally.writes, tally.stale, tally.failed)
    line = "| " + " | ".join([database, fault, *(f"{number:,}" for number in numbers)]) + " |"
    print(line, flush=True)
    return line

"""Measure and write down: `make bench`.

So far that is the freshness of the lists, beside the stock way of caching them, on both databases and while Redis is
mistreated. SECONDS (20) is how long each row runs.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.faults import FAULTS
from benchmarks.freshness import Tally, measure

RESULTS = Path(__file__).parent / "results" / "latest.md"
HEAD = """# Stale reads

A read is stale if it lacks a booking, or shows an earlier state of one, that a writer had been told about before the
read was sent. Two worker processes, writers and readers at once over HTTP; the same load against Lectern and against
its list behind stock `memoize` and `delete_memoized`. Repeat it with `make bench` or `python -m benchmarks.freshness`.

Run on {day}.

| database | fault | cached by | reads | from the cache | writes | stale | failed |
|---|---|---|---|---|---|---|---|
"""


def main() -> None:
    seconds = float(os.environ.get("SECONDS", "20"))
    rows = [(database, "none", variant) for database in ("sqlite", "postgresql") for variant in ("lectern", "memoize")]
    rows += [("sqlite", fault, "lectern") for fault in FAULTS if fault != "none"]
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("w") as file:
        file.write(HEAD.format(day=datetime.now(UTC).date()))
        for database, fault, variant in rows:
            line = _row(database, fault, variant, measure(database, variant, fault, seconds))
            print(line, flush=True)
            file.write(line + "\n")


def _row(database: str, fault: str, variant: str, tally: Tally) -> str:
    numbers = (tally.reads, tally.hits, tally.writes, tally.stale, tally.failed)
    return "| " + " | ".join([database, fault, variant, *(f"{number:,}" for number in numbers)]) + " |"


if __name__ == "__main__":
    main()

"""People read and write at once, over HTTP, against several worker processes, while Redis is sound and while it is not.

`benchmarks/freshness.py` does the same for as long as one likes, and beside a stock Flask-Caching.
"""

from __future__ import annotations

import pytest

from benchmarks.freshness import measure

SECONDS = 5


@pytest.mark.parametrize(
    ("database", "fault"),
    # Each run begins with a second in which Redis is sound, and has others between two faults.
    [("sqlite", "kill"), ("sqlite", "old-memory"), ("postgresql", "freeze")],
)
def test_no_read_is_stale_and_no_request_fails(database: str, fault: str) -> None:
    tally = measure(database, "lectern", fault, SECONDS)

    assert tally.reads > 50
    assert (tally.stale, tally.failed) == (0, 0)

"""What the demo school recommends, and how often its gigs were looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from random import Random

from demo.rows import Steps
from gigs.discovery.service import feature
from gigs.traces.service import Looked, write_down

RECOMMENDED = ("piano", "spanish", "python")
# How many visitors a gig has had in four weeks.
VISITORS = {"piano": 61, "guitar": 34, "spanish": 47, "python": 52, "gcse": 38, "drawing": 19, "physics": 23}
DAYS = 28


def steps(gigs: Mapping[str, int], today: datetime) -> Steps:
    """Yield what happens yesterday in the evening, when all gigs are there."""
    yesterday = today - timedelta(hours=3)
    yield yesterday, lambda _: feature([gigs[key] for key in RECOMMENDED])
    yield yesterday, partial(_visit, gigs)


def _visit(gigs: Mapping[str, int], now: datetime) -> None:
    """Note visitors of four weeks, more of them lately."""
    chance = Random("visitors")  # noqa: S311 - a story, not a secret
    write_down(
        [
            Looked(gigs[key], _viewer(f"{key} {number}"), None, now - timedelta(days=chance.triangular(0, DAYS, 0)))
            for key, visitors in VISITORS.items()
            for number in range(visitors)
        ]
    )


def _viewer(who: str) -> str:
    return sha256(who.encode()).hexdigest()[:32]

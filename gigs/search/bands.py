"""The bands in which prices are counted."""

from __future__ import annotations

from bisect import bisect_right
from itertools import count

from gigs.models import HIGHEST_HOURLY


def _price_edges() -> list[int]:
    """Return where bands of prices begin: rounder numbers the higher they are, in any currency."""
    edges = [0]
    for power in count(3):
        edges += [step * 10**power // 2 for step in (2, 3, 4, 6, 8, 12)]
        if edges[-1] > HIGHEST_HOURLY:
            return edges
    return edges


# In cents for an hour: 0, 10, 15, 20, 30, 40, 60, 100, 150 and so on.
PRICE_EDGES = _price_edges()


def band_of(hourly_cents: int) -> tuple[int, int]:
    """Return the band that a price for an hour is in, from and up to its last cent."""
    place = bisect_right(PRICE_EDGES, hourly_cents)
    return PRICE_EDGES[place - 1], PRICE_EDGES[place] - 1

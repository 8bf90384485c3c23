"""The bands in which prices are counted."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
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


def divided(least: int | None, most: int | None) -> list[int]:
    """Return where the bands begin that a range of prices has only in part."""
    ends = [*([] if least is None else [least]), *([] if most is None else [most + 1])]
    return sorted({band_of(end)[0] for end in ends} - {*ends})


def whole(least: int | None, most: int | None) -> tuple[int, int | None]:
    """Return from where to where a range of prices has whole bands.

    There may be none.
    """
    low = 0 if least is None else PRICE_EDGES[bisect_left(PRICE_EDGES, least)]
    return low, None if most is None else band_of(most + 1)[0]

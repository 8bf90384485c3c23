"""Half-open intervals of instants: pure arithmetic, without time zones."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

# From the first instant to just before the second.
Interval = tuple[datetime, datetime]
# What is found day by day can be asked for this much at once.
LONGEST_RANGE = timedelta(days=62)


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same time as intervals that neither touch nor overlap, in order.

    Empty ones are left out.
    """
    merged: list[Interval] = []
    for start, end in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


def subtract(merged: Iterable[Interval], taken: Iterable[Interval]) -> list[Interval]:
    """Return what is left of intervals without others, both as `merge` returns them."""
    left: list[Interval] = []
    others = list(taken)
    for start, end in merged:
        for begin, until in others:
            if begin < end and until > start:
                left.append((start, begin))
                start = until
        left.append((start, end))
    return [interval for interval in left if interval[0] < interval[1]]


def overlaps(merged: Sequence[Interval], start: datetime, end: datetime) -> bool:
    """Tell whether any of these merged intervals has an instant of this one."""
    before_end = bisect_left(merged, (end,))
    return before_end > 0 and merged[before_end - 1][1] > start


def end_of_what_overlaps(merged: Sequence[Interval], start: datetime, end: datetime) -> datetime | None:
    """Return the end of the last of these merged intervals that has an instant of this one.

    None if none has.
    """
    return merged[bisect_left(merged, (end,)) - 1][1] if overlaps(merged, start, end) else None

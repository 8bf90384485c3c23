"""What of a period is added up, and what has to be counted from its lessons.

Nothing here asks the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from reports.periods import Between

DAY, HOUR = timedelta(days=1), timedelta(hours=1)

# A stretch of time, with the number of the period that it belongs to.
Stretch = tuple[int, datetime, datetime]


@dataclass(slots=True)
class Pieces:
    """The stretches of several periods, by how they are counted."""

    added_up: list[Stretch] = field(default_factory=list)
    to_count: list[Stretch] = field(default_factory=list)


def pieces_of(periods: Sequence[Between], stale: Iterable[date]) -> Pieces:
    """Cut periods up: whole hours are added up, unless they are those of a stale day."""
    runs = _runs(stale)
    pieces = Pieces()
    for n, period in enumerate(periods):
        first, last = ceiling(period.start), floor(period.end)
        if first >= last:
            pieces.to_count.append((n, period.start, period.end))
            continue
        to_count = [(period.start, first), (last, period.end)]
        at = first
        for start, end in runs:
            start, end = max(start, at), min(end, last)
            if start < end:
                pieces.added_up.append((n, at, start))
                to_count.append((start, end))
                at = end
        pieces.added_up.append((n, at, last))
        pieces.to_count += [(n, start, end) for start, end in to_count if start < end]
    pieces.added_up = [piece for piece in pieces.added_up if piece[1] < piece[2]]
    return pieces


def hours_of(day: date) -> list[datetime]:
    """List the hours of a day of UTC."""
    return [midnight(day) + n * HOUR for n in range(24)]


def floor(instant: datetime) -> datetime:
    """Return the beginning of the hour that an instant is in."""
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def ceiling(instant: datetime) -> datetime:
    """Return the first beginning of an hour that is not before an instant."""
    begun = floor(instant)
    return begun if begun == instant else begun + HOUR


def midnight(day: date) -> datetime:
    """Return the beginning of a day of UTC."""
    return datetime.combine(day, time(), UTC)


def _runs(days: Iterable[date]) -> list[tuple[datetime, datetime]]:
    """Join days that follow each other."""
    runs: list[tuple[datetime, datetime]] = []
    for day in sorted(days):
        start = midnight(day)
        if runs and runs[-1][1] == start:
            start = runs.pop()[0]
        runs.append((start, midnight(day) + DAY))
    return runs

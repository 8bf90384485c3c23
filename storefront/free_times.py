"""The next free times of gigs, as they were found lately."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bookings.slots.queries import next_free_start
from caching import cache

_HOUR, LOOKS_AHEAD = timedelta(hours=1), timedelta(days=14)


def next_free(gigs: Sequence[tuple[int, int]], now: datetime) -> dict[int, datetime]:
    """Find the next free time of these gigs, each named by its teacher's id and its own.

    It is looked for in the two weeks from the next full hour on, so that the same question is asked again and answered
    from the cache. The answer is by the gigs' ids; one that has no free time is left out.
    """
    begins = now.replace(minute=0, second=0, microsecond=0) + _HOUR
    reads = (next_free_start.at(teacher_id, gig_id, begins, begins + LOOKS_AHEAD) for teacher_id, gig_id in gigs)
    starts = [read.answer().json()["start"] for read in cache.look_up(*reads)]
    return {
        gig_id: datetime.fromtimestamp(start, UTC) for (_, gig_id), start in zip(gigs, starts, strict=True) if start
    }

"""The next free times of gigs, as they were found lately."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bookings.slots.first_times import first_free

_HOUR, LOOKS_AHEAD = timedelta(hours=1), timedelta(days=14)


def next_free(gigs: Sequence[tuple[int, int]], now: datetime) -> dict[int, datetime]:
    """Find the next free time of these gigs, each named by its teacher's id and its own.

    It is looked for in the two weeks from the next full hour on, so that the same question is asked again and answered
    from the cache. The answer is by the gigs' ids; one that has no free time is left out.
    """
    begins = now.replace(minute=0, second=0, microsecond=0) + _HOUR
    starts = first_free(gigs, begins, begins + LOOKS_AHEAD)
    return {gig_id: start for (_, gig_id), start in zip(gigs, starts, strict=True) if start}

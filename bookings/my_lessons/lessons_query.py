"""What "My lessons" can be narrowed to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bookings.queries import BookingsQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonsQuery(BookingsQuery):
    """Beside the list's own filters: one person, and one gig.

    `sessions` adds a teacher's sessions without lessons. They are in order of time, and have no status and no student.
    `ending_after` leaves out what is over by then. From `series_from` on the agreed lessons of a weekly series are one
    row.
    """

    person_id: int | None = None
    gig_id: int | None = None
    sessions: bool = False
    ending_after: datetime | None = None
    series_from: datetime | None = None

    def from_on(self, start: datetime) -> LessonsQuery:
        """Ask for what begins at this instant or later."""
        return replace(self, start=start)

"""What higher features know of a teacher's time.

They register here. See `hooks.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hooks import Hook


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingLesson:
    """An active lesson that has not begun yet, with the schedule of its gig (None: the default one)."""

    id: int
    schedule_id: int | None
    title: str
    student: str
    starts_at: datetime
    ends_at: datetime
    # The teacher has set its time, which no hours bind.
    in_session: bool


# A teacher's active lessons that have not begun yet, in order of time: given their id, and now.
coming_lessons = Hook[[int, datetime], list[ComingLesson]]()

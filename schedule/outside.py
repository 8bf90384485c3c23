"""Which booked lessons lie outside of what their teacher offers.

New hours change no lesson. They say instead which lessons they do not cover, so that the teacher can decide.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime

from schedule import queries
from schedule.dependents import ComingLesson, coming_lessons
from schedule.models import Stretch
from schedule.times.intervals import overlaps
from schedule.times.rules import Entered, read_rules
from schedule.times.windows import runs


def lessons_outside(teacher_id: int, schedule_id: int | None, now: datetime) -> list[ComingLesson]:
    """Return the lessons to come that a schedule does not cover, None being the default one.

    Its windows are those of lessons of its gigs, except in sessions, which their teacher sets at any time. Its time off
    is that of all. Raises NotFound.
    """
    shown = queries.schedule(teacher_id, schedule_id)
    rules = read_rules(Entered(shown["time_zone"], queries.document_of(shown)))
    lessons = coming_lessons(teacher_id, now)
    if not lessons:
        return []
    open_times = runs(rules, lessons[0].starts_at, max(lesson.ends_at for lesson in lessons))
    begins = [run[0] for run in open_times]

    def is_covered(lesson: ComingLesson) -> bool:
        place = bisect_right(begins, lesson.starts_at) - 1
        return place >= 0 and lesson.ends_at <= open_times[place][1]

    of_schedule = {shown["id"]} | ({None} if shown["default"] else set())
    return [
        lesson
        for lesson in lessons
        if overlaps(rules.time_off, lesson.starts_at, lesson.ends_at)
        or (lesson.schedule_id in of_schedule and not lesson.in_session and not is_covered(lesson))
    ]


def lessons_during(teacher_id: int, stretch: Stretch, now: datetime) -> list[ComingLesson]:
    """Return the lessons to come that have a part in a stretch of time."""
    lessons = coming_lessons(teacher_id, now)
    return [lesson for lesson in lessons if lesson.starts_at < stretch.end and lesson.ends_at > stretch.start]

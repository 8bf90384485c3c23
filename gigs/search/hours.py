"""Find gigs by the hours that their teachers offer every week: in the evening, on Saturdays.

Both clocks, the reader's and the teacher's, are taken as they stand on the day of the question. Lessons and days off do
not count, so a booking makes no list old; which time is free, `free_at` says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select

from gigs.models import Enrolment, Gig, Times
from gigs.search.models import OfferedTime

# In minutes of a week, which begins on Monday at midnight.
Span = tuple[int, int]
DAY = 24 * 60
WEEK = 7 * DAY

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS: dict[str, tuple[int, ...]] = {name: (number,) for number, name in enumerate(_WEEKDAYS)}
DAYS |= {"weekdays": (0, 1, 2, 3, 4), "weekend": (5, 6)}
PARTS_OF_DAY: dict[str, Span] = {
    "morning": (6 * 60, 12 * 60),
    "afternoon": (12 * 60, 17 * 60),
    "evening": (17 * 60, 22 * 60),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyHours:
    """Hours of a week by the clock of a zone, as it stands on a day.

    Without a day of the week they are those of all days, without a part of the day all of it.
    """

    day: str | None = None
    part: str | None = None
    zone: str

    def spans(self, on: date) -> list[Span]:
        """Return these hours in minutes of a week in UTC."""
        begins, ends = PARTS_OF_DAY[self.part] if self.part else (0, DAY)
        days = DAYS[self.day] if self.day else range(7)
        ahead = offset(self.zone, on)
        return in_utc(((day * DAY + begins, day * DAY + ends) for day in days), ahead)


def offset(zone: str, day: date) -> int:
    """Return how many minutes a zone's clock is ahead of UTC at noon of a day."""
    ahead = datetime.combine(day, time(12), UTC).astimezone(ZoneInfo(zone)).utcoffset()
    return int(ahead.total_seconds() // 60) if ahead else 0


def in_utc(local: Iterable[Span], ahead: int) -> list[Span]:
    """Merge hours of a week and move them to UTC.

    Each begins within the week and may end in the next one. What lasts the whole week ends a week later, so that every
    lesson fits in.
    """
    merged: list[Span] = []
    for begins, ends in sorted(local):
        if merged and begins <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], ends)
        else:
            merged.append((begins, ends))
    # What goes on after Sunday may reach the first ones of the week.
    while len(merged) > 1 and merged[-1][1] >= merged[0][0] + WEEK:
        first = merged.pop(0)
        merged[-1] = merged[-1][0], max(merged[-1][1], first[1] + WEEK)
    if any(ends - begins >= WEEK for begins, ends in merged):
        return [(0, 2 * WEEK)]
    return sorted(((begins - ahead) % WEEK, (begins - ahead) % WEEK + ends - begins) for begins, ends in merged)


def offered(hours: WeeklyHours, on: date) -> ColumnElement[bool]:
    """Return the condition that a gig has a lesson in these hours.

    The lesson fits into them and into hours that the teacher offers.
    """
    of_gig = or_(OfferedTime.schedule_id == Gig.schedule_id, and_(Gig.schedule_id.is_(None), OfferedTime.is_default))
    now = (OfferedTime.from_day <= on, OfferedTime.until_day > on)
    lesson = Gig.duration_minutes
    # Either may reach into the next week, where it meets the beginning of the other.
    weeks = (-WEEK, 0, WEEK)
    spans = [(begins + week, ends + week) for begins, ends in hours.spans(on) for week in weeks if ends + week > 0]
    fits = or_(
        *(
            and_(OfferedTime.begins <= ends - lesson, OfferedTime.ends >= begins + lesson, lesson <= ends - begins)
            for begins, ends in spans
        )
    )
    long_enough = OfferedTime.ends - OfferedTime.begins >= lesson
    there = select(OfferedTime.begins).where(OfferedTime.teacher_id == Gig.teacher_id, of_gig, *now, long_enough, fits)
    return and_(Gig.enrolment == Enrolment.BOOKING, Gig.times == Times.OPEN, there.exists())

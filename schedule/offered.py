"""Keep the hours that teachers offer every week where the search finds them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial
from itertools import groupby

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session

import tags
from accounts.models import User
from caching import invalidate
from database import in_batches
from gigs.search.hours import DAY, WEEK, Span, in_utc, offset
from gigs.search.models import OfferedTime
from schedule.models import Schedule
from schedule.times.rules import AvailabilityDocument, Weekday, read_window

# The hours are written for so long ahead, with each change of the clocks, and anew when less than that is left.
AHEAD, LEFT = timedelta(days=500), timedelta(days=400)
BATCH = 200

_NUMBERS = {str(day): number for number, day in enumerate(Weekday)}


def write_hours(session: Session, schedule: Schedule, profile_zone: str, now: datetime) -> None:
    """Write a schedule's weekly hours anew, in the caller's transaction.

    Lists of gigs are old if they are others now.
    """
    zone = schedule.time_zone or profile_zone
    today = now.astimezone(UTC).date()
    session.flush()
    before = _hours_on(session, schedule.id, today)
    session.execute(delete(OfferedTime).where(OfferedTime.schedule_id == schedule.id))
    of_schedule = {"schedule_id": schedule.id, "teacher_id": schedule.teacher_id, "is_default": schedule.is_default}
    rows = [
        of_schedule | {"from_day": first, "until_day": until, "begins": begins, "ends": ends}
        for first, until, ahead in _periods(zone, today - timedelta(days=1))
        for begins, ends in in_utc(_weekly(schedule.rules), ahead)
    ]
    if rows:
        session.execute(insert(OfferedTime), rows)
    schedule.offered_until = today + AHEAD
    if _hours_on(session, schedule.id, today) != before:
        invalidate(tags.public_gigs())


def write_due(now: datetime) -> None:
    """Write the hours of schedules that have none yet, or not for long enough."""
    in_batches(partial(_write_batch, now=now), size=BATCH)


def _write_batch(session: Session, *, now: datetime) -> int:
    due = or_(Schedule.offered_until.is_(None), Schedule.offered_until < now.date() + LEFT)
    batch = select(Schedule, User.time_zone).join(User, User.id == Schedule.teacher_id).where(due)
    batch = batch.order_by(Schedule.id).limit(BATCH).with_for_update(of=Schedule, skip_locked=True)
    rows = session.execute(batch).all()
    for schedule, profile_zone in rows:
        write_hours(session, schedule, profile_zone, now)
    return len(rows)


def _hours_on(session: Session, schedule_id: int, day: date) -> set[Span]:
    of_day = (OfferedTime.from_day <= day, OfferedTime.until_day > day)
    found = select(OfferedTime.begins, OfferedTime.ends).where(OfferedTime.schedule_id == schedule_id, *of_day)
    return {(begins, ends) for begins, ends in session.execute(found)}


def _weekly(rules: AvailabilityDocument) -> list[Span]:
    """Return the windows of a week in minutes of the teacher's own clock."""
    if rules["weekly"] is None:
        return [(0, WEEK)]
    windows = [(_NUMBERS[row["weekday"]] * DAY, read_window(row["start"], row["end"])) for row in rules["weekly"]]
    return [(midnight + window.start, midnight + window.end) for midnight, window in windows]


@lru_cache(maxsize=1_000)
def _periods(zone: str, first: date) -> tuple[tuple[date, date, int], ...]:
    """Return from which day until which a zone is how far ahead of UTC."""

    def days() -> Iterator[tuple[date, int]]:
        for number in range(AHEAD.days + 1):
            day = first + timedelta(days=number)
            yield day, offset(zone, day)

    grouped = [(ahead, [day for day, _ in same]) for ahead, same in groupby(days(), key=lambda each: each[1])]
    return tuple((same[0], same[-1] + timedelta(days=1), ahead) for ahead, same in grouped)

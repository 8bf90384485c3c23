"""Changes of busy calendars, and of what they say.

Each names the tags it makes old.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

import events
import outgoing
import tags
from caching import invalidate
from calendars.busy.looking import Seen, window
from calendars.busy.models import LONGEST_PROBLEM, BusyCalendar
from calendars.busy.own_lessons import without_own
from calendars.busy.schemas import MOST_CALENDARS, Feed
from database import change_in_bulk, writing
from errors import Forbidden, Invalid
from events import EventType
from jobs.queue import enqueue
from outgoing import AddressRefused
from schedule.models import BusyTime
from schedule.service import locked_teacher
from schedule.times.intervals import Interval, merge

LOOK = "calendars.look-at-busy"
# So many of one calendar at most: every search for free times reads them.
MOST_TIMES = 3000
# When its teacher is told that a calendar cannot be read.
TOLD_AFTER = timedelta(days=1)
# How long past ones stay in the teacher's week.
KEPT = timedelta(days=35)


def replace_calendars(teacher_id: int, feeds: Sequence[Feed], *, now: datetime) -> None:
    """Make these a teacher's busy calendars.

    One whose address stays keeps what it said. Raises Forbidden if this is no active teacher, Invalid for an address
    that nothing is sent to.
    """
    with writing() as session:
        locked_teacher(session, teacher_id)
        present = {row.url: row for row in session.scalars(_of_teacher(teacher_id))}
    # Names are looked up outside of any transaction, because that can take seconds.
    _check([feed for feed in feeds if feed.url not in present])
    with writing() as session:
        locked_teacher(session, teacher_id)
        present = {row.url: row for row in session.scalars(_of_teacher(teacher_id))}
        for url in present.keys() - {feed.url for feed in feeds}:
            _forget(session, present[url])
        for feed in feeds:
            if row := present.get(feed.url):
                row.name = feed.name
            else:
                _add(session, teacher_id, feed, now)
        invalidate(tags.teacher_slots(teacher_id))


def add_calendar(teacher_id: int, feed: Feed, *, now: datetime) -> None:
    """Add a busy calendar.

    Raises what `replace_calendars` raises, and Invalid if there are enough already.
    """
    with writing() as session:
        present = [Feed(row.url, row.name) for row in session.scalars(_of_teacher(teacher_id))]
    if len(present) >= MOST_CALENDARS:
        raise Invalid({"url": [f"You have {MOST_CALENDARS} calendars already. Remove one first."]})
    if any(each.url == feed.url for each in present):
        raise Invalid({"url": ["You have added this address already."]})
    replace_calendars(teacher_id, [*present, feed], now=now)


def remove_calendar(teacher_id: int, calendar_id: int) -> None:
    """Remove a busy calendar with all that it said.

    One that is gone already is no mistake. Raises Forbidden if this is no active teacher.
    """
    with writing() as session:
        locked_teacher(session, teacher_id)
        row = session.scalar(_of_teacher(teacher_id).where(BusyCalendar.id == calendar_id))
        if row is not None:
            _forget(session, row)
            invalidate(tags.teacher_slots(teacher_id))


def note_failure(calendar_id: int, url: str, why: str, *, now: datetime) -> None:
    """Note that a look has failed.

    What the calendar said before stays. After a day of failures its teacher is told, once.
    """
    with writing() as session:
        row = _looked_at(session, calendar_id, url, now)
        if row is None:
            return
        row.problem, row.failing_since = why[:LONGEST_PROBLEM], row.failing_since or now
        if row.told_at is None and now - row.failing_since >= TOLD_AFTER:
            row.told_at = now
            facts = {"busy_calendar_id": row.id, "teacher_id": row.teacher_id, "name": row.name, "problem": row.problem}
            since = row.failing_since.isoformat()
            events.record(session, EventType.BUSY_CALENDAR_FAILING, at=now, actor_id=None, since=since, **facts)


def note_seen(calendar_id: int, url: str, zone: str, seen: Seen, *, now: datetime) -> bool:
    """Note what a look has seen, and tell whether busy times have changed."""
    with writing() as session:
        row = _looked_at(session, calendar_id, url, now)
        if row is None:
            return False
        row.read_at, row.problem, row.failing_since, row.told_at = now, None, None, None
        row.etag, row.last_modified, row.digest = seen.etag, seen.last_modified, seen.digest
        if seen.found is None:
            return False
        try:
            # Who books a lesson locks the same row, so that it is decided by the times before or after this.
            locked_teacher(session, row.teacher_id)
        except Forbidden:
            return False
        row.computed_at, row.time_zone = now, zone
        times, until = _within_bounds(without_own(session, row.teacher_id, seen.found), seen.found.until)
        row.covers_until = until
        return _replace_times(session, row, times, now)


def _check(feeds: Iterable[Feed]) -> None:
    for feed in feeds:
        try:
            outgoing.check(feed.url)
        except AddressRefused as error:
            raise Invalid({"data": [str(error)], "url": [str(error)]}) from None


def _of_teacher(teacher_id: int):  # type: ignore[no-untyped-def]
    return select(BusyCalendar).where(BusyCalendar.teacher_id == teacher_id).order_by(BusyCalendar.id)


def _add(session: Session, teacher_id: int, feed: Feed, now: datetime) -> None:
    row = BusyCalendar(teacher_id=teacher_id, name=feed.name, url=feed.url, created_at=now)
    session.add(row)
    session.flush()
    enqueue(session, LOOK, {"calendar_id": row.id}, key=f"busy-calendar:{row.id}")


def _forget(session: Session, row: BusyCalendar) -> None:
    change_in_bulk(session, delete(BusyTime).where(BusyTime.calendar_id == row.id))
    session.delete(row)
    session.flush()


def _looked_at(session: Session, calendar_id: int, url: str, now: datetime) -> BusyCalendar | None:
    """Find the calendar that was looked at, if it is still there and has this address."""
    row = session.get(BusyCalendar, calendar_id, with_for_update=True)
    if row is None or row.url != url:
        return None
    row.looked_at = now
    return row


def _within_bounds(times: Iterable[Interval], until: int | None) -> tuple[list[Interval], datetime | None]:
    """Merge what overlaps, and leave out what there is no room for."""
    merged = list(merge(times))
    covers = datetime.fromtimestamp(until, UTC) if until is not None else None
    if len(merged) > MOST_TIMES:
        covers = min(merged[MOST_TIMES][0], covers or merged[MOST_TIMES][0])
    return merged[:MOST_TIMES], covers


def _replace_times(session: Session, row: BusyCalendar, times: Sequence[Interval], now: datetime) -> bool:
    """Write the busy times of a calendar, and tell whether there was anything to write."""
    since, _ = window(now)
    coming = (BusyTime.calendar_id == row.id, BusyTime.ends_at > since)
    columns = (BusyTime.id, BusyTime.starts_at, BusyTime.ends_at)
    present = {(it.starts_at, it.ends_at): it.id for it in session.execute(select(*columns).where(*coming))}
    wanted = {(start, end) for start, end in times if end > since}
    gone = [id_ for times_, id_ in present.items() if times_ not in wanted]
    new = sorted(wanted - present.keys())
    if not gone and not new:
        return False
    for first in range(0, len(gone), 500):
        change_in_bulk(session, delete(BusyTime).where(BusyTime.id.in_(gone[first : first + 500])))
    change_in_bulk(session, delete(BusyTime).where(BusyTime.calendar_id == row.id, BusyTime.ends_at < now - KEPT))
    if new:
        own = {"teacher_id": row.teacher_id, "calendar_id": row.id}
        session.execute(insert(BusyTime), [own | {"starts_at": start, "ends_at": end} for start, end in new])
    invalidate(tags.teacher_slots(row.teacher_id))
    return True

"""Lessons as an iCalendar file: what calendar programs subscribe to or import.

No e-mail address stands in it, and so neither ORGANIZER nor ATTENDEE.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bookings.statuses import FACTS, BookingStatus, Facts
from calendars.feed.vtimezone import describe
from later import icalendar

MEDIA_TYPE = "text/calendar"

_END = b"END:VCALENDAR\r\n"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_TENTATIVE, _CONFIRMED, _CANCELLED = "TENTATIVE", "CONFIRMED", "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A lesson as one of its people sees it.

    `revision` grows with every change, `url` leads to its page.
    """

    id: int
    status: str
    title: str
    people: str
    starts_at: datetime
    ends_at: datetime
    note: str
    location: str
    revision: int
    created_at: datetime
    updated_at: datetime
    url: str
    # What the event stands for: a booking, or a session of a group for its teacher.
    kind: str = "booking"

    @property
    def uid(self) -> str:
        """Name the lesson for calendar programs, in feeds, files and mails alike."""
        return f"{self.kind}-{self.id}-{self.created_at.astimezone(UTC):%Y%m%dT%H%M%SZ}@lectern"

    @property
    def summary(self) -> str:
        """Say in one line what it is, and with whom."""
        between = ", " if self.kind == "session" else " with "
        return f"{self.facts.calendar_prefix}{self.title}{between}{self.people}"

    @property
    def facts(self) -> Facts:
        """Return what there is to know of its status."""
        return FACTS[BookingStatus(self.status)]


def write(lessons: Iterable[Lesson], zone: ZoneInfo) -> bytes:
    """Write lessons as one calendar, in the time of a zone."""
    lessons = list(lessons)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Lectern//Lectern//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", "Lectern")
    calendar.add("x-wr-calname", "Lectern")
    calendar.add("x-wr-timezone", zone.key)
    calendar.add("refresh-interval", icalendar.vDuration(timedelta(hours=1)), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", icalendar.vDuration(timedelta(hours=1)))
    head = calendar.to_ical().removesuffix(_END)
    return b"".join((head, _time_zone(lessons, zone), *(_event(lesson, zone) for lesson in lessons), _END))


def _time_zone(lessons: list[Lesson], zone: ZoneInfo) -> bytes:
    """Describe the zone for the years of these lessons, and one more.

    UTC needs no description.
    """
    if not lessons or _is_utc(zone):
        return b""
    first = min(lesson.starts_at for lesson in lessons).year
    return describe(zone, first, max(lesson.ends_at for lesson in lessons).year + 1)


# Writing takes a millisecond, and from one time to the next few lessons of a feed change.
@lru_cache(maxsize=4096)
def _event(lesson: Lesson, zone: ZoneInfo) -> bytes:
    status = _status_of(lesson.facts)
    starts_at, ends_at = _local(lesson.starts_at, zone), _local(lesson.ends_at, zone)
    if _comes_twice(starts_at) or _comes_twice(ends_at):
        # iCalendar means the first of two equal times and cannot say the second. Many programs read the second
        # all the same, so that only UTC is understood by all.
        starts_at, ends_at = lesson.starts_at, lesson.ends_at
    event = icalendar.Event()
    event.add("uid", lesson.uid)
    event.add("sequence", lesson.revision)
    event.add("dtstamp", lesson.updated_at)
    event.add("created", lesson.created_at)
    event.add("last-modified", lesson.updated_at)
    event.add("status", status)
    event.add("transp", "TRANSPARENT" if status == _CANCELLED else "OPAQUE")
    event.add("dtstart", starts_at)
    event.add("dtend", ends_at)
    event.add("summary", _clean(lesson.summary))
    if lesson.location:
        event.add("location", _clean(lesson.location))
    if lesson.note:
        event.add("description", _clean(lesson.note))
    event.add("url", lesson.url)
    return bytes(event.to_ical())


def _status_of(facts: Facts) -> str:
    """Return what calendars are told of a lesson's state."""
    if not facts.counts:
        return _CANCELLED
    return _CONFIRMED if facts.is_agreed else _TENTATIVE


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(UTC if _is_utc(zone) else zone)


def _comes_twice(local: datetime) -> bool:
    """Tell whether the clocks show this time twice, because they are put back."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _is_utc(zone: ZoneInfo) -> bool:
    """Tell whether a zone is UTC under one of its names."""
    return zone.key.rpartition("/")[2] in ("UTC", "UCT", "Universal", "Zulu")


def _clean(text: str) -> str:
    """Leave out control characters.

    Whatever ends a line does so in the one way that iCalendar knows.
    """
    return _CONTROL.sub("", "\n".join(text.splitlines()))

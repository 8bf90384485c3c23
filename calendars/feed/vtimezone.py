"""A time zone as iCalendar describes it.

It has each change of the clocks, with the offsets before and after it.

The icalendar library has a function for this, too. It writes when a change happens by the clock *after* the change;
RFC 5545 wants it by the clock before (3.6.5: DTSTART is read with TZOFFSETFROM), so its springs come an hour late.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from later import icalendar

# Nowhere are clocks changed twice within it.
_STRIDE = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Change:
    """An instant at which a zone's offset changes from `before` to `after`."""

    instant: datetime
    before: timedelta
    after: timedelta


# A zone is the same for all users who live in it.
@lru_cache(maxsize=256)
def describe(zone: ZoneInfo, first_year: int, last_year: int) -> bytes:
    """Write a VTIMEZONE that is right for all of these years."""
    begins, ends = datetime(first_year, 1, 1, tzinfo=UTC) - _STRIDE, datetime(last_year + 1, 1, 1, tzinfo=UTC) + _STRIDE
    described = icalendar.Timezone()
    described.add("tzid", zone.key)
    offset = _offset(begins, zone)
    for change in (Change(begins, offset, offset), *changes(zone, begins, ends)):
        described.add_component(_observance(change, zone))
    return bytes(described.to_ical())


def changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[Change]:
    """Yield the changes of a zone's offset in this time, in order."""
    early = start
    while early < end:
        late = early + _STRIDE
        before, after = _offset(early, zone), _offset(late, zone)
        if before != after:
            yield Change(_turn(early, late, zone), before, after)
        early = late


def _turn(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """Find the first instant with the offset of `late`, by halving.

    Clocks are changed on whole seconds.
    """
    before = _offset(early, zone)
    while late - early > _SECOND:
        middle = early + (late - early) // _SECOND // 2 * _SECOND
        if _offset(middle, zone) == before:
            early = middle
        else:
            late = middle
    return late


def _observance(change: Change, zone: ZoneInfo) -> icalendar.TimezoneStandard | icalendar.TimezoneDaylight:
    """Describe what holds from a change on."""
    local = change.instant.astimezone(zone)
    observance = icalendar.TimezoneDaylight() if local.dst() else icalendar.TimezoneStandard()
    observance.add("dtstart", (change.instant + change.before).replace(tzinfo=None))
    observance.add("tzoffsetfrom", change.before)
    observance.add("tzoffsetto", change.after)
    observance.add("tzname", local.tzname())
    return observance


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()

"""Find out when the events of an iCalendar feed take place, in a process of its own.

A small feed can ask for endless work: an event every second since 1970, ten thousand daily ones. No thread can be
stopped in the midst of that, a process can. It gets the feed through its standard input, writes JSON to its standard
output, and has limits on its processor time and memory, so neither the runner of jobs nor another feed pays for it.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from later import icalendar, recurring_ical_events

MODULE = "calendars.busy.expansion"
PROCESSOR_SECONDS = 10
MEMORY_BYTES = 1024 * 1024 * 1024
# So many of a feed at most, the first ones.
MOST_OCCURRENCES = 20_000
# The time is looked at in pieces that end so long after its start, so that what is near is known where there is no room
# for all. They are few, because for each of them every rule is followed from its first date on. (To be asked for one
# occurrence after the other, the library takes minutes for a hundred old rules.)
PIECES = (timedelta(days=40), timedelta(days=130))
_A_DAY = timedelta(days=1)
# How Lectern names lessons and sessions in its own feeds and mails.
OWN_UID = re.compile(r"(?:booking|session)-[0-9]{1,18}-[0-9]{8}T[0-9]{6}Z@lectern")

_TRANSPARENT, _CANCELLED = "TRANSPARENT", "CANCELLED"
_ZONES = re.compile(rb"^BEGIN:VTIMEZONE\b.*?^END:VTIMEZONE[^\n]*\n", re.MULTILINE | re.DOTALL)
# What the libraries meet in a text that is no feed.
_NO_FEED = (ValueError, KeyError, TypeError, AttributeError, IndexError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to look for: what is busy at least in part between two instants, in seconds since 1970.

    `zone` is that of events which do not name one, and of whole days.
    """

    start: int
    end: int
    zone: str


@dataclass(slots=True)
class Found:
    """When the feed's owner is busy.

    Each time has its start and end in seconds, and the event's name where it may be a lesson of this Lectern. `until`
    is the beginning of the first one that there was no room for.
    """

    times: list[tuple[int, int, str | None]] = field(default_factory=list)
    until: int | None = None


def expand(feed: bytes, wanted: Wanted) -> Found:
    """Find the times at which the events of a feed make busy.

    Raises ValueError for what is no feed.
    """
    calendars = _parse(feed)
    if not calendars:
        raise ValueError("There is no calendar.")
    # A rule that cannot be read spoils its own event, not the feed.
    series = [recurring_ical_events.of(it, components=["VEVENT"], skip_bad_series=True) for it in calendars]
    found: set[tuple[int, int, str | None]] = set()
    for begin, end in _pieces(wanted):
        found.update(time for one in series for time in _busy(one.between(begin, end), wanted))
        if len(found) > MOST_OCCURRENCES:
            break
    times = sorted(found, key=itemgetter(0, 1))
    return Found(times[:MOST_OCCURRENCES], times[MOST_OCCURRENCES][0] if len(times) > MOST_OCCURRENCES else None)


def _parse(feed: bytes) -> list[Any]:
    try:
        return list(icalendar.Calendar.from_ical(feed, multiple=True))
    except _NO_FEED:
        # It may be the description of a zone that cannot be read. The zone's name says enough, mostly.
        return list(icalendar.Calendar.from_ical(_ZONES.sub(b"", feed), multiple=True))


def _pieces(wanted: Wanted) -> Iterator[tuple[datetime, datetime]]:
    """Divide the time into pieces, the nearest first.

    A day more at both ends, because the zone of an event may be any.
    """
    start, end = (datetime.fromtimestamp(at, UTC) for at in (wanted.start, wanted.end))
    bounds = [start - _A_DAY, *(start + after for after in PIECES if start + after < end), end + _A_DAY]
    return pairwise(bounds)


def _busy(occurrences: Iterable[Any], wanted: Wanted) -> Iterator[tuple[int, int, str | None]]:
    """Say which of these occurrences make busy, and when."""
    zone = ZoneInfo(wanted.zone)
    for it in occurrences:
        start, end = _seconds(it.start, zone), _seconds(it.end, zone)
        if start < wanted.end and end > max(start, wanted.start) and _makes_busy(it):
            yield start, end, _own_uid(it)


def _makes_busy(event: Any) -> bool:
    said = str(event.get("TRANSP", "")).upper(), str(event.get("STATUS", "")).upper()
    return said[0] != _TRANSPARENT and said[1] != _CANCELLED


def _own_uid(event: Any) -> str | None:
    uid = str(event.get("UID", ""))
    return uid if OWN_UID.fullmatch(uid) else None


def _seconds(moment: date, zone: ZoneInfo) -> int:
    """Return an instant in seconds.

    A whole day begins at midnight, and what names no zone that is known is meant by the clock on the teacher's wall.
    """
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())


def main() -> None:
    """Read what is wanted as a line of JSON, then the feed, and write what was found."""
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    wanted = Wanted(**json.loads(sys.stdin.buffer.readline()))
    try:
        found = expand(sys.stdin.buffer.read(), wanted)
    except _NO_FEED:
        sys.exit(2)
    json.dump(asdict(found), sys.stdout)


if __name__ == "__main__":
    main()

"""From a wall time to an instant and back: pure arithmetic of time zones.

Twice a year the clocks of many zones are changed. Wall times that are skipped do not exist: they are a gap, and the
first instant after it is taken. Wall times that come twice are ambiguous: they are a fold, and the earlier instant is
meant, or the later one at the end of something.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)
# No clock is farther from that of UTC.
_FARTHEST_ZONE = timedelta(hours=24)
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)


class Kind(StrEnum):
    """How a wall time relates to the instants of its zone."""

    PLAIN = "plain"
    FOLD = "earlier of two"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a wall time means: an instant in UTC, and what the wall shows then.

    `local` differs from what was asked for only in a gap: it is the next time that exists.
    """

    instant: datetime
    local: datetime
    kind: Kind


def resolve(local: datetime, zone: ZoneInfo) -> Resolution:
    """Find the instant of a naive wall time.

    Beyond the calendar's ends it is the end.
    """
    before, after = _offset(local, zone, fold=0), _offset(local, zone, fold=1)
    if before < after:
        return _after_gap(local, before, after, zone)
    return Resolution(_instant(local, before), local, Kind.PLAIN if before == after else Kind.FOLD)


def resolve_end(local: datetime, zone: ZoneInfo) -> datetime:
    """Find the instant of an end at a naive wall time: of two the later."""
    found = resolve(local, zone)
    return found.instant if found.kind == Kind.GAP else _instant(local, _offset(local, zone, fold=1))


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the day that it is in `zone` at this instant."""
    return instant.astimezone(zone).date()


@lru_cache(maxsize=2**12)
def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the half-open interval of instants that is this day in `zone`.

    A day whose midnight is skipped begins when the gap ends, one whose midnight comes twice begins at the first. A day
    that the zone leaves out altogether is empty.
    """
    begins = resolve(datetime.combine(day, time()), zone).instant
    if day == date.max:
        return begins, _LATEST
    return begins, resolve(datetime.combine(day + timedelta(days=1), time()), zone).instant


def earliest_day(instant: datetime) -> date:
    """Return the earliest day that it is anywhere at this instant."""
    return (instant.astimezone(UTC) - _FARTHEST_ZONE).date()


def latest_day(instant: datetime) -> date:
    """Return the latest day that it is anywhere at this instant."""
    return (instant.astimezone(UTC) + _FARTHEST_ZONE).date()


def bounds_of_days(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the half-open interval of instants from the first to the last of some days."""
    return day_bounds(first, zone)[0], day_bounds(last, zone)[1]


def _after_gap(local: datetime, before: timedelta, after: timedelta, zone: ZoneInfo) -> Resolution:
    """Find the instant at which the gap that `local` lies in ends.

    Read with the offset from before the gap, `local` is an instant that comes too late, read with the one from after
    it one that comes too early. Clocks are changed on whole seconds, so the search between the two is short.
    """
    whole = local.replace(microsecond=0)
    early, late = _instant(whole, after), _instant(whole, before)
    while late - early > _SECOND:
        middle = early + (late - early) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return Resolution(late, (late + after).replace(tzinfo=None), Kind.GAP)


def _offset(local: datetime, zone: ZoneInfo, *, fold: int) -> timedelta:
    return local.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta()


def _instant(local: datetime, offset: timedelta) -> datetime:
    try:
        return local.replace(tzinfo=UTC, fold=0) - offset
    except OverflowError:
        return _EARLIEST if offset > timedelta() else _LATEST

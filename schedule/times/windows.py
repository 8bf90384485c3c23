"""The runs of time in which lessons can take place, and the starts in them.

A run is made of the windows of all days: those that touch or overlap are one, compared as instants, after the clocks'
gaps and folds. Lessons that there are already play no part here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from schedule.times.intervals import Interval, merge, subtract
from schedule.times.rules import Rules, Window
from schedule.times.wall_time import day_bounds, local_day, resolve, resolve_end

# In a run that is longer, steps restart at each local midnight, so that slots do not drift away from the clock.
LONGEST_STEADY_RUN = timedelta(hours=24)
# A run is looked at from so many days before to so many days after what is asked for. Within them every run shows
# whether it is longer than 24 hours, and if it is, a midnight; even if clocks leave out a day and windows last two.
_MARGIN = timedelta(days=5)
_HALF_HOUR = timedelta(minutes=30)
_MINUTE = timedelta(minutes=1)


def runs(rules: Rules, start: datetime, end: datetime) -> list[Interval]:
    """Return the runs that have an instant from `start` to `end`, in order.

    They may begin earlier or end later.
    """
    first, last = local_day(start, rules.zone) - _MARGIN, local_day(end, rules.zone) + _MARGIN
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    merged = merge(window for day in days for window in _on(day, rules))
    return [run for run in merged if run[0] <= end and run[1] > start]


def shown_starts(rules: Rules, length: timedelta, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the starts that a list of slots has for lessons of this length.

    They are in order and lie in the half-open interval. Without weekly windows every whole minute is a start; a list
    has each full and half hour of the teacher's clock. Where there is time off nothing is looked at at all, neither
    starts nor windows: years of it cost nothing.
    """
    for stretch in _stretches(rules, length, start, end):
        for run, parts in _parts(runs(rules, stretch[0][0], stretch[-1][1]), stretch):
            anchors = _anchors(run, rules.zone)
            for begins, ends in parts:
                # The last start is the one with which a lesson just fits.
                within = begins, min(end, ends - length + timedelta.resolution)
                if rules.weekly is None:
                    yield from _half_hours(within, rules.zone)
                else:
                    yield from _steps(anchors, rules.step or length, within)


def is_start(rules: Rules, length: timedelta, starts_at: datetime) -> bool:
    """Tell whether the windows let such a lesson start at this whole minute."""
    if rules.weekly is None:
        return any(run[0] <= starts_at and starts_at + length <= run[1] for run in runs(rules, starts_at, starts_at))
    return any(shown_starts(rules, length, starts_at, starts_at + timedelta.resolution))


def _on(day: date, rules: Rules) -> Iterator[Interval]:
    """Yield the windows of a day as instants: its exception's or its weekday's."""
    windows = rules.exceptions.get(day)
    if windows is None and rules.weekly is None:
        yield day_bounds(day, rules.zone)
        return
    for window in windows if windows is not None else (rules.weekly or {}).get(day.weekday(), ()):
        yield _instants(window, day, rules.zone)


# Many teachers of one zone begin and end at the same times, and a search asks about hundreds of teachers.
@lru_cache(maxsize=2**14)
def _instants(window: Window, day: date, zone: ZoneInfo) -> Interval:
    midnight = datetime.combine(day, time())
    begins, ends = midnight + timedelta(minutes=window.start), midnight + timedelta(minutes=window.end)
    return resolve(begins, zone).instant, resolve_end(ends, zone)


def _stretches(rules: Rules, length: timedelta, start: datetime, end: datetime) -> Iterator[list[Interval]]:
    """Yield what time off leaves for lessons that begin in this interval, in order.

    What is near together as one. Pieces in which no lesson fits are left out. Windows are looked for around each
    stretch, so that two stretches are far enough apart not to look at the same days.
    """
    stretch: list[Interval] = []
    for piece in subtract([(start, end + length)], rules.time_off):
        if piece[1] - piece[0] < length:
            continue
        if stretch and piece[0] - stretch[-1][1] > 2 * _MARGIN:
            yield stretch
            stretch = []
        stretch.append(piece)
    if stretch:
        yield stretch


def _parts(among: Sequence[Interval], pieces: Sequence[Interval]) -> Iterator[tuple[Interval, list[Interval]]]:
    """Yield each run with its parts that lie in these pieces, both in order."""
    first = 0
    for run in among:
        while first < len(pieces) and pieces[first][1] <= run[0]:
            first += 1
        last = bisect_left(pieces, (run[1],))
        yield run, [(max(run[0], piece[0]), min(run[1], piece[1])) for piece in pieces[first:last]]


def _steps(anchors: Sequence[datetime], step: timedelta, within: Interval) -> Iterator[datetime]:
    """Yield the starts in this interval, in steps of elapsed time from each anchor."""
    for number in range(max(0, bisect_right(anchors, within[0]) - 1), len(anchors)):
        anchor, following = anchors[number], anchors[number + 1 : number + 2]
        starts_at = anchor + max(0, -((anchor - within[0]) // step)) * step
        until = min([within[1], *following])
        while starts_at < until:
            yield starts_at
            starts_at += step


def _anchors(run: Interval, zone: ZoneInfo) -> list[datetime]:
    """Return from where steps are counted.

    That is the run's first instant and, in a long run, each local midnight.
    """
    start, end = run
    if end - start <= LONGEST_STEADY_RUN:
        return [start]
    first = local_day(start, zone)
    days = (first + timedelta(days=number) for number in range(1, (local_day(end, zone) - first).days + 1))
    midnights = {day_bounds(day, zone)[0] for day in days}
    return [start, *sorted(midnight for midnight in midnights if start < midnight < end)]


def _half_hours(within: Interval, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the instants at which the clock in `zone` shows a full or a half hour."""
    instant, end = _whole_minute(within[0]), within[1]
    while instant < end:
        shown = instant.astimezone(zone)
        if shown.minute % 30 == 0:
            yield instant
        following = instant + _HALF_HOUR - timedelta(minutes=shown.minute % 30)
        # Where clocks are changed meanwhile, by whatever amount, each minute is looked at.
        steady = following.astimezone(zone).utcoffset() == shown.utcoffset()
        instant = following if steady else instant + _MINUTE


def _whole_minute(instant: datetime) -> datetime:
    """Return the first whole minute that is not before `instant`."""
    begun = instant.replace(second=0, microsecond=0)
    return begun if begun == instant else begun + _MINUTE

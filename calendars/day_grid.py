"""Where lessons and hours stand in the grid of a week or a day.

A row of the grid is five minutes by the clock on the wall. The style sheet `static/css/minutes.css` has a class for
each, because pages may have no styles of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from calendars.lessons_by_day import Block, Day
from jsontext import JsonObject
from schedule.holidays.queries import Closed
from schedule.times.intervals import Interval, merge, subtract
from schedule.times.wall_time import day_bounds, local_day

ROW_MINUTES = 5
_DAY = 24 * 60
# What is shown of a teacher who gives lessons at any time, by the hours of the clock.
USUAL_HOURS = (8, 18)
COLOURS = 8
MOST_LANES = 4


@dataclass(frozen=True, slots=True)
class Span:
    """Some rows of a day, the first of them counted from 1."""

    row: int
    rows: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A block, its rows, and its lane of those that lie beside each other."""

    block: Block
    span: Span
    lane: int
    lanes: int
    colour: int


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of a day, which can be clicked."""

    span: Span
    starts_at: datetime
    label: str


@dataclass(frozen=True, slots=True)
class Busy:
    """A stretch of a day at which another calendar says that its owner is busy."""

    span: Span
    name: str
    # As the clocks show it: "09:00–10:30".
    times: str


@dataclass(frozen=True, slots=True)
class Holiday:
    """A stretch of a day at which the whole school is closed."""

    span: Span
    name: str


@dataclass(slots=True)
class Column:
    """A day in the grid: its blocks, its hours, and when its owner gives no lessons."""

    date: date
    placed: list[Placed] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    closed: list[Span] = field(default_factory=list)
    away: list[Span] = field(default_factory=list)
    busy: list[Busy] = field(default_factory=list)
    holidays: list[Holiday] = field(default_factory=list)
    blocked: list[Span] = field(default_factory=list)
    # The row of the present moment.
    now: int | None = None
    narrow: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """Some days beside each other, with the hours that all of them show."""

    hours: range
    columns: list[Column]
    # What their teacher has blocked of these days, as `calendars/queries.py` lists it.
    blocks: Sequence[JsonObject] = ()

    @property
    def rows(self) -> int:
        """Return how many rows each day has."""
        return len(self.hours) * 60 // ROW_MINUTES


@dataclass(frozen=True, slots=True)
class Hours:
    """When a teacher gives lessons.

    `open` is None for any time.
    """

    open: Sequence[Interval] | None
    away: Sequence[Interval]
    # When other calendars say that the teacher is busy, by their names.
    busy: Sequence[tuple[Interval, str]] = ()
    # When the school is closed, and why.
    holidays: Sequence[Closed] = ()
    # What the teacher blocked, each with its id and its note.
    blocks: Sequence[JsonObject] = ()


def grid_of(days: Sequence[Day], hours: Hours, zone: ZoneInfo, now: datetime) -> Grid:
    """Lay days out beside each other."""
    shown = _hours_shown(days, hours, zone)
    columns = [_column(day, shown, hours, zone, now) for day in days]
    if len(columns) > 1:
        for column in columns[5:]:
            column.narrow = not column.placed and column.now is None and _is_closed(column, shown)
    return Grid(shown, columns, hours.blocks)


def _hours_shown(days: Sequence[Day], hours: Hours, zone: ZoneInfo) -> range:
    """Choose the hours: those with lessons and those at which lessons can be given, else the usual ones."""
    first, last = 24, 0
    for day in days:
        begins, ends = day_bounds(day.date, zone)
        stretches = [(max(_instant(it.starts_at), begins), min(_instant(it.ends_at), ends)) for it in day.blocks]
        stretches += [(max(start, begins), min(end, ends)) for start, end in hours.open or () if start < ends > begins]
        for start, end in stretches:
            if start < end:
                first = min(first, _minute(start, day.date, zone) // 60)
                last = max(last, -(-_minute(end, day.date, zone) // 60))
    if hours.open is None or first >= last:
        first, last = min(first, USUAL_HOURS[0]), max(last, USUAL_HOURS[1])
    return range(first, last)


def _column(day: Day, shown: range, hours: Hours, zone: ZoneInfo, now: datetime) -> Column:
    begins, ends = day_bounds(day.date, zone)
    column = Column(day.date, placed=_place(day, shown, zone), cells=_cells(day.date, shown, zone))
    if hours.open is not None:
        closed = subtract([(begins, ends)], hours.open)
        column.closed = list(_spans(closed, day.date, shown, zone))
    column.away = list(_spans(hours.away, day.date, shown, zone))
    column.busy = list(_busy(hours, day.date, shown, zone))
    blocked = [(_instant(block["starts_at"]), _instant(block["ends_at"])) for block in hours.blocks]
    column.blocked = list(_spans(blocked, day.date, shown, zone))
    off = ((each, _spans([each.interval], day.date, shown, zone)) for each in hours.holidays)
    column.holidays = [Holiday(span, each.name) for each, spans in off for span in spans]
    if local_day(now, zone) == day.date:
        minute = _minute(now, day.date, zone) - shown.start * 60
        column.now = minute // ROW_MINUTES + 1 if 0 <= minute < len(shown) * 60 else None
    return column


def _place(day: Day, shown: range, zone: ZoneInfo) -> list[Placed]:
    """Give each block its rows, and those that overlap a lane each."""
    spans = [_span_of_block(block, day.date, shown, zone) for block in day.blocks]
    lanes: list[int] = []
    for number, span in enumerate(spans):
        beside = {lanes[other] for other in range(number) if _overlap(spans[other], span)}
        free = (lane for lane in range(MOST_LANES) if lane not in beside)
        lanes.append(next(free, MOST_LANES - 1))
    counts = [1 + max(lanes[it] for it in range(len(spans)) if _overlap(spans[it], span)) for span in spans]
    return [
        Placed(block, span, lane, count, int(block.gig["id"]) % COLOURS)
        for block, span, lane, count in zip(day.blocks, spans, lanes, counts, strict=True)
    ]


def _span_of_block(block: Block, day: date, shown: range, zone: ZoneInfo) -> Span:
    """Make the block as high as it lasts on this day."""
    begins, ends = day_bounds(day, zone)
    starts_at, ends_at = max(_instant(block.starts_at), begins), min(_instant(block.ends_at), ends)
    first = _minute(starts_at, day, zone) - shown.start * 60
    length = (ends_at - starts_at) // timedelta(minutes=1)
    last = min(first + length, len(shown) * 60)
    return _span(first, max(last, first + ROW_MINUTES))


def _cells(day: date, shown: range, zone: ZoneInfo) -> list[Cell]:
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return [
        Cell(_span(60 * number, 60 * number + 60), midnight.replace(hour=hour), f"{hour:02}:00")
        for number, hour in enumerate(shown)
    ]


def _spans(intervals: Iterable[Interval], day: date, shown: range, zone: ZoneInfo) -> Iterable[Span]:
    """Cut what lies within the shown hours of a day out of these intervals."""
    begins, ends = day_bounds(day, zone)
    for start, end in merge((max(start, begins), min(end, ends)) for start, end in intervals):
        first = max(_minute(start, day, zone) - shown.start * 60, 0)
        last = min(_minute(end, day, zone) - shown.start * 60, len(shown) * 60)
        if first < last:
            yield _span(first, last)


def _busy(hours: Hours, day: date, shown: range, zone: ZoneInfo) -> Iterable[Busy]:
    begins, ends = day_bounds(day, zone)
    for (start, end), name in hours.busy:
        here = max(start, begins), min(end, ends)
        for span in _spans([here], day, shown, zone) if here[0] < here[1] else ():
            yield Busy(span, name, "–".join(f"{moment.astimezone(zone):%H:%M}" for moment in here))


def _span(first: int, last: int) -> Span:
    row = first // ROW_MINUTES
    return Span(row + 1, max(1, -(-last // ROW_MINUTES) - row))


def _minute(instant: datetime, day: date, zone: ZoneInfo) -> int:
    """Return the minute of the day that the clock on the wall shows."""
    local = instant.astimezone(zone)
    return local.hour * 60 + local.minute if local.date() == day else _DAY if local.date() > day else 0


def _is_closed(column: Column, shown: range) -> bool:
    holidays = (holiday.span for holiday in column.holidays)
    closed = sum(span.rows for span in (*column.closed, *column.away, *column.blocked, *holidays))
    return closed >= len(shown) * 60 // ROW_MINUTES


def _overlap(one: Span, other: Span) -> bool:
    return one.row < other.row + other.rows and other.row < one.row + one.rows


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)

"""What the cache has done in the last hour or day: numbers, lines of charts, a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter

from caching import cache
from caching.metrics import Reads
from caching.operations import alerts, history
from caching.operations.history import Counts, Held, Moment, Span

SPANS: Mapping[str, Span] = {span.name: span for span in (history.HOUR, history.DAY)}


class Order(StrEnum):
    """What the table of families begins with."""

    READS = "reads"
    SLOWEST = "slowest"
    HIT_RATE = "hit-rate"
    MEMORY = "memory"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class Point:
    """A moment on a chart: how far along it lies, and how high, both from 0 to 1.

    It has no height where nothing is known.
    """

    at: datetime
    across: float
    height: float | None
    value: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart."""

    label: str
    points: Sequence[Point]

    @property
    def known(self) -> bool:
        """Tell whether there is anything to draw."""
        return any(point.value is not None for point in self.points)

    @property
    def runs(self) -> list[list[Point]]:
        """Return the stretches without a gap."""
        found: list[list[Point]] = [[]]
        for point in self.points:
            if point.height is None:
                found.append([])
            else:
                found[-1].append(point)
        return [run for run in found if run]


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """What one family has done in a span of time, and what Redis holds of it."""

    name: str
    kind: str
    reads: Reads
    changes: int
    inconsistencies: int
    answers: int | None
    memory_bytes: int | None
    line: Line

    @property
    def miss_ms(self) -> float | None:
        """Return the mean time of a read that the database answered, in milliseconds."""
        return self.reads.mean_ms("miss", "coalesced", "bypass", "error")


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page shows of a span."""

    span: Span
    began: datetime
    now: datetime
    total: Counts
    hit_rates: Sequence[Line]
    reads: Line
    changes: Line
    memory: Line
    held: Held | None
    families: Sequence[FamilyRow]
    unread: Sequence[str]


_ORDERS: Mapping[Order, Callable[[FamilyRow], float]] = {
    Order.READS: lambda row: -row.reads.total,
    Order.SLOWEST: lambda row: -(row.miss_ms or 0),
    Order.HIT_RATE: lambda row: 2 if row.reads.hit_rate is None else row.reads.hit_rate,
    Order.MEMORY: lambda row: -(row.memory_bytes or 0),
    Order.CHANGES: lambda row: -row.changes,
}


def look(span: Span, order: Order, now: datetime, inconsistencies: Mapping[tuple[str, ...], int]) -> Overview:
    """Put the page's numbers together.

    `inconsistencies` are those since the server's start. Raises Unavailable.
    """
    moments, held = history.moments(span, now), history.held(span, now)
    began = now - timedelta(minutes=span.minutes)
    total = sum((moment.counts for moment in moments), start=Counts())
    draw = _Drawing(began, now)
    newest = held[-1] if held else None
    rows = [_row(name, kind, total, newest, inconsistencies, moments, draw) for name, kind in alerts.kinds().items()]
    is_used = attrgetter("reads.total")
    return Overview(
        span=span,
        began=began,
        now=now,
        total=total,
        hit_rates=[
            draw.share("Lists", moments, lambda counts: _of_kind(counts, "list").hit_rate),
            draw.share("Single things", moments, lambda counts: _of_kind(counts, "entity").hit_rate),
        ],
        reads=draw.line("Reads a minute", _per_minute(moments, span, lambda counts: counts.all_reads.total)),
        changes=draw.line("Changes a minute", _per_minute(moments, span, lambda counts: counts.changes.total())),
        memory=draw.line("Memory", [(each.at, float(each.memory_bytes)) for each in held]),
        held=newest,
        families=sorted(filter(is_used, rows), key=lambda row: (_ORDERS[order](row), row.name)),
        unread=[row.name for row in rows if not is_used(row)],
    )


def _row(
    name: str,
    kind: str,
    total: Counts,
    held: Held | None,
    inconsistencies: Mapping[tuple[str, ...], int],
    moments: Sequence[Moment],
    draw: _Drawing,
) -> FamilyRow:
    tags = {f"{family.tag.owner_kind} {family.tag.name}" for family in cache.families if family.name == name}
    answers, size = held.families.get(name, (0, 0)) if held else (None, None)
    return FamilyRow(
        name=name,
        kind=kind,
        reads=total.reads.get(name, Reads()),
        changes=sum(total.changes[tag] for tag in tags),
        inconsistencies=inconsistencies.get((name,), 0),
        answers=answers,
        memory_bytes=size,
        line=draw.share(name, moments, lambda counts: counts.reads.get(name, Reads()).hit_rate),
    )


def _of_kind(counts: Counts, kind: str) -> Reads:
    kinds = alerts.kinds()
    return sum((reads for name, reads in counts.reads.items() if kinds.get(name) == kind), start=Reads())


def _per_minute(
    moments: Iterable[Moment], span: Span, number: Callable[[Counts], int]
) -> list[tuple[datetime, float | None]]:
    return [(moment.at, number(moment.counts) / span.step) for moment in moments]


class _Drawing:
    """Where things lie between the beginning of a span and now."""

    def __init__(self, began: datetime, now: datetime) -> None:
        self._began = began
        self._length = now - began

    def share(self, label: str, moments: Sequence[Moment], value: Callable[[Counts], float | None]) -> Line:
        """Draw a share, whose highest value is 1."""
        return self.line(label, [(moment.at, value(moment.counts)) for moment in moments], top=1.0)

    def line(self, label: str, values: Sequence[tuple[datetime, float | None]], top: float | None = None) -> Line:
        """Draw values, the highest of which reaches the top."""
        highest = top or max((value or 0.0 for _, value in values), default=0.0) or 1.0
        return Line(
            label,
            [Point(at, self._across(at), None if value is None else value / highest, value) for at, value in values],
        )

    def _across(self, at: datetime) -> float:
        return min(1.0, max(0.0, (at - self._began) / self._length))

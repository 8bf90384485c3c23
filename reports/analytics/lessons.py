"""Series of lessons: what became of them, and what they have brought."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from bookings.statuses import BookingStatus
from jsontext import JsonObject
from payments import sums
from payments.packages.models import Package
from payments.packages.money import in_advance
from reports.lesson_hours.counting import Lessons, count_lessons
from reports.performance.queries import HOUR, STATES
from reports.periods import Between
from reports.spans import spans_of


def states(connection: Connection, periods: Sequence[Between]) -> list[JsonObject]:
    """Count the lessons of each period by what they are now."""
    return [_states(lessons) for lessons in count_lessons(connection, periods)]


def revenue(connection: Connection, periods: Sequence[Between]) -> list[JsonObject]:
    """Add up what the lessons of each period have brought and will bring, and what was paid for packages."""
    packages = _paid_for_packages(connection, periods)
    counted = count_lessons(connection, periods)
    return [{"money": _money(lessons, packages[n])} for n, lessons in enumerate(counted)]


def _states(lessons: Lessons) -> JsonObject:
    numbers: Counter[BookingStatus] = Counter()
    seconds: Counter[BookingStatus] = Counter()
    for (status, _), counted in lessons.items():
        numbers[status] += counted.number
        seconds[status] += counted.seconds
    return {
        "requested": numbers.total(),
        "pending": numbers[BookingStatus.PENDING],
        **{name: numbers[status] for status, name in STATES.items()},
        "hours_taught": round(seconds[BookingStatus.COMPLETED] / HOUR, 2),
    }


def _money(lessons: Lessons, packages: Counter[str]) -> list[JsonObject]:
    """Show each currency in which something is earned, planned or paid for packages."""
    earned: Counter[str] = Counter()
    planned: Counter[str] = Counter()
    for (status, currency), counted in lessons.items():
        (planned if status == BookingStatus.ACCEPTED else earned)[currency] += counted.due_cents
    named = {"earned_cents": earned, "planned_cents": planned, "packages_cents": packages}
    currencies = sorted({currency for counter in named.values() for currency in counter if counter[currency]})
    return [{"currency": it} | {name: counter[it] for name, counter in named.items()} for it in currencies]


def _paid_for_packages(connection: Connection, periods: Sequence[Between]) -> defaultdict[int, Counter[str]]:
    """Add up what was paid for packages in each period, less what was given back, by currency."""
    begun = spans_of((n, period.start, period.end) for n, period in enumerate(periods))
    advance = in_advance(min(it.start for it in periods), max(it.end for it in periods))
    within = (advance.c.at >= begun.c.start) & (advance.c.at < begun.c.end)
    found: Any = select(begun.c.n, Package.currency, sums.total(advance.c.cents).label("cents")).select_from(begun)
    found = found.join(advance, within)
    found = found.join(Package, Package.id == advance.c.package_id).group_by(begun.c.n, Package.currency)
    cents: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for row in connection.execute(found):
        cents[row.n][row.currency] += row.cents
    return cents

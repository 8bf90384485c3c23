"""What each chart of the school shows, and which columns stand in the table beneath it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from jsontext import JsonObject
from reports.analytics.queries import Subject
from reports.navigation import in_short, in_words
from reports.periods import Period

# A column's heading, and the name of the number below it.
Column = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One subject's page: its tab, its bars of one number, and its table."""

    label: str
    title: str
    # What is as high as the bars, and what it counts.
    key: str
    unit: str
    columns: Sequence[Column]


_LESSONS: Sequence[Column] = (
    ("Asked for", "requested"),
    ("Completed", "completed"),
    ("To come", "accepted"),
    ("Missed", "no_show"),
    ("Cancelled", "cancelled"),
    ("Declined", "declined"),
    ("Hours", "hours_taught"),
)
_GIGS: Sequence[Column] = (
    ("Written", "created"),
    ("Drafts", "draft"),
    ("Published", "published"),
    ("Paused", "paused"),
    ("Archived", "archived"),
)
_APPLICATIONS: Sequence[Column] = (
    ("Received", "received"),
    ("Waiting", "pending"),
    ("Accepted", "accepted"),
    ("Declined", "rejected"),
    ("Withdrawn", "withdrawn"),
)
_USERS: Sequence[Column] = (("Registered", "registered"), ("Students", "students"), ("Teachers", "teachers"))
_RETENTION: Sequence[Column] = (
    ("Students", "students"),
    ("New", "new"),
    ("Stayed", "retained"),
    ("Came back", "returned"),
)

CHARTS = {
    Subject.BOOKINGS: Chart(
        label="Lessons", title="Completed lessons", key="completed", unit="Lessons", columns=_LESSONS
    ),
    Subject.REVENUE: Chart(label="Money", title="Earned", key="earned", unit="Earned", columns=()),
    Subject.RETENTION: Chart(
        label="Staying", title="Students with lessons", key="students", unit="Students", columns=_RETENTION
    ),
    Subject.USERS: Chart(
        label="People", title="People who registered", key="registered", unit="People", columns=_USERS
    ),
    Subject.GIGS: Chart(label="Gigs", title="Gigs written", key="created", unit="Gigs", columns=_GIGS),
    Subject.APPLICATIONS: Chart(
        label="Applications", title="Applications received", key="received", unit="Applications", columns=_APPLICATIONS
    ),
}


def named(rows: Iterable[JsonObject], period: Period) -> list[JsonObject]:
    """Return rows with what their periods are called: in full, and in short as `day` of a chart."""
    firsts = [(row, date.fromisoformat(row["from"])) for row in rows]
    return [row | {"words": in_words(period, first), "day": in_short(period, first)} for row, first in firsts]


def with_earned(rows: Sequence[JsonObject]) -> tuple[list[JsonObject], str]:
    """Return rows with what was earned in the main currency, in whole units, and its name.

    It is the one that most was earned in.
    """
    sums: Counter[str] = Counter()
    for money in (it for row in rows for it in row["money"]):
        sums[money["currency"]] += money["earned_cents"]
    currency = max(sums, key=lambda it: sums[it], default="")
    return [row | {"earned": _earned(row, currency)} for row in rows], currency


def _earned(row: JsonObject, currency: str) -> float:
    cents: int = sum(it["earned_cents"] for it in row["money"] if it["currency"] == currency)
    return cents / 100

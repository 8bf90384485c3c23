"""Cached reads of figures, and how they are put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, cast, func, select

import tags
from bookings.models import Booking
from bookings.shown import own_side
from bookings.statuses import BookingStatus
from caching import cache
from gigs.traces.queries import views_by_day
from jsontext import JsonObject

MONTHS_SHOWN = 12

_GIVEN = (Booking.status == BookingStatus.COMPLETED,)
# Without the cast PostgreSQL makes decimals of large sums.
_CENTS = cast(func.sum(Booking.price_cents), BigInteger).label("cents")
_NUMBER_AND_CENTS: tuple[Any, ...] = (Booking.currency, func.count().label("number"), _CENTS)


class Period(StrEnum):
    """How many days figures go back, today included."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def days(self) -> int:
        """Return the number of days."""
        return {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}[self]

    def dates(self, now: datetime) -> tuple[date, date]:
        """Return its first and its last day, by UTC."""
        last = now.astimezone(UTC).date()
        return last - timedelta(days=self.days - 1), last


# Invalidated by: every change of one of the teacher's bookings.
@cache.stamped("gig-stats", ttl=900, tag=tags.user_bookings, by="teacher_id", shape=2)
def lessons_of_gig(connection: Connection, teacher_id: int, gig_id: int, first: date, last: date) -> JsonObject:
    """Count the lessons of a gig that were asked for in these days, and those that took place in them."""
    start, end = _edges(first, last)
    asked = (Booking.gig_id == gig_id, Booking.created_at >= start, Booking.created_at < end)
    day = _part_of(Booking.created_at, "day", connection.dialect.name)
    days = select(day.label("day"), func.count().label("number")).where(*asked).group_by(day).order_by(day)
    requests = {row.day: row.number for row in connection.execute(days)}
    given = (Booking.gig_id == gig_id, *_GIVEN, Booking.starts_at >= start, Booking.starts_at < end)
    sums = connection.execute(select(*_NUMBER_AND_CENTS).where(*given).group_by(Booking.currency)).all()
    return {
        "requested": sum(requests.values()),
        "students": connection.scalar(select(func.count(Booking.student_id.distinct())).where(*asked)) or 0,
        "by_day": requests,
        "completed": sum(row.number for row in sums),
        "earned": _money(sums),
    }


# Invalidated by: every change of one of the person's bookings.
@cache.stamped("user-stats", ttl=900, tag=tags.user_bookings, by="user_id")
def figures(connection: Connection, user_id: int, role: str) -> JsonObject:
    """Count a person's lessons by status, and what became of those that took place."""
    side, dialect = own_side(role) == user_id, connection.dialect.name
    counts = connection.execute(select(Booking.status, func.count()).where(side).group_by(Booking.status))
    month = _part_of(Booking.starts_at, "month", dialect)
    seconds = cast(func.sum(length_in_seconds(dialect)), BigInteger).label("seconds")
    given = select(month.label("month"), seconds, *_NUMBER_AND_CENTS).where(side, *_GIVEN)
    sums = connection.execute(given.group_by(month, Booking.currency).order_by(month)).all()
    by_month: Counter[str] = Counter()
    for row in sums:
        by_month[row.month] += row.number
    pairs = select(Booking.student_id, Booking.teacher_id).where(side, *_GIVEN).distinct().subquery()
    return {
        "bookings": dict.fromkeys(map(str, BookingStatus), 0) | {str(status): number for status, number in counts},
        "people": connection.scalar(select(func.count()).select_from(pairs)) or 0,
        "hours": round(sum(row.seconds for row in sums) / 3600, 2),
        "money": _money(sums),
        "by_month": by_month,
    }


def of_gig(gig: JsonObject, period: Period, now: datetime) -> JsonObject:
    """Put the figures of a gig together: how often it was looked at, asked for and given."""
    first, last = period.dates(now)
    looked_up = cache.look_up(
        views_by_day.at(gig["id"], first, last), lessons_of_gig.at(gig["teacher"]["id"], gig["id"], first, last)
    )
    answers = [each.answer() for each in looked_up]
    views, lessons = (answer.json() for answer in answers)
    viewers = views["viewers"]
    return {
        "gig": {"id": gig["id"], "title": gig["title"]},
        "period": str(period),
        "from": first.isoformat(),
        "to": last.isoformat(),
        "views": sum(views["by_day"].values()),
        "viewers": viewers,
        "bookings_requested": lessons["requested"],
        "bookings_completed": lessons["completed"],
        # Who asked has seen the gig, in earlier days perhaps.
        "conversion": round(lessons["students"] / max(viewers, lessons["students"]), 4) if viewers else None,
        "earned": lessons["earned"],
        "by_day": list(_days(first, last, views["by_day"], lessons["by_day"])),
        "cached": all(answer.state == "HIT" for answer in answers),
    }


def months(by_month: Mapping[str, int], now: datetime) -> list[JsonObject]:
    """List the last twelve months with the number of lessons in each."""
    number = now.year * 12 + now.month - 1
    names = [f"{month // 12}-{month % 12 + 1:02}" for month in range(number - MONTHS_SHOWN + 1, number + 1)]
    return [{"day": f"{name}-01", "lessons": by_month.get(name, 0)} for name in names]


def _days(first: date, last: date, views: Mapping[str, int], asked: Mapping[str, int]) -> Iterable[JsonObject]:
    for number in range((last - first).days + 1):
        day = (first + timedelta(days=number)).isoformat()
        yield {"day": day, "views": views.get(day, 0), "bookings_requested": asked.get(day, 0)}


def _edges(first: date, last: date) -> tuple[datetime, datetime]:
    """Return when these days begin and end, by UTC."""
    return datetime.combine(first, time(), UTC), datetime.combine(last + timedelta(days=1), time(), UTC)


def _part_of(instant: Any, part: str, dialect: str) -> ColumnElement[str]:
    """Write the day or the month of an instant, by UTC, as ISO 8601 does."""
    if dialect == "postgresql":
        return func.to_char(func.timezone("UTC", instant), {"day": "YYYY-MM-DD", "month": "YYYY-MM"}[part])
    return func.strftime({"day": "%Y-%m-%d", "month": "%Y-%m"}[part], instant)


def length_in_seconds(dialect: str) -> ColumnElement[int]:
    """Return how long a lesson lasts."""
    if dialect == "postgresql":
        return cast(func.extract("epoch", Booking.ends_at - Booking.starts_at), BigInteger)
    ends, starts = (cast(func.strftime("%s", column), BigInteger) for column in (Booking.ends_at, Booking.starts_at))
    return ends - starts


def _money(rows: Iterable[Row[Any]]) -> list[JsonObject]:
    """Add sums up, each currency by itself."""
    cents: Counter[str] = Counter()
    for row in rows:
        cents[row.currency] += row.cents
    return [{"currency": currency, "cents": cents[currency]} for currency in sorted(cents)]

"""Cached reads of series, each under the tag of what it counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

import tags
from caching import Answer, BoundRead, cache
from errors import Invalid
from jsontext import JsonObject
from reports.analytics import growth, lessons
from reports.analytics.retention import retention
from reports.periods import Between, Days, Period, days_of, latest, series, today_in

LIFETIME = 86_400
MOST_PERIODS = 400
# How many periods a series has without a `from`.
USUAL = {Period.DAY: 30, Period.WEEK: 12, Period.MONTH: 12, Period.QUARTER: 8, Period.YEAR: 5}


class Subject(StrEnum):
    """What a series is about."""

    BOOKINGS = "bookings"
    GIGS = "gigs"
    APPLICATIONS = "applications"
    REVENUE = "revenue"
    USERS = "users"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesQuery:
    """Which periods a series has: all that these days touch."""

    period: Period
    days: Days

    @property
    def periods(self) -> list[Days]:
        """List them."""
        return series(self.period, self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which series a reader asks for: the periods from the one of `first` to before `end`."""

    period: Period = Period.MONTH
    first: date | None = None
    end: date | None = None
    time_zone: str | None = None

    def query(self, zone: str, now: datetime) -> SeriesQuery:
        """Return the periods that are meant.

        They are those of the reader's zone, unless they ask for another one.

        Raises Invalid if there are too many.
        """
        zone = self.time_zone or zone
        last = self.end - timedelta(days=1) if self.end else today_in(zone, now)
        days = latest(self.period, USUAL[self.period], last, zone)
        if self.first:
            begin, finish = (days_of(self.period, day, zone) for day in (self.first, max(last, self.first)))
            days = Days(first=begin.first, end=finish.end, zone=zone)
        query = SeriesQuery(period=self.period, days=days)
        if len(query.periods) > MOST_PERIODS:
            raise Invalid({"from": [f"Choose at most {MOST_PERIODS} periods."]})
        return query


# Invalidated by: every change of a booking.
@cache.stamped("analytics", ttl=LIFETIME, tag=tags.all_bookings)
def lessons_by_period(connection: Connection, query: SeriesQuery) -> JsonObject:
    """Show what became of the lessons of each period."""
    return _series(query, lambda periods: lessons.states(connection, periods))


# Invalidated by: every change of a booking, a package or a credit note.
@cache.stamped("analytics", ttl=LIFETIME, tag=tags.all_bookings)
def revenue_by_period(connection: Connection, query: SeriesQuery) -> JsonObject:
    """Show what the lessons of each period have brought."""
    return _series(query, lambda periods: lessons.revenue(connection, periods))


# Invalidated by: every change of a booking.
@cache.stamped("analytics", ttl=LIFETIME, tag=tags.all_bookings)
def retention_by_period(connection: Connection, query: SeriesQuery) -> JsonObject:
    """Show how many students of each period come back."""
    zone, first = query.days.zone, query.periods[0].first
    before = days_of(query.period, query.period.before(first), zone).between
    return _series(query, lambda periods: retention(connection, before, periods))


# Invalidated by: registration and every change of an account.
@cache.stamped("analytics", ttl=LIFETIME, tag=tags.users)
def users_by_period(connection: Connection, query: SeriesQuery) -> JsonObject:
    """Show how many people registered in each period."""
    return _series(query, lambda periods: growth.users(connection, periods))


# Invalidated by: every change of a gig, drafts included.
@cache.stamped("analytics", ttl=LIFETIME, tag=tags.all_gigs)
def gigs_by_period(connection: Connection, query: SeriesQuery) -> JsonObject:
    """Show how many gigs were written in each period."""
    return _series(query, lambda periods: growth.gigs(connection, periods))


# Invalidated by: every change of an application.
@cache.stamped("analytics", ttl=LIFETIME, tag=tags.all_applications)
def applications_by_period(connection: Connection, query: SeriesQuery) -> JsonObject:
    """Show how many applications there were in each period."""
    return _series(query, lambda periods: growth.applications(connection, periods))


_READS: dict[Subject, Callable[[SeriesQuery], BoundRead]] = {
    Subject.BOOKINGS: lessons_by_period.at,
    Subject.GIGS: gigs_by_period.at,
    Subject.APPLICATIONS: applications_by_period.at,
    Subject.REVENUE: revenue_by_period.at,
    Subject.USERS: users_by_period.at,
    Subject.RETENTION: retention_by_period.at,
}


def analytics_read(subject: Subject, query: SeriesQuery) -> BoundRead:
    """Name the read of a series, so that several can be looked up together."""
    return _READS[subject](query).lasting(query.period.lifetime)


def analytics(subject: Subject, query: SeriesQuery) -> Answer:
    """Show a series."""
    return cache.look_up(analytics_read(subject, query))[0].answer()


def _series(query: SeriesQuery, count: Callable[[Sequence[Between]], Sequence[JsonObject]]) -> JsonObject:
    """Count the periods of a series, and show each with its days."""
    periods = query.periods
    counted = count([period.between for period in periods])
    return {
        "period": str(query.period),
        "from": periods[0].first.isoformat(),
        "to": periods[-1].end.isoformat(),
        "time_zone": query.days.zone,
        "data": [
            {"from": days.first.isoformat(), "to": days.end.isoformat(), **figures}
            for days, figures in zip(periods, counted, strict=True)
        ],
    }

"""Filters by which pages write times, money and places.

Times are in the reader's zone. An instant may be a datetime or the text of one, as cached answers have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import Flask, current_app

from web.amounts import money
from web.clock import now

# Where nobody is known whose zone could be taken.
FALLBACK_ZONE = "UTC"

_KEY = "lectern-shown-zone"
# The zone of a text that is no page.
_zone_of_text: ContextVar[str | None] = ContextVar("zone of text", default=None)
_NEARBY = {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}

Instant = datetime | str


def init_app(app: Flask, shown_zone: Callable[[], str | None]) -> None:
    """Register the filters.

    `shown_zone` tells in whose time the page that is being made is written.
    """
    app.extensions[_KEY] = shown_zone
    days = (day, weekday, short_day, local_date, day_heading, moment, by_day, as_utc)
    for write in (*days, plain_day, plain_month, time_range, minutes_until, money, zone_name):
        app.add_template_filter(write)


@contextmanager
def times_shown_in(zone: str) -> Iterator[None]:
    """Write times in this zone until the end of the block, whoever asks: for texts that are no pages."""
    before = _zone_of_text.set(zone)
    try:
        yield
    finally:
        _zone_of_text.reset(before)


def local(instant: Instant, zone: str | None = None) -> datetime:
    """Return what the clocks in `zone`, by default the reader's, show at this instant."""
    zone = zone or _shown_zone()
    return _on_clocks(instant, zone) if isinstance(instant, str) else instant.astimezone(ZoneInfo(zone))


@lru_cache(maxsize=8192)
def _on_clocks(instant: str, zone: str) -> datetime:
    """Do the same for the text of an instant, of which a page says the same few many times."""
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(zone))


def plain_day(written: str) -> str:
    """Write a date that belongs to no time zone: "27 Nov 2026"."""
    there = date.fromisoformat(written)
    return f"{there.day} {there:%b %Y}"


def plain_month(written: str) -> str:
    """Write the month of such a date: "Nov 2026"."""
    return f"{date.fromisoformat(written):%b %Y}"


def day(instant: Instant) -> str:
    """Write a day: "Fri 27 Nov", with the year if it is not the present one."""
    return _day(local(instant))


def weekday(instant: Instant) -> str:
    """Write on which day of the week: "Friday"."""
    return f"{local(instant):%A}"


def short_day(instant: Instant) -> str:
    """Write a day without its weekday: "27 Nov"."""
    return _day(local(instant)).partition(" ")[2]


def local_date(instant: Instant) -> date:
    """Return which day it is, for addresses."""
    return local(instant).date()


def as_utc(instant: Instant, minutes: int = 0) -> str:
    """Write an instant as addresses of the API have it, so many minutes later."""
    return f"{local(instant, 'UTC') + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def day_heading(instant: Instant) -> str:
    """Write a day as a heading, such as "Today" or "Friday 27 November".

    The year is there if it is not the present one.
    """
    then, today = local(instant), local(now())
    away = (then.date() - today.date()).days
    return _NEARBY.get(away) or f"{then:%A} {then.day} {then:%B}{_other_year(then)}"


def moment(instant: Instant) -> str:
    """Write an instant: "Fri 27 Nov, 16:05"."""
    then = local(instant)
    return f"{_day(then)}, {then:%H:%M}"


def time_range(starts_at: Instant, ends_at: Instant, zone: str | None = None) -> str:
    """Write from when to when: "16:00–16:45".

    In another zone than the reader's with the day, if it differs there.

    When the clocks are changed in between, each time says which clock it means.
    """
    start, end = local(starts_at, zone), local(ends_at, zone)
    clock = "%H:%M" if start.utcoffset() == end.utcoffset() else "%H:%M %Z"
    times = f"{start:{clock}}–{end:{clock}}"
    return times if zone is None or start.date() == local(starts_at).date() else f"{_day(start)}, {times}"


def minutes_until(starts_at: Instant, ends_at: Instant) -> int:
    """Return how many minutes there are from one instant to another."""
    return (local(ends_at, "UTC") - local(starts_at, "UTC")) // timedelta(minutes=1)


def by_day(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Group neighbouring rows by the reader's day of their `starts_at`.

    Each group has its heading.
    """
    days = groupby(rows, key=lambda row: local(row["starts_at"]).date())
    groups = [list(same_day) for _, same_day in days]
    return [(day_heading(group[0]["starts_at"]), group) for group in groups]


def zone_name(zone: str) -> str:
    """Write a time zone as the place it is named after: "Buenos Aires"."""
    return zone.rpartition("/")[2].replace("_", " ")


def _day(then: datetime) -> str:
    return f"{then:%a} {then.day} {then:%b}{_other_year(then)}"


def _other_year(then: datetime) -> str:
    return "" if then.year == local(now()).year else f" {then.year}"


def _shown_zone() -> str:
    if zone := _zone_of_text.get():
        return zone
    return cast("Callable[[], str | None]", current_app.extensions[_KEY])() or FALLBACK_ZONE

"""What a schedule says, in a few words: for the top of its page, and for questions about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby

from schedule.times.intervals import subtract
from schedule.times.rules import (
    MINUTES_OF_DAY,
    AvailabilityDocument,
    Rules,
    TimesOfDay,
    Weekday,
    merged_windows,
    read_window,
)
from schedule.times.wall_time import day_bounds, local_day
from schedule.times.windows import runs

PREVIEWED_DAYS = 7


def summary(document: AvailabilityDocument) -> str:
    """Write the weekly hours as "Mon–Fri 16:00–20:30, Sat 10:00–13:00"."""
    if document["weekly"] is None:
        return "At any time"
    weekly = document["weekly"]
    times = [_times(merged_windows(row for row in weekly if row["weekday"] == day)) for day in Weekday]
    stretches = [(text, [day for _, day in days]) for text, days in groupby(zip(times, Weekday, strict=True), _first)]
    return ", ".join(f"{_days(days)} {text}" for text, days in stretches if text) or "No weekly hours"


def preview(rules: Rules, now: datetime) -> list[tuple[date, list[str]]]:
    """Write when lessons are offered in the next seven days, as if there were none yet.

    They are those of the schedule's own clock.
    """
    today = local_day(now, rules.zone)
    days = (today + timedelta(days=number) for number in range(PREVIEWED_DAYS))
    return [(day, times) for day in days if (times := _offered_on(day, rules, now))]


def _offered_on(day: date, rules: Rules, now: datetime) -> list[str]:
    start, end = day_bounds(day, rules.zone)
    within = [(max(begin, start, now), min(until, end)) for begin, until in runs(rules, start, end)]
    left = subtract([each for each in within if each[0] < each[1]], rules.time_off)
    shown = [(begin.astimezone(rules.zone), until.astimezone(rules.zone)) for begin, until in left]
    return [f"{begin:%H:%M}–{'24:00' if until.date() > day else f'{until:%H:%M}'}" for begin, until in shown]


def questions(document: AvailabilityDocument, known: AvailabilityDocument) -> list[str]:
    """Ask about times that overlap, and about new ones that run through the night."""
    weekly = document["weekly"] or ()
    days = [(day.title(), [row for row in weekly if row["weekday"] == day]) for day in Weekday]
    named = [(name, [TimesOfDay(start=row["start"], end=row["end"]) for row in rows]) for name, rows in days]
    named += [(each["date"], each["windows"]) for each in document["exceptions"]]
    before = {(row["start"], row["end"]) for row in known["weekly"] or ()}
    before |= {(row["start"], row["end"]) for each in known["exceptions"] for row in each["windows"]}
    return [question for name, rows in named for question in (*_nights(name, rows, before), *_overlaps(name, rows))]


def _nights(name: str, rows: list[TimesOfDay], before: set[tuple[str, str]]) -> Iterator[str]:
    for row in rows:
        window = read_window(row["start"], row["end"])
        if window.end > MINUTES_OF_DAY and (row["start"], row["end"]) not in before:
            yield f"{name}, {_clock(row)} runs through the night: {_hours(window.end - window.start)}. Is that meant?"


def _overlaps(name: str, rows: list[TimesOfDay]) -> Iterator[str]:
    together = merged_windows(rows)
    if len(together) < len(rows):
        typed = ", ".join(_clock(row) for row in rows)
        yield f"{name}: {typed} overlap. Shall they become {_times(together)}?"


def _times(rows: list[TimesOfDay]) -> str:
    return " and ".join(_clock(row) for row in rows)


def _clock(row: TimesOfDay) -> str:
    return f"{row['start']}–{row['end']}"


def _first(pair: tuple[str, Weekday]) -> str:
    return pair[0]


def _days(days: list[Weekday]) -> str:
    first, last = days[0].title()[:3], days[-1].title()[:3]
    return first if len(days) == 1 else f"{first}–{last}"


def _hours(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return (f"{hours} hour{'s' if hours > 1 else ''}" if hours else "") + (f" {rest} minutes" if rest else "")

"""The rows in which teachers type their times.

A stored document becomes rows, and rows become a document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from schedule.times.rules import (
    AvailabilityDocument,
    ExceptionalDay,
    TimeOff,
    TimesOfDay,
    Weekday,
    merged_windows,
)
from schedule.times.wall_time import day_bounds, local_day, resolve, resolve_end
from web.fields import FIRST_YEAR, LAST_YEAR

# What each group of rows has.
COLUMNS: dict[str, tuple[str, ...]] = {
    **{str(day): ("start", "end") for day in Weekday},
    "exceptions": ("date", "start", "end"),
    # Whole days and other times that the teacher is away: both are time off in the document.
    "holidays": ("first", "last"),
    "time_off": ("from", "to"),
}
# More than the schema takes, and few enough to be shown.
MOST_ROWS = 1100

# Monday's times can be copied to the others of these.
WORKDAYS = tuple(str(day) for day in Weekday)[:5]

_NO_TIMES: TimesOfDay = {"start": "", "end": ""}
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", re.ASCII)


class Sent(Protocol):
    """What a browser sent."""

    def getlist(self, key: str) -> list[str]:
        """Return all values of one name."""


@dataclass(slots=True)
class Row:
    """What was typed into a row, and what is wrong with it, by column."""

    cells: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        """Tell whether nothing was typed.

        Such a row does not count.
        """
        return not any(self.cells.values())

    @property
    def messages(self) -> list[str]:
        """List what is wrong, each thing once."""
        return list(dict.fromkeys(self.errors.values()))

    def refuse(self, column: str, message: str) -> None:
        """Note what is wrong.

        An empty cell is just to be filled in.
        """
        if self.cells.get(column) == "":
            message = "Please choose a day." if column in ("date", "first") else "Please fill in both times."
        self.errors.setdefault(column, message)


class Sheet:
    """All rows of the form, by group.

    Times are those of the clock in `zone`; with another one the same times by the clock are meant.
    """

    def __init__(self, stored: AvailabilityDocument, zone: ZoneInfo) -> None:
        """Write what is stored into rows."""
        self.zone = zone
        # An untouched time stays the very instant that was stored, even if the clock shows it twice.
        self._instants: dict[tuple[str, str], str] = {}
        self._places: dict[tuple[str | int, ...], Row] = {}
        self.rows: dict[str, list[Row]] = {group: [] for group in COLUMNS}
        for day in Weekday:
            windows = [row for row in stored["weekly"] or () if row["weekday"] == day]
            self.rows[str(day)] = [Row(_cells(window)) for window in sorted(windows, key=_by_clock)]
        for each in stored["exceptions"]:
            of_day = sorted(each["windows"], key=_by_clock) or [_NO_TIMES]
            self.rows["exceptions"] += [Row({"date": each["date"], **_cells(times)}) for times in of_day]
        self.rows["exceptions"].sort(key=lambda row: (row.cells["date"], row.cells["start"]))
        for off in sorted(stored["time_off"], key=lambda off: off["from"]):
            if days := self._whole_days(off):
                self.rows["holidays"].append(Row(days))
            else:
                cells = {"from": self._shown("from", off["from"]), "to": self._shown("to", off["to"])}
                self.rows["time_off"].append(Row(cells))

    @property
    def has_problems(self) -> bool:
        """Tell whether something is wrong with any row."""
        return any(row.errors for rows in self.rows.values() for row in rows)

    def type(self, sent: Sent) -> None:
        """Take what was typed in place of what is stored."""
        for group, columns in COLUMNS.items():
            lists = [sent.getlist(f"{group}-{column}")[:MOST_ROWS] for column in columns]
            cells = zip(*lists, strict=False)
            self.rows[group] = [Row(dict(zip(columns, map(str.strip, row), strict=True))) for row in cells]

    def change(self, wish: str) -> None:
        """Add an empty row, take one away, or copy a day: "add:monday", "remove:monday:0", "copy:monday".

        A day is copied to the other working days. Anything else changes nothing.
        """
        what, _, rest = wish.partition(":")
        group, _, number = rest.partition(":")
        rows = self.rows.get(group)
        if rows is None:
            return
        if what == "copy" and group in WORKDAYS:
            for day in WORKDAYS:
                self.rows[day] = [Row(dict(row.cells)) for row in rows]
        elif what == "add":
            rows.append(Row(dict.fromkeys(COLUMNS[group], "")))
        elif what == "remove" and re.fullmatch(r"\d{1,4}", number, re.ASCII) and int(number) < len(rows):
            del rows[int(number)]

    def document(self) -> dict[str, object]:
        """Return the rows as the schema wants them, and remember their places."""
        self._places = {}
        return {"weekly": self._weekly(), "exceptions": self._exceptions(), "time_off": self._time_off()}

    def refuse(self, errors: Mapping[str, Any]) -> Mapping[str, Any]:
        """Show the schema's errors beside the rows.

        Return those that belong to none.
        """
        others = {}
        for name, found in errors.items():
            if name in ("weekly", "exceptions", "time_off") and isinstance(found, Mapping):
                _walk(found, (name,), self._refuse)
            else:
                others[name] = found
        return others

    def _refuse(self, path: tuple[str | int, ...], message: str) -> None:
        *place, column = path
        row = self._places[tuple(place)]
        where = "first" if "first" in row.cells else str(column)
        row.refuse(where, "The end has to be later." if column == "from" else message)

    def _weekly(self) -> list[dict[str, str]]:
        weekly: list[dict[str, str]] = []
        for day in Weekday:
            for row in _filled(self.rows[day]):
                self._places["weekly", len(weekly)] = row
                weekly.append({"weekday": str(day), **row.cells})
        return weekly

    def _exceptions(self) -> list[dict[str, object]]:
        """Gather the rows of each date.

        A date without times is a day off.
        """
        found: dict[str, list[dict[str, str]]] = {}
        for row in _filled(self.rows["exceptions"]):
            date = row.cells["date"]
            windows = found.setdefault(date, [])
            place = ("exceptions", list(found).index(date))
            self._places.setdefault(place, row)
            if times := {name: text for name, text in row.cells.items() if name != "date" and text}:
                self._places[(*place, "windows", len(windows))] = row
                windows.append(_cells(_NO_TIMES) | times)
        for row in _filled(self.rows["exceptions"]):
            if found[row.cells["date"]] and not (row.cells["start"] or row.cells["end"]):
                row.refuse("date", "Another row has times for this date, so it is no day off.")
        return [{"date": date, "windows": windows} for date, windows in found.items()]

    def _time_off(self) -> list[dict[str, str]]:
        spans: list[dict[str, str]] = []
        for row in _filled(self.rows["holidays"]):
            self._places["time_off", len(spans)] = row
            spans.append(self._days_off(row))
        for row in _filled(self.rows["time_off"]):
            self._places["time_off", len(spans)] = row
            spans.append({name: self._instant(row, name) for name in row.cells})
        return spans

    def _days_off(self, row: Row) -> dict[str, str]:
        """Find the instants with which days off begin and end.

        Without a last day it is one day.
        """
        try:
            first, last = (date.fromisoformat(row.cells[name] or row.cells["first"]) for name in ("first", "last"))
            if not FIRST_YEAR < first.year <= last.year < LAST_YEAR:
                raise ValueError
        except ValueError:
            row.refuse("first", "Please choose the first and the last day.")
            return {"from": "", "to": ""}
        begins, ends = day_bounds(first, self.zone)[0], day_bounds(last, self.zone)[1]
        return {"from": begins.isoformat(), "to": ends.isoformat()}

    def _whole_days(self, off: TimeOff) -> dict[str, str] | None:
        """Return the first and the last day of some time off.

        None if it does not begin and end at midnight.
        """
        begins, ends = _within_reach(off["from"]), _within_reach(off["to"])
        first, last = local_day(begins, self.zone), local_day(ends - timedelta.resolution, self.zone)
        if (begins, ends) != (day_bounds(first, self.zone)[0], day_bounds(last, self.zone)[1]):
            return None
        return {"first": first.isoformat(), "last": last.isoformat()}

    def _instant(self, row: Row, name: str) -> str:
        """Find the instant that a cell means.

        If it has none, the schema gets the text and refuses that.
        """
        text = row.cells[name]
        if kept := self._instants.get((name, text)):
            return kept
        try:
            local = datetime.fromisoformat(text) if _LOCAL.fullmatch(text) else None
        except ValueError:
            local = None
        if local is None or not FIRST_YEAR < local.year < LAST_YEAR:
            row.refuse(name, "Please choose a day and a time.")
            return text
        found = resolve(local, self.zone).instant if name == "from" else resolve_end(local, self.zone)
        return found.isoformat()

    def _shown(self, name: str, stored: str) -> str:
        instant = _within_reach(stored)
        local = instant.astimezone(self.zone).replace(tzinfo=None)
        text = local.isoformat(timespec="seconds" if local.second else "minutes")
        self._instants[name, text] = instant.isoformat()
        return text


def _within_reach(stored: str) -> datetime:
    """Read an instant so that every zone has a clock time for it.

    Documents of older versions have instants of any year.
    """
    first, last = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR, 12, 31, 23, 59, 59, tzinfo=UTC)
    return min(max(datetime.fromisoformat(stored), first), last)


def tidy(document: AvailabilityDocument) -> AvailabilityDocument:
    """Return a document with its times in order, those that overlap as one."""
    weekly = document["weekly"]
    if weekly is not None:
        by_day = {day: merged_windows(row for row in weekly if row["weekday"] == day) for day in map(str, Weekday)}
        weekly = [{"weekday": day, **window} for day, windows in by_day.items() for window in windows]
    exceptions: list[ExceptionalDay] = [
        {"date": each["date"], "windows": merged_windows(each["windows"])} for each in document["exceptions"]
    ]
    return {**document, "weekly": weekly, "exceptions": exceptions}


def _by_clock(times: TimesOfDay) -> tuple[str, str]:
    return times["start"], times["end"]


def _cells(times: TimesOfDay) -> dict[str, str]:
    # Browsers know no 24:00, and an end at 00:00 is the same.
    return {"start": times["start"], "end": "00:00" if times["end"] == "24:00" else times["end"]}


def _filled(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if not row.is_blank]


def _walk(found: Any, path: tuple[str | int, ...], see: Callable[[tuple[str | int, ...], str], None]) -> None:
    """Show every message of nested errors with the path to it."""
    if isinstance(found, Mapping):
        for name, inner in found.items():
            _walk(inner, (*path, name), see)
    else:
        see(path, " ".join(found))

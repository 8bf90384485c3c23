"""The rows in which teachers type their times.

A stored document becomes rows, and rows become a document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from schedule.times.rules import (
    MINUTES_OF_DAY,
    AvailabilityDocument,
    ExceptionalDay,
    TimesOfDay,
    Weekday,
    merged_windows,
    read_window,
)
from schedule.times.wall_time import resolve, resolve_end

# What each group of rows has.
COLUMNS: dict[str, tuple[str, ...]] = {
    **{str(day): ("start", "end") for day in Weekday},
    "exceptions": ("date", "start", "end"),
    "time_off": ("from", "to"),
}
# More than the schema takes, and few enough to be shown.
MOST_ROWS = 1100

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
            message = "Please choose a day." if column == "date" else "Please fill in both times."
        self.errors.setdefault(column, message)


class Sheet:
    """All rows of the form, by group.

    Times are those of the clock in `zone`.
    """

    def __init__(self, stored: AvailabilityDocument, zone: ZoneInfo) -> None:
        """Write what is stored into rows."""
        self._zone = zone
        # An untouched time stays the very instant that was stored, even if the clock shows it twice.
        self._instants: dict[tuple[str, str], str] = {}
        self._places: dict[tuple[str | int, ...], Row] = {}
        self.rows: dict[str, list[Row]] = {group: [] for group in COLUMNS}
        for day in Weekday:
            windows = merged_windows(row for row in stored["weekly"] or () if row["weekday"] == day)
            self.rows[str(day)] = [Row(_cells(window)) for window in windows]
        for each in stored["exceptions"]:
            windows = merged_windows(each["windows"]) or [_NO_TIMES]
            self.rows["exceptions"] += [Row({"date": each["date"], **_cells(times)}) for times in windows]
        self.rows["exceptions"].sort(key=lambda row: (row.cells["date"], row.cells["start"]))
        self.rows["time_off"] = [
            Row({"from": self._shown("from", each["from"]), "to": self._shown("to", each["to"])})
            for each in stored["time_off"]
        ]

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
        """Add an empty row, or take one away: "add:monday", "remove:monday:0".

        Anything else changes nothing.
        """
        what, _, rest = wish.partition(":")
        group, _, number = rest.partition(":")
        rows = self.rows.get(group)
        if rows is None:
            return
        if what == "add":
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
        self._places[tuple(place)].refuse(str(column), "The end has to be later." if column == "from" else message)

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
        for row in _filled(self.rows["time_off"]):
            self._places["time_off", len(spans)] = row
            spans.append({name: self._instant(row, name) for name in row.cells})
        return spans

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
        if local is None:
            row.refuse(name, "Please choose a day and a time.")
            return text
        found = resolve(local, self._zone).instant if name == "from" else resolve_end(local, self._zone)
        return found.isoformat()

    def _shown(self, name: str, stored: str) -> str:
        local = datetime.fromisoformat(stored).astimezone(self._zone).replace(tzinfo=None)
        text = local.isoformat(timespec="seconds" if local.second else "minutes")
        self._instants[name, text] = stored
        return text


def tidy(document: AvailabilityDocument) -> AvailabilityDocument:
    """Return a document with its times in order, those that touch or overlap as one."""
    weekly = document["weekly"]
    if weekly is not None:
        by_day = {day: merged_windows(row for row in weekly if row["weekday"] == day) for day in map(str, Weekday)}
        weekly = [{"weekday": day, **window} for day, windows in by_day.items() for window in windows]
    exceptions: list[ExceptionalDay] = [
        {"date": each["date"], "windows": merged_windows(each["windows"])} for each in document["exceptions"]
    ]
    return {**document, "weekly": weekly, "exceptions": exceptions}


def number_of_times(document: AvailabilityDocument) -> int:
    """Count the rows with times of a document."""
    return len(document["weekly"] or ()) + sum(len(each["windows"]) for each in document["exceptions"])


def long_nights(document: AvailabilityDocument) -> list[str]:
    """Describe the times that run through a night and last over half a day."""
    # Mostly such a time is a slip.
    named: list[tuple[str, TimesOfDay]] = [(row["weekday"].title(), row) for row in document["weekly"] or ()]
    named += [(each["date"], row) for each in document["exceptions"] for row in each["windows"]]
    found = ((name, row, read_window(row["start"], row["end"])) for name, row in named)
    return [
        f"{name}, {row['start']}–{row['end']} runs through the night: {_hours(window.end - window.start)}."
        for name, row, window in found
        if window.end > MINUTES_OF_DAY and window.end - window.start > MINUTES_OF_DAY // 2
    ]


def _cells(times: TimesOfDay) -> dict[str, str]:
    return {"start": times["start"], "end": times["end"]}


def _hours(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours} hours" + (f" and {rest} minutes" if rest else "")


def _filled(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if not row.is_blank]


def _walk(found: Any, path: tuple[str | int, ...], see: Callable[[tuple[str | int, ...], str], None]) -> None:
    """Show every message of nested errors with the path to it."""
    if isinstance(found, Mapping):
        for name, inner in found.items():
            _walk(inner, (*path, name), see)
    else:
        see(path, " ".join(found))

"""The rows in which teachers type their times: from a stored document to rows, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from schedule.rules import Weekday
from schedule.wall_time import resolve, resolve_end

# What each group of rows has.
COLUMNS: dict[str, tuple[str, ...]] = {
    **{str(day): ("start", "end") for day in Weekday},
    "exceptions": ("date", "start", "end"),
    "time_off": ("from", "to"),
}
# More than the schema takes, and few enough to be shown.
MOST_ROWS = 1100

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
        """Tell whether nothing was typed; such a row does not count."""
        return not any(self.cells.values())

    @property
    def messages(self) -> list[str]:
        """List what is wrong, each thing once."""
        return list(dict.fromkeys(self.errors.values()))

    def refuse(self, column: str, message: str) -> None:
        """Note what is wrong; an empty cell is just to be filled in."""
        if self.cells.get(column) == "":
            message = "Please choose a day." if column == "date" else "Please fill in both times."
        self.errors.setdefault(column, message)


class Sheet:
    """All rows of the form, by group. Times are those of the clock in `zone`."""

    def __init__(self, stored: Mapping[str, Any], zone: ZoneInfo) -> None:
        """Write what is stored into rows."""
        self._zone = zone
        # An untouched time stays the very instant that was stored, even if the clock shows it twice.
        self._instants: dict[tuple[str, str], str] = {}
        self._places: dict[tuple[str | int, ...], Row] = {}
        self.rows: dict[str, list[Row]] = {group: [] for group in COLUMNS}
        for window in stored["weekly"] or ():
            self.rows[window["weekday"]].append(Row(_times(window)))
        for each in stored["exceptions"]:
            windows = [_times(window) for window in each["windows"]] or [{"start": "", "end": ""}]
            self.rows["exceptions"] += [Row({"date": each["date"], **times}) for times in windows]
        self.rows["exceptions"].sort(key=lambda row: (row.cells["date"], row.cells["start"]))
        self.rows["time_off"] = [
            Row({name: self._shown(name, each[name]) for name in each}) for each in stored["time_off"]
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
        """Add an empty row, or take one away: "add:monday", "remove:monday:0"; anything else changes nothing."""
        what, _, rest = wish.partition(":")
        group, _, number = rest.partition(":")
        rows = self.rows.get(group)
        if rows is None:
            return
        if what == "add":
            rows.append(Row(dict.fromkeys(COLUMNS[group], "")))
        elif what == "remove" and re.fullmatch(r"\d{1,4}", number, re.ASCII) and int(number) < len(rows):
            del rows[int(number)]

    def document(self) -> dict[str, Any]:
        """Return what the rows say as the schema wants it, and remember which row says what."""
        self._places = {}
        return {"weekly": self._weekly(), "exceptions": self._exceptions(), "time_off": self._time_off()}

    def refuse(self, errors: Mapping[str, Any]) -> dict[str, Any]:
        """Show the schema's errors beside the rows; return those that belong to none."""
        others: dict[str, Any] = {}
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

    def _exceptions(self) -> list[dict[str, Any]]:
        """Gather the rows of each date; a date without times is a day off."""
        found: dict[str, list[dict[str, str]]] = {}
        for row in _filled(self.rows["exceptions"]):
            date = row.cells["date"]
            windows = found.setdefault(date, [])
            place = ("exceptions", list(found).index(date))
            self._places.setdefault(place, row)
            if times := {name: text for name, text in row.cells.items() if name != "date" and text}:
                self._places[(*place, "windows", len(windows))] = row
                windows.append({"start": "", "end": ""} | times)
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
        """Find the instant that a cell means; if it has none, the schema gets the text and refuses that."""
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


def _times(window: Mapping[str, str]) -> dict[str, str]:
    """Write 24:00 as browsers have it; as an end it means the same."""
    return {"start": window["start"], "end": "00:00" if window["end"] == "24:00" else window["end"]}


def _filled(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if not row.is_blank]


def _walk(found: Any, path: tuple[str | int, ...], see: Callable[[tuple[str | int, ...], str], None]) -> None:
    """Show every message of nested errors with the path to it."""
    if isinstance(found, Mapping):
        for name, inner in found.items():
            _walk(inner, (*path, name), see)
    else:
        see(path, " ".join(found))

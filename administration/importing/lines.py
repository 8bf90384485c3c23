"""Read a CSV file that a person or a spreadsheet has written, and say what each of its lines is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from marshmallow import ValidationError
from marshmallow.fields import Field, Integer

from web.csv_files import refusal, rows_of, text_of
from web.csv_text import harmless
from web.fields import flat

# All of a file is one transaction, for which other writers wait on SQLite.
MOST_LINES = 500
MOST_BYTES = 256 * 1024
_DELIMITERS = ",;\t"
_IN_A_SHEET = {
    Field.default_error_messages["required"]: "This is missing.",
    Integer.default_error_messages["invalid"]: "Write a whole number.",
}


class Kind(StrEnum):
    """What becomes of a line, or would become of it."""

    NEW = "new"
    EXISTS = "exists"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file, by the names of its columns.

    It is `too_long` if it has something beyond the last of them.
    """

    number: int
    values: Mapping[str, str]
    too_long: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The lines of a file, and the names of columns that nobody needs."""

    lines: list[Line]
    ignored: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What a line says, what becomes of it, and what is wrong with it, by column.

    `made` is what the line is about, for those that are new.
    """

    line: Line
    kind: Kind
    shown: str
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    made: Any = None


def table_of(content: bytes, known: Mapping[str, str], required: tuple[str, ...]) -> Table:
    """Read a file whose first line names its columns, of which `known` are understood.

    Encoding and delimiter are recognised. Raises Invalid if it is no such file, or too long a one.
    """
    # What a browser sends once more has longer ends of lines than the file that was chosen.
    text = text_of(content).replace("\r\n", "\n")
    if len(text.encode()) > MOST_BYTES:
        raise refusal(f"This file is too long: at most {MOST_BYTES // 1024} KB are read at once.")
    found = max((rows_of(text, delimiter) for delimiter in _DELIMITERS), key=lambda it: len(_names(it.read, known)))
    found.require_whole()
    rows, names = found.read, _names(found.read, known)
    if missing := [name for name in required if name not in names.values()]:
        raise refusal(f"The first line has to name these columns: {', '.join(missing)}.")
    width = len(rows[0][1])
    lines = [_line(number, row, names, width) for number, row in rows[1:] if any(cell.strip() for cell in row)]
    if len(lines) > MOST_LINES:
        raise refusal(f"This file has {len(lines)} lines: at most {MOST_LINES} are imported at once.")
    return Table(lines, [cell for place, cell in enumerate(rows[0][1]) if cell.strip() and place not in names])


def _names(rows: list[tuple[int, list[str]]], known: Mapping[str, str]) -> dict[int, str]:
    """Say which place has which column: of two with one meaning the first."""
    found: dict[int, str] = {}
    for place, cell in enumerate(rows[0][1] if rows else ()):
        name = known.get(cell.strip().lower().replace(" ", "_").replace("-", "_"))
        if name and name not in found.values():
            found[place] = name
    return found


def _line(number: int, row: list[str], names: Mapping[int, str], width: int) -> Line:
    cells = ((name, _plain(row[place])) for place, name in names.items() if place < len(row))
    return Line(number, {name: cell for name, cell in cells if cell}, too_long=any(map(str.strip, row[width:])))


def _plain(cell: str) -> str:
    """Take away the apostrophe with which a text is kept from being a formula, as our own files have it."""
    text = cell.strip()
    return text[1:] if text.startswith("'") and harmless(text[1:]) == text else text


def problems(error: ValidationError) -> dict[str, list[str]]:
    """Return what is wrong with a line, by column, in words for somebody who has filled in a sheet."""
    return {
        name: [_IN_A_SHEET.get(words, words) for words in dict.fromkeys(flat(said))]
        for name, said in error.normalized_messages().items()
    }


def as_long_as_its_heading(one: Planned) -> Planned:
    """Call a line wrong that has more cells than the first one: its cells may stand in the wrong columns."""
    if not one.line.too_long:
        return one
    words = "This has more cells than the first line. Put a text with commas or semicolons in quotation marks."
    return replace(one, kind=Kind.INVALID, errors={**one.errors, "line": [words]})

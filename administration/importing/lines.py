"""Read a CSV file that a person or a spreadsheet has written, and say what each of its lines is."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from marshmallow import ValidationError
from marshmallow.fields import Field

from errors import Invalid
from payments.bank.reading import text_of
from web.csv_text import harmless

# All of a file is one transaction, for which other writers wait on SQLite.
MOST_LINES = 500
MOST_BYTES = 256 * 1024
_DELIMITERS = ",;\t"


class Kind(StrEnum):
    """What becomes of a line, or would become of it."""

    NEW = "new"
    EXISTS = "exists"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file, by the names of its columns."""

    number: int
    values: Mapping[str, str]


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
    if len(content) > MOST_BYTES:
        raise _refusal(f"This file is too long: at most {MOST_BYTES // 1024} KB are read at once.")
    text = text_of(content)
    rows = max((list(_rows(text, delimiter)) for delimiter in _DELIMITERS), key=lambda it: len(_names(it, known)))
    names = _names(rows, known)
    if missing := [name for name in required if name not in names.values()]:
        raise _refusal(f"The first line has to name these columns: {', '.join(missing)}.")
    lines = [_line(number, row, names) for number, row in rows[1:] if any(cell.strip() for cell in row)]
    if len(lines) > MOST_LINES:
        raise _refusal(f"This file has {len(lines)} lines: at most {MOST_LINES} are imported at once.")
    return Table(lines, [cell for place, cell in enumerate(rows[0][1]) if cell.strip() and place not in names])


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error:
        return


def _names(rows: list[tuple[int, list[str]]], known: Mapping[str, str]) -> dict[int, str]:
    """Say which place has which column: of two with one meaning the first."""
    found: dict[int, str] = {}
    for place, cell in enumerate(rows[0][1] if rows else ()):
        name = known.get(cell.strip().lower().replace(" ", "_").replace("-", "_"))
        if name and name not in found.values():
            found[place] = name
    return found


def _line(number: int, row: list[str], names: Mapping[int, str]) -> Line:
    cells = ((name, _plain(row[place])) for place, name in names.items() if place < len(row))
    return Line(number, {name: cell for name, cell in cells if cell})


def _plain(cell: str) -> str:
    """Take away the apostrophe with which a text is kept from being a formula, as our own files have it."""
    text = cell.strip()
    return text[1:] if text.startswith("'") and harmless(text[1:]) == text else text


def problems(error: ValidationError) -> dict[str, list[str]]:
    """Return what is wrong with a line, by column, in words for somebody who has filled in a sheet."""
    found: dict[str, list[str]] = error.normalized_messages()
    required = Field.default_error_messages["required"]
    return {name: ["This is missing." if it == required else it for it in said] for name, said in found.items()}


def _refusal(words: str) -> Invalid:
    return Invalid({"file": [words]})
